"""How a file is understood before anybody has said anything: which column is what, and the first rows as stored.

What the file itself tells is not asked about. What it cannot tell is put as questions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from samverkan.foundation import clock, geo, reading
from samverkan.foundation.reading import numbers, times
from samverkan.foundation.reading.columns import guess
from samverkan.foundation.text import folded

from ..categories import AREA_ONLY, EXACT, Points
from ..homes import often_a_home
from .mapping import FIELDS, Mapping, MappingError, from_dict
from .rows import BadValue, Converter, Record, earliest_and_latest, survey

#: Rows looked at. A form of dates or numbers that is not among them is met when it is read.
LOOKED_AT = 2000
SHOWN = 8
#: Categories asked about at once. A column with more is hardly one of categories; the rest are known by area only.
MOST_ASKED = 200


@dataclass
class Proposal:
    """A mapping as a file of it would say, how the file was understood, and what only a person can know."""

    mapping: dict[str, Any]
    understood: dict[str, Any] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)

    def as_toml(self) -> str:
        """The mapping as a file, to be saved and changed."""
        lines = []
        for section, values in self.mapping.items():
            if values:
                lines += [f"[{section}]", *(f"{_key(key)} = {_toml(value)}" for key, value in values.items()), ""]
        return "\n".join(lines)

    def in_words(self) -> list[str]:
        """How the file was understood, one sentence each."""
        told, understood = [], self.understood
        if sheet := understood.get("sheet"):
            told.append(_("The sheet is “{name}”.").format(name=sheet))
        if sign := understood.get("delimiter"):
            signs = {";": _("semicolon"), ",": _("comma"), "\t": _("tab"), "|": _("bar")}
            told.append(_("Between the cells stands {sign}.").format(sign=signs.get(sign, f"“{sign}”")))
        if (encoding := understood.get("encoding")) not in (None, "", "utf-8"):
            told.append(_("The letters are written in {encoding}.").format(encoding=encoding))
        if (line := understood.get("header_line", 1)) > 1:
            told.append(_("The header is row {n}.").format(n=line))
        if understood.get("decimal") == ",":
            told.append(_("Numbers have a decimal comma."))
        if (first := understood.get("day_first")) is not None:
            told.append(
                _("In dates such as 03/04/2026 the day stands first.")
                if first
                else _("In dates such as 03/04/2026 the month stands first.")
            )
        return told


def _key(name: str) -> str:
    return name if re.fullmatch(r"[a-z_]+", name) else _toml(name)


def _toml(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return json.dumps(value, ensure_ascii=False)


def propose(path: Path, sheet: str = "", epsg: int | None = None) -> Proposal:
    """Look at the beginning of a file, in a workbook of the sheet that is said. Raises BadFile when it cannot be read at all.

    ``epsg`` is the coordinate system of a file that does not say, when somebody has said it.
    """
    understood: dict[str, Any] = {}
    if reading.is_table(path):
        table = reading.table(path, sheet=sheet)
        understood = {
            "delimiter": table.delimiter,
            "encoding": table.encoding,
            "header_line": table.header_line,
            "sheet": table.sheet,
            "sheets": table.sheets,
        }
    questions = []
    try:
        rows = _beginning(path, sheet, epsg)
    except reading.UnknownSystem as unknown:
        questions.append(str(unknown))
        rows = _beginning(path, sheet, geo.current().epsg)
    names = list(dict.fromkeys(name for row in rows for name in row if name and not name.startswith("_")))
    columns = {name: [column] for name, column in guess(names).items() if name in FIELDS}
    formats: dict[str, Any] = ({"sheet": sheet} if sheet else {}) | ({"epsg": epsg} if epsg else {})
    proposal = Proposal({"source": {"code": _code(path), "name": path.stem}, "columns": columns}, understood, questions)
    if _decimal_comma(rows, columns):
        understood["decimal"] = formats["decimal"] = ","
    _metric(rows, columns, formats, proposal)
    day_first = times.day_first(_dates(rows, columns))
    if day_first is not None:
        understood["day_first"] = day_first
    if "started" not in columns and "date" not in columns:
        proposal.questions.append(_("Which column tells when it happened (started or date)?"))
    elif _two_ways(rows, columns):
        proposal.questions.append(
            _(
                "Does the day or the month stand first in dates such as 03/04/2026? Say it with date, for example “%d/%m/%Y”."
            )
        )
    if "category" not in columns:
        proposal.questions.append(_("Which column tells what happened (category), or what are all rows about?"))
    if not names:
        proposal.questions = [_("The file has no rows.")]
    if formats:
        proposal.mapping["formats"] = formats
    return proposal


def _beginning(path: Path, sheet: str, epsg: int | None) -> list[reading.Row]:
    """The rows that can be read. Raises BadFile with the first reason where none can."""
    rows = [row for _line, row in islice(reading.read(path, sheet=sheet, epsg=epsg), LOOKED_AT)]
    good = [row for row in rows if isinstance(row, dict)]
    if rows and not good:
        raise reading.BadFile(next(row.problem for row in rows if isinstance(row, reading.BadRow)))
    return good


def _decimal_comma(rows: list[reading.Row], columns: dict[str, list[str]]) -> bool:
    """Whether coordinates are written with a decimal comma, and none with a point."""
    names = [columns[name][0] for name in ("lon", "lat", "x", "y") if name in columns]
    texts = [row[name] for row in rows for name in names if isinstance(row.get(name), str)]
    return any("," in text for text in texts) and not any(re.fullmatch(r"-?\d{1,20}\.\d{1,20}", text) for text in texts)


def _dates(rows: list[reading.Row], columns: dict[str, list[str]]) -> list[str]:
    names = columns.get("started") or columns.get("date") or []
    return [str(row.get(name) or "") for row in rows for name in names]


def _code(path: Path) -> str:
    name = path.name.split(".")[0].casefold().translate(str.maketrans("åäö", "aao"))
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:60] or "fil"


def _metric(
    rows: list[reading.Row], columns: dict[str, list[str]], formats: dict[str, Any], proposal: Proposal
) -> None:
    """Coordinates in metres: which way they stand, and in which system."""
    if "x" not in columns:
        return
    pairs = []
    for row in rows:
        try:
            pairs.append(tuple(numbers.number(str(row.get(columns[name][0]) or "")) for name in ("x", "y")))
        except ValueError:
            continue
    if not pairs:
        return
    if "epsg" in formats:
        return
    system = geo.current()
    if all(abs(a) <= 180 and abs(b) <= 90 for a, b in pairs):
        columns["lon"], columns["lat"] = columns.pop("x"), columns.pop("y")
    elif not any(bool(system.contains(a, b)) for a, b in pairs):
        if any(bool(system.contains(b, a)) for a, b in pairs):
            # In Sweden x has long been the way north.
            columns["x"], columns["y"] = columns["y"], columns["x"]
        else:
            proposal.questions.append(
                _("Which coordinate system are x and y in (epsg)? They are not in {name}.").format(name=system.crs.name)
            )


def _two_ways(rows: list[reading.Row], columns: dict[str, list[str]]) -> bool:
    """Whether dates can be read with the day or the month first, and no row decides."""
    texts = _dates(rows, columns)
    return any(map(times.two_ways, texts)) and times.day_first(texts) is None


@dataclass(frozen=True)
class Stored:
    """One row of a preview: as it would be stored, or why it would not."""

    line: int
    when: str = ""
    category: str = ""
    where: str = ""
    title: str = ""
    problem: str = ""


def as_stored(path: Path, mapping: Mapping) -> list[Stored]:
    """The first rows as they would be stored. Raises BadFile and, for a mapping that misses columns, MappingError."""
    from .run import Counts, Finder

    earliest, latest = earliest_and_latest()
    convert = Converter(mapping, earliest=earliest, latest=latest)
    wanted = mapping.wanted
    rows = list(islice(reading.read(path, wanted=wanted, sheet=mapping.sheet, epsg=mapping.epsg), LOOKED_AT))
    convert.survey = survey((row for _line, row in rows), mapping)
    finder, counts, points = Finder(mapping), Counts(), Points(mapping.points)
    found: list[Stored] = []
    for line, row in rows[:SHOWN]:
        if isinstance(row, reading.BadRow):
            found.append(Stored(line, problem=row.problem))
            continue
        missing = convert.check_columns(row) if reading.is_table(path) else None
        if missing is not None:
            raise MappingError(
                _("The column “{name}” of the mapping is not in the file. It has: {columns}.").format(
                    name=missing, columns=", ".join(list(row)[:30])
                )
            )
        try:
            record = convert(row)
        except BadValue as problem:
            found.append(Stored(line, problem=str(problem)))
            continue
        at = finder.find(path.name, [(line, row, record)], counts)[0]
        if at is None:
            found.append(Stored(line, problem=counts.rejects[-1][2]))
        else:
            if points.of(record.category, record.main_category) != EXACT:
                at = at.without_point()
            found.append(Stored(line, _when(record), record.category, _where(at, record, finder), record.title))
    return found


def categories_met(path: Path, mapping: Mapping) -> list[tuple[str, str]]:
    """Categories of the first rows, each with its main one. Raises BadFile."""
    earliest, latest = earliest_and_latest()
    convert = Converter(mapping, earliest=earliest, latest=latest)
    rows = list(islice(reading.read(path, wanted=mapping.wanted, sheet=mapping.sheet, epsg=mapping.epsg), LOOKED_AT))
    convert.survey = survey((row for _line, row in rows), mapping)
    found: dict[tuple[str, str], None] = {}
    for _line, row in rows:
        with suppress(BadValue):
            if isinstance(row, dict):
                record = convert(row)
                found[record.category, record.main_category] = None
    return list(found)


def to_answer(seen: Iterable[Sequence[str]], mapping: Mapping, names: Iterable[str] = ()) -> dict[str, str]:
    """Categories whose exact places nobody has said may be kept → the answer that is proposed.

    Those of ``seen`` (category, main category), and of ``names`` that are known to be in the file. Nothing where no
    row has a point.
    """
    if not {"lon", "x", "place"} & set(mapping.columns):
        return {}
    points, found = Points(mapping.points), dict[str, str]()
    for name, main in [*seen, *((name, "") for name in names)]:
        if not points.of(name, main):
            found.setdefault(folded(name), name)
    return {
        name: AREA_ONLY if often_a_home(name) else EXACT for name in sorted(found.values(), key=folded)[:MOST_ASKED]
    }


def _when(record: Record) -> str:
    local = clock.local(record.started_at)
    text = local.strftime("%Y-%m-%d" if record.time_precision == "day" else "%Y-%m-%d %H:%M")
    if record.ended_at is None:
        return text
    return f"{text} – {clock.local(record.ended_at).strftime('%Y-%m-%d %H:%M')}"


def _where(at: Any, record: Record, finder: Any) -> str:
    area = next((name for name, pk in finder.areas.by_name.items() if pk == at.area), "") if at.area else ""
    if at.x is not None:
        point = _("at {x}, {y}").format(x=round(at.x), y=round(at.y))
        return f"{record.place or area}, {point}" if record.place or area else point
    return (record.area or area) if at.area else _("the municipality only")


def checked(proposal: Proposal) -> Mapping | None:
    """The mapping of a proposal that lacks nothing; None for one with questions."""
    try:
        return from_dict(proposal.mapping)
    except MappingError:
        return None
