"""Imports files: reads, converts, places and stores in chunks, and keeps what was rejected."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from samverkan.foundation import clock, jobs, reading
from samverkan.foundation.access import Actor, require
from samverkan.foundation.access.acting import acting
from samverkan.foundation.people import services as people
from samverkan.foundation.tables import plain_cell, safe_cell
from samverkan.foundation.text import folded
from samverkan.foundation.weeks import Week

from ..categories import LONGEST, Lookup, Points
from ..models import Category, ImportedFile, ImportRun, PointAnswer, Source, SourceKind
from ..placing import Areas, At, Municipalities, Placed, Places, place
from ..store import Outcome, apply
from . import interrupted, polisen
from .mapping import Mapping
from .rows import BadValue, Converter, Record, earliest_and_latest, survey
from .told import Identities, Told
from .trial import Trial

CHUNK = 20_000
#: Rejected rows kept for mending; beyond this the file is simply not what the mapping says.
MAX_REJECTS = 100_000
#: First in the file of rejected rows. The last, where it is needed, is what there was of a row that could not be read
#: into columns: whoever mends it writes it in the columns.
NOTES, CONTENT = ("_fil", "_rad", "_fel"), "_innehåll"
#: New categories told by name. More of them are hardly categories, but somebody's free text.
MOST_NEW = 200


@dataclass
class Counts:
    """What became of the rows. ``read`` is the sum of the five others."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    digests: int = 0
    rejected: int = 0
    files: list[dict[str, str]] = field(default_factory=list)
    #: (file, line, reason, the row) of rejected rows.
    rejects: list[tuple[str, int, str, dict[str, Any]]] = field(default_factory=list)
    run: ImportRun | None = None
    #: What was noticed of the rows that are not rejected.
    told: Told = field(default_factory=Told)
    #: Categories that nobody had before: made, or that a dry run says would be made. At most MOST_NEW.
    new_categories: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The figures that scripts read."""
        names = ("read", "created", "updated", "unchanged", "digests", "rejected", "files", "new_categories")
        return {name: getattr(self, name) for name in names} | self.told.as_dict()


def source_of(mapping: Mapping) -> Source:
    """The source that a mapping names, made when new."""
    kind = SourceKind.POLICE_FEED if mapping.profile == "polisen" else SourceKind.FILE
    source, _new = Source.objects.get_or_create(
        code=mapping.source_code[:60],
        defaults={
            "name": mapping.source_name[:150],
            "kind": kind,
            "controller": people.home(),
            "licence": mapping.licence[:200],
        },
    )
    return source


def import_files(
    actor: Actor,
    *,
    paths: list[Path],
    mapping: Mapping | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    run: ImportRun | None = None,
) -> Counts:
    """Import incidents from files with a mapping, or with the police feed's profile when ``mapping`` is ``polisen.MAPPING``.

    Rows that cannot be used are rejected one by one with line and reason; files that cannot be
    read are reported and the others are imported. Each chunk is stored in a transaction of its
    own: after a stop, the same import again completes it. ``run`` is where the result is kept;
    without it one is made. A dry run stores nothing and tells what would
    become of the rows.
    """
    require(actor, "incidents.import")
    counts = Counts()
    mapping = mapping or polisen.MAPPING
    earliest, latest = earliest_and_latest()
    convert: Converter | polisen.PolisenConverter = (
        polisen.PolisenConverter(earliest=earliest, latest=clock.now() + timedelta(days=366))
        if mapping.profile == "polisen"
        else Converter(mapping, earliest=earliest, latest=latest)
    )
    if dry_run:
        _dry_run(paths, convert, mapping, counts, progress)
        return counts
    source = source_of(mapping)
    interrupted.mark()
    counts.run = run or ImportRun(
        controller_id=source.controller_id, started_by_id=actor.person_id, profile=mapping.profile
    )
    counts.run.source = source
    counts.run.files = [{"name": path.name} for path in paths]
    counts.run.save(update_fields=["source", "files"] if run else None)
    with interrupted.running(counts.run):
        store = _Store(actor, source, mapping)
        try:
            for path in paths:
                try:
                    observed = polisen.observed_from_name(path.name) or _first_seen(source, path)
                    records = _records(path, convert, counts, progress)
                    store.take(path.name, records, observed, counts)
                except reading.BadFile as problem:
                    counts.files.append({"name": path.name, "problem": str(problem)})
            store.settle(counts)
            counts.new_categories = store.categories.made[:MOST_NEW]
        finally:
            store.close()
        _end(counts, paths)
    return counts


def _end(counts: Counts, paths: list[Path]) -> None:
    """Keep what came of the import, and let its texts be looked through for personal data."""
    from ..tasks import look_through_import

    assert counts.run is not None
    counts.run.ended_at = clock.now()
    counts.run.counts = {k: v for k, v in counts.as_dict().items() if k != "files"}
    counts.run.files = [{"name": path.name} for path in paths] + counts.files
    counts.run.rejects = rejects_file(counts).encode("utf-8", "replace") if counts.rejects else None
    counts.run.save()
    # Afterwards, since a million texts take minutes.
    jobs.defer(look_through_import, unique=f"look through {counts.run.public_id}", run_id=counts.run.public_id)


def _first_seen(source: Source, path: Path) -> datetime:
    """When this very file was first imported; now when it never was."""
    try:
        if not path.is_file():
            return clock.now()
        fingerprint = reading.sha256(path)
    except OSError:
        return clock.now()  # the reader says why it cannot be read
    known, _new = ImportedFile.objects.get_or_create(
        source=source, sha256=fingerprint, defaults={"first_seen_at": clock.now()}
    )
    return known.first_seen_at


def _records(
    path: Path, convert: Any, counts: Counts, progress: Callable[[int], None] | None
) -> Iterator[tuple[int, dict[str, Any], Record]]:
    mapping: Mapping = convert.mapping
    asked: dict[str, Any] = {"wanted": mapping.wanted, "sheet": mapping.sheet, "epsg": mapping.epsg}
    if isinstance(convert, Converter):
        convert.survey = survey((row for _line, row in reading.read(path, **asked)), mapping)
    first = shared = reading.is_table(path)
    absent = {} if shared else dict.fromkeys(mapping.wanted)
    if shared:
        table = reading.table(path, wanted=mapping.wanted, sheet=mapping.sheet)
        if table.alike:
            counts.told.sheets.append((path.name, table.sheet, table.alike))
    # Rows that say when they were seen may tell of one event several times.
    identities = Identities() if "id" in mapping.columns and "observed_at" not in mapping.columns else None
    for line, row in reading.read(path, **asked):
        counts.read += 1
        if progress and not counts.read % 1000:
            progress(1000)
        if isinstance(row, reading.BadRow):
            reject(counts, path.name, line, row.problem, dict.fromkeys(row.columns, "") | {CONTENT: row.text})
            continue
        if NOTES[2] in row:
            row = {
                plain_cell(name): plain_cell(value) if isinstance(value, str) else value for name, value in row.items()
            }
        if first:
            first = False
            try:
                _check_columns(convert, row)
            except reading.BadFile:
                counts.read -= 1
                raise
        if absent:
            absent = {name: None for name in absent if name not in row}
        try:
            record = convert(row)
        except BadValue as problem:
            reject(counts, path.name, line, str(problem), row)
            continue
        if identities is not None and record.observed_at is None:
            identities.add(line, record.external_id, record.content_hash)
        yield line, row, record
    if first:
        # A header without rows: a file that is none, or of another kind, is told all the same.
        _check_columns(convert, dict.fromkeys(reading.table(path, wanted=mapping.wanted, sheet=mapping.sheet).header))
    if absent and counts.read and mapping.profile != polisen.MAPPING.profile:
        counts.told.absent.append((path.name, list(absent)))
    if identities is not None:
        identities.tell(path.name, counts.told)


def _check_columns(convert: Any, row: dict[str, Any]) -> None:
    """Refuse a file that lacks a column of the mapping."""
    missing = convert.check_columns(row)
    if missing is not None:
        raise reading.BadFile(
            _("The column “{name}” of the mapping is not in the file. It has: {columns}.").format(
                name=missing, columns=", ".join(list(row)[:30])
            )
        )


def reject(counts: Counts, name: str, line: int, problem: str, row: dict[str, Any]) -> None:
    counts.rejected += 1
    if len(counts.rejects) < MAX_REJECTS:
        counts.rejects.append((name, line, problem, row))


Item = tuple[int, dict[str, Any], Record]


def _dry_run(
    paths: list[Path], convert: Any, mapping: Mapping, counts: Counts, progress: Callable[[int], None] | None
) -> None:
    """Read, convert and place, and ask the database what would become of the rows; nothing is stored."""
    finder, points, kept, new = Finder(mapping), Points(mapping.points), dict[str, str](), dict[str, str]()
    asked = Trial(Source.objects.filter(code=mapping.source_code[:60]).values_list("pk", flat=True).first())

    def take(name: str, chunk: list[Item], observed: datetime) -> None:
        for (_line, _row, record), at in zip(chunk, finder.find(name, chunk, counts), strict=True):
            if at is None:
                continue
            category = record.category[:LONGEST]
            if category not in kept:
                kept[category] = points.of(category, record.main_category)
                if points.is_new(category) and len(new) < MOST_NEW:
                    new.setdefault(folded(category), category)
            if at.x is not None and not kept[category]:
                counts.told.name(counts.told.waiting, category)
            asked.add(record.external_id, record.content_hash, record.observed_at or observed, record.is_digest)

    for path in paths:
        # A file that was imported before counts as seen then; any other is seen now.
        observed = polisen.observed_from_name(path.name) or _seen_before(mapping, path) or clock.now()
        try:
            for chunk in _chunks(_records(path, convert, counts, progress)):
                take(path.name, chunk, observed)
        except reading.BadFile as problem:
            counts.files.append({"name": path.name, "problem": str(problem)})
    _add(counts, asked.outcome())
    counts.new_categories = list(new.values())


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Lists of at most CHUNK. What was read before a damaged place in the file comes before its exception."""
    chunk: list[Item] = []
    try:
        for item in items:
            chunk.append(item)
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = []
    except reading.BadFile:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _seen_before(mapping: Mapping, path: Path) -> datetime | None:
    """When this very file was first imported; None when it never was."""
    try:
        fingerprint = reading.sha256(path) if path.is_file() else ""
    except OSError:
        return None
    rows = ImportedFile.objects.filter(source__code=mapping.source_code[:60], sha256=fingerprint)
    return rows.values_list("first_seen_at", flat=True).first()


class Finder:
    """Where the rows of an import are: by coordinates, by the name of a place, by the name of an area."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping, self.areas = mapping, Areas()
        self.places = Places() if "place" in mapping.columns else None
        # The police tell the municipality and no more; there is nothing to mend in that.
        self.tells = mapping.profile != polisen.MAPPING.profile

    def find(self, name: str, chunk: list[Item], counts: Counts) -> list[At | None]:
        """For each row where it is; None for one that is rejected, since its place cannot be used."""
        rows = [i for i, (_line, _row, record) in enumerate(chunk) if record.lon is not None]
        found: list[At | None] = [None] * len(chunk)
        if rows:
            placed = self._placed([chunk[i][2] for i in rows])
            columns = (placed.x, placed.y, placed.hexagon, placed.area)
            for i, x, y, hexagon, area in zip(rows, *(c.tolist() for c in columns), strict=True):
                found[i] = At(x, y, None, hexagon, area or None, None, "point")
            for i, problem in zip(rows, placed.problem, strict=True):
                if problem:
                    found[i] = None
                    reject(counts, name, chunk[i][0], problem, chunk[i][1])
        for i, (_line, _row, record) in enumerate(chunk):
            if record.lon is None:
                found[i] = self._named(record, counts.told)
        return found

    def _named(self, record: Record, told: Told) -> At:
        """Where a row without coordinates is."""
        if record.place and self.places is not None:
            place = self.places.find(record.place)
            if place is not None:
                return At.of(place)
        for text in filter(None, (record.area, record.place)):
            area = self.areas.by_name.get(folded(text))
            if area:
                return At(area=area, precision="area")
        if record.place:
            told.name(told.places, record.place)
        if record.area:
            told.name(told.areas, record.area)
        if not record.place and not record.area and self.tells:
            told.without_place += 1
        return At()

    def _placed(self, records: list[Record]) -> Placed:
        return place(
            np.array([record.lon for record in records], float),
            np.array([record.lat for record in records], float),
            metric=records[0].metric,
            epsg=self.mapping.epsg,
            areas=self.areas,
        )


class _Store:
    """Places and stores records chunk by chunk. The database stores one while the next is made ready."""

    def __init__(self, actor: Actor, source: Source, mapping: Mapping) -> None:
        self.actor, self.source, self.mapping = actor, source, mapping
        self.beside = ThreadPoolExecutor(1)
        # COPY asks for the interpreter after every buffer it has sent. At the usual 5 ms a turn, the chunk
        # beside would mostly wait for this one to be read.
        self.switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(min(self.switch_interval, 0.0002))
        self.under_way: Future[Outcome] | None = None
        self.categories, self.finder, self.municipalities = Lookup(mapping.points), Finder(mapping), Municipalities()
        self.found: dict[tuple[str, str], Category] = {}
        self.sequence = 0

    def take(self, name: str, records: Iterator[Item], observed: datetime, counts: Counts) -> None:
        """Store the records of one file."""
        for chunk in _chunks(records):
            self._store(name, chunk, observed, counts)

    def _category(self, record: Record) -> Category:
        key = (record.category, record.main_category)
        found = self.found.get(key)
        if found is None:
            found = self.found[key] = self.categories.find(record.category, record.main_category)
        return found

    def _store(self, name: str, chunk: list[Item], observed: datetime, counts: Counts) -> None:
        found = self.finder.find(name, chunk, counts)
        rows: list[tuple[Any, ...]] = []
        rounds: dict[str, int] = {}
        said: dict[str, tuple[bytes, datetime]] = {}
        for (_line, _row, record), at in zip(chunk, found, strict=True):
            if at is None:
                continue
            category = self._category(record)
            if category.is_home_bound and at.x is not None:
                if category.point_answer == PointAnswer.WAITS:
                    counts.told.name(counts.told.waiting, category.name_sv)
                at = at.without_point()
            # The order within a file counts where no row tells its own time.
            seen = record.observed_at or observed
            if said.get(record.external_id) == (record.content_hash, seen):
                counts.unchanged += 1  # the row before said the very same; each round of the store costs
                continue
            said[record.external_id] = (record.content_hash, seen)
            number = rounds.get(record.external_id, -1) + 1
            rounds[record.external_id] = number
            self.sequence += 1
            rows.append(
                (
                    self.sequence,
                    number,
                    record.external_id,
                    record.content_hash,
                    seen,
                    self.source.controller_id,
                    record.kind,
                    category.pk,
                    record.title,
                    record.description,
                    record.url,
                    record.observation,
                    record.seriousness,
                    "",
                    record.is_digest,
                    record.started_at,
                    record.ended_at,
                    record.time_precision,
                    week_of(record.started_at),
                    at.precision,
                    at.x,
                    at.y,
                    at.radius_m,
                    at.hexagon,
                    at.area,
                    at.place,
                    self.municipalities.find(record.municipality),
                    None,
                    record.published_at,
                )
            )
        self.settle(counts)
        if connection.in_atomic_block:
            # What this transaction wrote is not seen by another connection.
            _add(counts, apply(self.source.pk, rows))
        else:
            self.under_way = self.beside.submit(self._apply, rows)

    def _apply(self, rows: list[tuple[Any, ...]]) -> Outcome:
        with acting(self.actor):
            return apply(self.source.pk, rows)

    def settle(self, counts: Counts) -> None:
        """Wait for the chunk that the database works on, and count it."""
        under_way, self.under_way = self.under_way, None
        if under_way is not None:
            _add(counts, under_way.result())

    def close(self) -> None:
        """Let the second connection go."""
        self.beside.submit(connection.close)
        self.beside.shutdown()
        sys.setswitchinterval(self.switch_interval)


def _add(counts: Counts, outcome: Outcome) -> None:
    counts.created += outcome.created
    counts.updated += outcome.updated
    counts.unchanged += outcome.unchanged
    counts.digests += outcome.digests


_weeks: dict[Any, int] = {}


def week_of(moment: datetime) -> int:
    """The week index of an instant, remembered by Stockholm date."""
    day = clock.local(moment).date()
    index = _weeks.get(day)
    if index is None:
        if len(_weeks) > 50_000:
            _weeks.clear()
        index = _weeks[day] = Week.of(day).index
    return index


def rejects_file(counts: Counts) -> str:
    """The rejected rows as CSV with ``_fil``, ``_rad`` and ``_fel`` first; mend and give it again.

    Semicolons between the cells, as spreadsheets in Swedish expect. Columns that begin with an
    underscore are left out when the file is read again. Texts that a spreadsheet would take for a
    formula begin with an apostrophe, which is taken away then.
    """
    columns: dict[str, None] = {}
    for _file, _line, _why, row in counts.rejects:
        columns.update(dict.fromkeys(row))
    notes = [*NOTES, CONTENT] if any(row.get(CONTENT) for *_told, row in counts.rejects) else list(NOTES)
    names = [name for name in columns if name and name not in {*NOTES, CONTENT}]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([*notes, *(_cell(name) for name in names)])
    for file, line, why, row in counts.rejects:
        values = [row.get(name, "") for name in [*notes[len(NOTES) :], *names]]
        writer.writerow([_cell(file), line, why, *(_cell(value) for value in values)])
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A value as a cell, never a formula."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return "" if value is None else safe_cell(value)
