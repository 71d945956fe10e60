"""The maintained figures behind the picture: columns of numbers, one segment per week.

``incidents.WeekChange`` holds, for every week, the last change that touched it. A segment remembers
the change it was made from; where the two differ the segment is stale and made anew, set-based.
Each process keeps all segments joined in memory and renews only the weeks that changed.

The order makes this safe beside writers: the change is read before the incidents, so a segment can
be newer than its number (and is then made once more) but never older.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, ExtractHour, ExtractIsoWeekDay
from numpy.typing import NDArray

from samverkan.domain.incidents.api import Incident
from samverkan.foundation import clock

from . import packing
from . import spans as spans_of
from .counting import Facts
from .models import FactSegment
from .packing import COLUMNS, KINDS, NO_HOUR, OBSERVATIONS, PRECISIONS, SLOTS_PER_DAY, Column

#: Weeks whose segments are made by one statement.
_BATCH = 26
_LOCK = 0x50494354  # "PICT"


@dataclass
class _Held:
    changes: dict[int, int]
    facts: Facts


_held: _Held | None = None
_joining = threading.Lock()


def current() -> Facts:
    """The figures as the database is now. One question when nothing has changed since the last time."""
    global _held
    states = _states()
    held = _held
    if held is not None and held.changes == {week: change for week, (change, _made) in states.items()}:
        return held.facts
    stale = [week for week, (change, made) in states.items() if change != made]
    if stale:
        refresh(stale)
        states = _states()
    with _joining:
        _held = _join(_held, {week: made for week, (_change, made) in states.items() if made is not None})
        return _held.facts


def forget() -> None:
    """Let go of what this process holds in memory."""
    global _held
    _held = None


def _states() -> dict[int, tuple[int, int | None]]:
    """Week → its last change and the change its segment was made from."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.week, w.change, s.change FROM incidents_weekchange w "
            "LEFT JOIN picture_factsegment s ON s.week = w.week ORDER BY w.week"
        )
        return {week: (change, made) for week, change, made in cursor.fetchall()}


def stale_weeks() -> list[int]:
    """Weeks whose segments are missing or older than their incidents."""
    return [week for week, (change, made) in _states().items() if change != made]


def refresh(weeks: Sequence[int] | None = None) -> int:
    """Make the segments of stale weeks anew. Returns how many were made."""
    wanted = sorted(stale_weeks() if weeks is None else weeks)
    made = 0
    for start in range(0, len(wanted), _BATCH):
        made += _make(wanted[start : start + _BATCH])
    return made


def _make(weeks: list[int]) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One maker at a time: another process that wants the same weeks finds them made.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute(
                "SELECT w.week, w.change FROM incidents_weekchange w LEFT JOIN picture_factsegment s ON s.week = w.week "
                "WHERE w.week = ANY(%s) AND s.change IS DISTINCT FROM w.change",
                [weeks],
            )
            changes: dict[int, int] = dict(cursor.fetchall())
        if not changes:
            return 0
        columns = read_columns(Incident.objects.filter(week__in=list(changes), is_digest=False))
        week = columns.pop("week")
        order = np.argsort(week, kind="stable")
        week = week[order]
        columns = {name: column[order] for name, column in columns.items()}
        spans = spans_of.spread(
            Incident.objects.filter(week__in=list(changes), time_precision="span", is_digest=False)
            .filter(ended_at__gt=F("started_at"))
            .values_list("pk", "started_at", "ended_at")
        )
        segments = []
        for number, change in changes.items():
            low, high = np.searchsorted(week, [number, number + 1])
            part = {name: column[low:high] for name, column in columns.items()}
            segments.append(
                FactSegment(
                    week=number,
                    change=change,
                    rows=int(high - low),
                    packed=packing.pack(part),
                    spans=spans_of.placed(spans, part["id"]).tobytes(),
                )
            )
        FactSegment.objects.bulk_create(
            segments, update_conflicts=True, unique_fields=["week"], update_fields=["change", "rows", "packed", "spans"]
        )
    return len(segments)


def _code(field: str, names: Iterable[str]) -> Combinable:
    return Case(
        *(When(**{field: name}, then=Value(number)) for number, name in enumerate(names)),
        default=Value(0),
        output_field=IntegerField(),
    )


def _expressions() -> dict[str, Any]:
    day = Cast(ExtractIsoWeekDay("started_at", tzinfo=clock.STOCKHOLM), IntegerField()) - 1
    # A span longer than an hour says nothing of the hour.
    short = Q(time_precision="minute") | Q(
        time_precision="span", ended_at__lte=F("started_at") + Value(timedelta(hours=1))
    )
    hour = Case(
        When(short, then=Cast(ExtractHour("started_at", tzinfo=clock.STOCKHOLM), IntegerField())),
        default=Value(NO_HOUR),
        output_field=IntegerField(),
    )
    plain: dict[str, Combinable] = {
        "week": F("week"),
        "id": F("pk"),
        "category": F("category_id"),
        "area": Coalesce("area_id", 0),
        "source": F("source_id"),
        "kind": _code("kind", KINDS),
        "municipality": Coalesce("municipality_id", 0),
        "slot": day * SLOTS_PER_DAY + hour,
        "hexagon": Coalesce("hexagon", 0),
        "precision": _code("precision", PRECISIONS),
        "seriousness": Coalesce("seriousness", 0),
        "observation": _code("observation", OBSERVATIONS),
    }
    return {f"fact_{name}": Cast(value, IntegerField()) for name, value in plain.items()}


def read_columns(incidents: QuerySet[Incident]) -> dict[str, Column]:
    """The columns of any incidents, straight from the database in binary. Also holds ``week``."""
    expressions = _expressions()
    query = incidents.order_by().annotate(**expressions).values_list(*expressions)
    sql, parameters = query.query.sql_with_params()
    row = np.dtype(
        [("fields", ">i2"), *((n, t) for name in expressions for n, t in ((f"{name}_size", ">i4"), (name, ">i4")))]
    )
    with connection.cursor() as cursor:  # noqa: SIM117 (the inner one needs the outer's mogrify)
        # COPY takes no parameters from the server's side; mogrify quotes them as psycopg does.
        with cursor.copy(f"COPY ({cursor.mogrify(sql, parameters)}) TO STDOUT (FORMAT BINARY)") as copy:
            data = b"".join(copy)
    # 19 bytes of signature, flags and extension length before; the trailer is two bytes.
    table = np.frombuffer(data, row, (len(data) - 21) // row.itemsize, 19)
    return {name.removeprefix("fact_"): table[name].astype(np.int32) for name in expressions}


def ids_of(incidents: QuerySet[Incident]) -> NDArray[np.int32]:
    """The keys of any incidents, as one value: for filters that the columns do not hold."""
    sql, parameters = incidents.order_by().values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(int4send(found.pk::int4), ''::bytea) FROM ({sql}) AS found(pk)", parameters)  # noqa: S608 (Django wrote the query)
        (packed,) = cursor.fetchone()
    return np.frombuffer(packed or b"", ">i4").astype(np.int32)


def _number(known: NDArray[np.int64], hexagons: Column) -> tuple[NDArray[np.int64], Column]:
    """Number hexagons by their place in ``known`` (0 first), which grows at its end."""
    found, inverse = np.unique(hexagons, return_inverse=True)
    found = found.astype(np.int64)
    order = np.argsort(known[1:], kind="stable") + 1
    place = np.searchsorted(known[order], found)
    numbers = np.zeros(len(found), np.int64)
    if order.size:
        candidate = order[np.minimum(place, len(order) - 1)]
        numbers = np.where(known[candidate] == found, candidate, 0)
    fresh = (numbers == 0) & (found != 0)
    numbers[fresh] = np.arange(fresh.sum()) + len(known)
    return np.concatenate([known, found[fresh]]), numbers[inverse]


def _join(held: _Held | None, changes: dict[int, int]) -> _Held:
    """The held columns with the weeks that changed read anew."""
    old = held.changes if held else {}
    wanted = [week for week, change in changes.items() if old.get(week) != change]
    known = held.facts.hexagons if held else np.zeros(1, np.int64)
    parts: dict[int, dict[str, Column]] = {}
    read: dict[int, int] = {}
    spans: dict[int, spans_of.Spans] = {}
    if held:
        where = {int(week): k for k, week in enumerate(held.facts.weeks)}
        for week in changes:
            if week in where and week not in wanted:
                low, high = held.facts.offsets[where[week]], held.facts.offsets[where[week] + 1]
                parts[week] = {name: column[low:high] for name, column in held.facts.columns.items()}
                read[week] = old[week]
                a, b = np.searchsorted(held.facts.spans[:, 0], [low, high])
                spans[week] = held.facts.spans[a:b] - np.array([low, 0, 0], np.int64)
    segments = FactSegment.objects.all() if not held else FactSegment.objects.filter(week__in=wanted)
    for segment in segments.iterator(chunk_size=50):
        if segment.week not in changes:
            continue
        columns = packing.unpack(segment.packed, segment.rows)
        known, columns["hexagon"] = _number(known, columns["hexagon"])
        columns["hexagon"] = packing.narrow(columns["hexagon"])
        parts[segment.week] = columns
        read[segment.week] = segment.change
        spans[segment.week] = np.frombuffer(bytes(segment.spans), np.int64).reshape(-1, 3)
    weeks = sorted(parts)
    sizes = [len(parts[week]["kind"]) for week in weeks]
    joined: dict[str, Column] = {}
    for name in COLUMNS:
        pieces = [parts[week].pop(name) for week in weeks]
        joined[name] = np.concatenate(pieces) if pieces else np.zeros(0, np.uint8)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    beside = [spans[week] + np.array([at, 0, 0], np.int64) for week, at in zip(weeks, offsets[:-1], strict=True)]
    return _Held(
        read,
        Facts(np.array(weeks, np.int64), offsets, joined, known, np.concatenate([spans_of.none(), *beside])),
    )
