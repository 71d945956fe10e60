# ruff: noqa: S608 (the statements are put together from the constants of this file, never from input)
"""Writes incidents set-based: staged rows become new incidents, new versions, or nothing.

The rules, the same for a report of one row and a file of a million:

- An external identity unknown to the source is a new incident (or a new digest).
- The same content as the current row changes nothing; only the time of the latest observation
  moves on, so that a later old observation is known to be old.
- Different content observed at the same time or later replaces the current row, which goes to the
  history.
- Different content observed earlier goes to the history and never replaces the current row;
  what the history already tells is no new version.
- The history has each text once, with the first time it was seen: every text but the current one, and
  the current one too where another was seen after it first was. So it is the same in whatever order
  observations come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from samverkan.foundation import clock

#: Columns of a staged row, in order, with their types. The function incidents_stage makes the table: the web
#: server's role may make no temporary one itself.
STAGE = (
    ("seq", "integer"), ("round", "integer"), ("external_id", "text"), ("content_hash", "bytea"),
    ("observed_at", "timestamptz"), ("controller_id", "bigint"), ("kind", "text"), ("category_id", "bigint"),
    ("title", "text"), ("description", "text"), ("url", "text"), ("observation", "text"), ("seriousness", "smallint"),
    ("trend", "text"), ("is_digest", "boolean"), ("started_at", "timestamptz"), ("ended_at", "timestamptz"),
    ("time_precision", "text"), ("week", "smallint"), ("precision", "text"), ("x", "double precision"),
    ("y", "double precision"), ("radius_m", "integer"), ("hexagon", "integer"), ("area_id", "bigint"),
    ("place_id", "bigint"), ("municipality_id", "bigint"), ("organisation_id", "bigint"), ("published_at", "timestamptz"),
)  # fmt: skip
#: An identity that recurs more often than this in one chunk makes each round's search worth an index.
MANY_ROUNDS = 20
_CONTENT = [name for name, _type in STAGE if name not in {"seq", "round", "external_id", "content_hash", "observed_at"}]
#: What a version in the history tells.
VERSIONED = (
    "kind",
    "category_id",
    "title",
    "description",
    "url",
    "observation",
    "seriousness",
    "trend",
    "is_digest",
    "started_at",
    "ended_at",
    "time_precision",
    "precision",
    "x",
    "y",
    "radius_m",
    "area_id",
    "place_id",
    "municipality_id",
    "published_at",
)

# A lookup per row through the unique index: before the table's statistics are fresh, a join would
# be planned as if a source had a few rows and cost the square of its size.
_FIND = """
UPDATE incident_stage s SET incident_id = (
    SELECT i.id FROM incidents_incident i WHERE i.source_id = %(source)s AND i.external_id = s.external_id)
WHERE s.round = %(round)s
"""
# A staged row that found no incident becomes one; by that it is counted afterwards, and nothing is marked in it.
_INSERT = f"""
INSERT INTO incidents_incident (public_id, source_id, external_id, content_hash, observed_at, version, created_at, changed_at, {", ".join(_CONTENT)})
SELECT gen_random_uuid(), %(source)s, s.external_id, s.content_hash, s.observed_at, 1, %(now)s, %(now)s, {", ".join("s." + c for c in _CONTENT)}
FROM incident_stage s
WHERE s.round = %(round)s AND s.incident_id IS NULL
ORDER BY s.seq
"""
# What a person has corrected was not said by the source from the first time on: it keeps the last one only.
_SEEN_AGAIN = """
UPDATE incidents_incident i SET observed_at = GREATEST(i.observed_at, s.observed_at),
    first_observed_at = CASE
        WHEN EXISTS (SELECT 1 FROM incidents_incidentversion e WHERE e.incident_id = i.id AND e.edited_at IS NOT NULL)
        THEN i.first_observed_at ELSE LEAST(i.first_observed_at, i.observed_at, s.observed_at) END
FROM incident_stage s
WHERE s.round = %(round)s AND s.outcome IS NULL AND i.id = s.incident_id AND i.content_hash = s.content_hash
  AND (s.observed_at > i.observed_at OR s.observed_at < COALESCE(i.first_observed_at, i.observed_at))
"""
# A text that the history has: when it was first seen, and last while another was current. What a person
# replaced is a version of its own.
_WIDEN_HISTORY = """
UPDATE incidents_incidentversion v SET observed_at = LEAST(v.observed_at, s.observed_at),
    last_observed_at = GREATEST(v.last_observed_at, v.observed_at, s.observed_at)
FROM incident_stage s JOIN incidents_incident i ON i.id = s.incident_id
WHERE s.round = %(round)s AND s.outcome IS NULL AND v.incident_id = i.id AND v.content_hash = s.content_hash
  AND v.edited_at IS NULL AND s.observed_at <= i.observed_at
  AND (s.observed_at < v.observed_at OR s.observed_at > COALESCE(v.last_observed_at, v.observed_at))
"""
# Unchanged: equal to the current row, or an older observation of what the history already tells.
# Neighbours in time would not do: an observation that was absorbed by an equal one leaves no trace of
# its time, and would come back as a version when the same file is imported again.
_UNCHANGED = """
UPDATE incident_stage s SET outcome = 'U'
FROM incidents_incident i
WHERE s.round = %(round)s AND s.outcome IS NULL AND i.id = s.incident_id
  AND (i.content_hash = s.content_hash
       OR s.observed_at <= i.observed_at AND EXISTS (
            SELECT 1 FROM incidents_incidentversion v
            WHERE v.incident_id = i.id AND v.content_hash = s.content_hash))
"""


def _json(alias: str) -> str:
    return "jsonb_strip_nulls(jsonb_build_object(" + ", ".join(f"'{c}', {alias}.{c}" for c in VERSIONED) + "))"


_HISTORY_OF_OLD = f"""
INSERT INTO incidents_incidentversion (incident_id, observed_at, content_hash, content, recorded_at)
SELECT i.id, s.observed_at, s.content_hash, {_json("s")}, %(now)s
FROM incident_stage s JOIN incidents_incident i ON i.id = s.incident_id
WHERE s.round = %(round)s AND s.outcome IS NULL AND s.observed_at < i.observed_at
ON CONFLICT DO NOTHING
"""
_MARK_OLD = """
UPDATE incident_stage s SET outcome = 'O' FROM incidents_incident i
WHERE s.round = %(round)s AND s.outcome IS NULL AND i.id = s.incident_id AND s.observed_at < i.observed_at
"""
_KNOWN = (
    "SELECT 1 FROM incidents_incidentversion v "
    "WHERE v.incident_id = i.id AND v.content_hash = i.content_hash AND v.edited_at IS NULL"
)
_HISTORY_OF_CURRENT = f"""
WITH replaced AS (
    SELECT DISTINCT i.id FROM incident_stage s JOIN incidents_incident i ON i.id = s.incident_id
    WHERE s.round = %(round)s AND s.outcome IS NULL),
widened AS (
    UPDATE incidents_incidentversion v SET observed_at = LEAST(v.observed_at, i.first_observed_at, i.observed_at),
        last_observed_at = GREATEST(v.last_observed_at, v.observed_at, i.observed_at)
    FROM incidents_incident i
    WHERE i.id IN (SELECT id FROM replaced) AND v.incident_id = i.id AND v.content_hash = i.content_hash
      AND v.edited_at IS NULL)
INSERT INTO incidents_incidentversion (incident_id, observed_at, last_observed_at, content_hash, content, recorded_at)
SELECT i.id, COALESCE(i.first_observed_at, i.observed_at), i.observed_at, i.content_hash, {_json("i")}, %(now)s
FROM incidents_incident i
WHERE i.id IN (SELECT id FROM replaced) AND NOT EXISTS ({_KNOWN})
ON CONFLICT DO NOTHING
"""
# The current text came before another one and has returned: it is in the history too.
_HISTORY_OF_RETURNED = f"""
INSERT INTO incidents_incidentversion (incident_id, observed_at, content_hash, content, recorded_at)
SELECT i.id, COALESCE(i.first_observed_at, i.observed_at), i.content_hash, {_json("i")}, %(now)s
FROM incidents_incident i
WHERE i.id IN (SELECT s.incident_id FROM incident_stage s WHERE s.round = %(round)s)
  AND NOT EXISTS ({_KNOWN})
  AND EXISTS (SELECT 1 FROM incidents_incidentversion o
              WHERE o.incident_id = i.id AND o.content_hash <> i.content_hash AND o.edited_at IS NULL
                AND COALESCE(o.last_observed_at, o.observed_at) > COALESCE(i.first_observed_at, i.observed_at))
ON CONFLICT DO NOTHING
"""
_REPLACE = f"""
WITH changed AS (
    SELECT i.week AS old_week, s.* FROM incident_stage s JOIN incidents_incident i ON i.id = s.incident_id
    WHERE s.round = %(round)s AND s.outcome IS NULL),
done AS (
    UPDATE incidents_incident i SET content_hash = c.content_hash, observed_at = c.observed_at,
        first_observed_at = (
            SELECT min(v.observed_at) FROM incidents_incidentversion v
            WHERE v.incident_id = c.incident_id AND v.content_hash = c.content_hash AND v.edited_at IS NULL),
        version = i.version + 1, changed_at = %(now)s, {", ".join(f"{c} = c.{c}" for c in _CONTENT if c != "controller_id")}
    FROM changed c WHERE c.incident_id = i.id
    RETURNING c.incident_id, c.old_week),
marked AS (
    UPDATE incident_stage s SET outcome = 'P' FROM done
    WHERE s.round = %(round)s AND s.incident_id = done.incident_id)
SELECT DISTINCT old_week FROM done
"""
# A dwelling identifies: when a source moves an incident to a home-bound category, or tells an old
# version of one, the history loses the exact place too.
_BLUR_HISTORY = """
UPDATE incidents_incidentversion v SET content = v.content - ARRAY['x', 'y', 'radius_m', 'place_id']
FROM incident_stage s JOIN incidents_incident i ON i.id = s.incident_id
JOIN incidents_category c ON c.id = i.category_id AND c.is_home_bound
WHERE s.round = %(round)s AND s.outcome IN ('P', 'O', 'U') AND v.incident_id = i.id
  AND v.content ?| ARRAY['x', 'y', 'radius_m', 'place_id']
"""


# Whoever marks a category home-bound holds it FOR UPDATE: either that waits for these rows, or these wait and
# are read with the mark. What the reader believed of the category when it began does not count.
_HOLD_CATEGORIES = """
SELECT id FROM incidents_category
WHERE id IN (SELECT category_id FROM incident_stage WHERE x IS NOT NULL) ORDER BY id FOR KEY SHARE
"""
_BLUR_STAGE = """
UPDATE incident_stage s SET x = NULL, y = NULL, radius_m = NULL, hexagon = NULL, place_id = NULL,
    precision = CASE WHEN s.area_id IS NULL THEN 'municipality' ELSE 'area' END
FROM incidents_category c WHERE c.id = s.category_id AND c.is_home_bound AND s.x IS NOT NULL
"""
_X = [name for name, _type in STAGE].index("x")


@dataclass
class Outcome:
    """How many of the staged rows became what."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    digests: int = 0


def touch_weeks(cursor: Any, weeks: Iterable[int]) -> None:
    """Note, in the same transaction, that incidents of these weeks changed."""
    cursor.execute(
        "INSERT INTO incidents_weekchange (week, change) "
        "SELECT w, nextval('incidents_change') FROM (SELECT DISTINCT unnest(%s::smallint[]) AS w) AS weeks ORDER BY w "
        "ON CONFLICT (week) DO UPDATE SET change = EXCLUDED.change",
        [sorted(set(weeks))],
    )


def _text(value: str) -> str:
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value


#: How a value of each type is written for COPY.
_WRITTEN: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: r"\N",
    str: _text,
    bytes: lambda value: "\\\\x" + value.hex(),
    datetime: datetime.isoformat,
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
}


def _lines(rows: Sequence[tuple[Any, ...]]) -> str:
    """Rows as COPY reads them. What a row has in common with the one before it is written once."""
    lines: list[str] = []
    before: tuple[Any, ...] = (_NOTHING,) * len(STAGE)
    texts: list[str] = [""] * len(STAGE)
    for row in rows:
        # Choices of Django's enumerations are strings by another type.
        texts = [
            text if value is other else _WRITTEN.get(type(value), _other)(value)
            for value, other, text in zip(row, before, texts, strict=True)
        ]
        before = row
        lines.append("\t".join(texts))
    lines.append("")
    return "\n".join(lines)


_NOTHING = object()


def _other(value: Any) -> str:
    return _text(str(value))


def apply(source_id: int, rows: Sequence[tuple[Any, ...]]) -> Outcome:
    """Store staged rows of one source. ``rows`` are tuples in the order of :data:`STAGE`.

    One transaction. Two imports of the same source wait for each other, so that neither loses
    nor doubles anything.
    """
    outcome = Outcome()
    if not rows:
        return outcome
    rounds = max(row[1] for row in rows)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7001, %s)", [source_id])
        cursor.execute("SELECT incidents_stage(%s)", [rounds > MANY_ROUNDS])
        copy_sql = f"COPY incident_stage ({', '.join(name for name, _t in STAGE)}) FROM STDIN"
        # Text fields are trusted to hold no NUL: the readers refuse them.
        with cursor.cursor.copy(copy_sql) as copy:
            for start in range(0, len(rows), 2000):
                copy.write(_lines(rows[start : start + 2000]))
        if len(rows) > 1000:
            cursor.execute("ANALYZE incident_stage")
        if any(row[_X] is not None for row in rows):
            cursor.execute(_HOLD_CATEGORIES)
            cursor.execute(_BLUR_STAGE)
        weeks: set[int] = set()
        now = clock.now()
        for number in range(rounds + 1):
            values: dict[str, int | datetime] = {"source": source_id, "round": number, "now": now}
            cursor.execute(_FIND, values)
            cursor.execute(_INSERT, values)
            if cursor.rowcount < (len(rows) if rounds == 0 else -1) or rounds:
                cursor.execute(_SEEN_AGAIN, values)
                again = cursor.rowcount
                cursor.execute(_WIDEN_HISTORY, values)
                again += cursor.rowcount
                cursor.execute(_UNCHANGED, values)
                cursor.execute(
                    "SELECT count(*) FROM incident_stage "
                    "WHERE round = %(round)s AND outcome IS NULL AND incident_id IS NOT NULL",
                    values,
                )
                if cursor.fetchone()[0]:
                    cursor.execute(_HISTORY_OF_OLD, values)
                    cursor.execute(_MARK_OLD, values)
                    cursor.execute(_HISTORY_OF_CURRENT, values)
                    cursor.execute(_REPLACE, values)
                    weeks.update(week for (week,) in cursor.fetchall())
                    again += 1
                if again:
                    cursor.execute(_HISTORY_OF_RETURNED, values)
                    cursor.execute(_BLUR_HISTORY, values)
        cursor.execute(
            "SELECT CASE WHEN incident_id IS NOT NULL THEN outcome WHEN is_digest THEN 'D' ELSE 'C' END, count(*) "
            "FROM incident_stage GROUP BY 1"
        )
        totals = dict(cursor.fetchall())
        outcome.created, outcome.digests = totals.get("C", 0), totals.get("D", 0)
        outcome.updated, outcome.unchanged = totals.get("P", 0) + totals.get("O", 0), totals.get("U", 0)
        cursor.execute("SELECT DISTINCT week FROM incident_stage WHERE outcome = 'P' OR incident_id IS NULL")
        weeks.update(week for (week,) in cursor.fetchall())
        if weeks:
            touch_weeks(cursor, weeks)
        cursor.execute("TRUNCATE incident_stage")
    return outcome
