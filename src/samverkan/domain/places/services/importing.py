"""Imports areas and places; twice changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from samverkan.foundation import clock, geo, reading
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.reading import columns, numbers, times, values
from samverkan.foundation.text import folded

from .. import geofiles
from ..models import Area, AreaEdition, AreaScheme, Place, PlaceKind
from ..reach import Reach
from ..selectors import areas_at

#: What files call the name and the code of an area, in order of trust.
_NAMES = (
    "namn",
    "name",
    "kom_namn",
    "regsonamn",
    "desonamn",
    "tatort",
    "omrade",
    "område",
    "plats",
    "platsnamn",
    "benämning",
    "benamning",
    "områdesnamn",
    "omradesnamn",
    "stadsdel",
    "stadsdelsnamn",
    "stadsdelsna",
    "distrikt",
    "distriktsnamn",
    "kommunnamn",
)
_CODES = (
    "code", "kod", "omradeskod", "områdeskod", "omrkod", "områdesnr", "omradesnr", "stadsdelskod", "desokod", "regsokod",
    "deso", "regso", "kommunkod", "beteckning", "objektidentitet", "uuid", "id",
)  # fmt: skip
#: What files call the kind of a place.
_KINDS = ("kind", "typ", "sort", "platstyp", "kategori")
#: Lines that say the same are told one by one up to this many, and beyond it with a count and examples.
_MOST = 3
_SCHEME_NAMES = {
    "district": "Stadsdelar",
    "city_centre": "Centrum",
    "deso": "DeSO",
    "regso": "RegSO",
    "police": "Polisens bedömning av områden",
    "municipality": "Kommuner",
}
_CLASSIFICATION = (
    ("särskilt utsatt", "ESPECIALLY_VULNERABLE"),
    ("riskområde", "RISK"),
    ("utsatt", "VULNERABLE"),
)


@dataclass
class Result:
    """What an import of areas or places did."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def in_words(self) -> str:
        line = _("{read} read: {created} new, {updated} updated, {unchanged} unchanged.").format(**asdict(self))
        return "\n".join([line, *self.notes, *self.problems])


def _pick(properties: dict[str, Any], wanted: str, usual: Iterable[str]) -> str:
    lowered = {key.lower(): value for key, value in properties.items()}
    for name in [wanted.lower()] if wanted else usual:
        if text := " ".join(values.plain(lowered.get(name)).split()):
            return text
    return ""


def _date(value: Any) -> date | None:
    text = str(value or "").strip()
    try:
        return times.written(text).day
    except times.NotATime:
        return None


class _Nothing(Exception):
    """Nothing of the files could be used, or it was a trial; what was prepared is taken back."""


def import_areas(
    actor: Actor,
    *,
    paths: list[Path],
    scheme: str,
    edition: str,
    valid_from: str = "",
    name_column: str = "",
    code_column: str = "",
    classification_column: str = "",
    counted: bool = False,
    only: str = "",
    source: str = "",
    licence: str = "",
    epsg: int | None = None,
    is_invented: bool = False,
    dry_run: bool = False,
) -> Result:
    """Import areas of one edition of a scheme from GeoJSON or GeoPackage files.

    An area is known by its code in the edition; geometry and name that differ update it. All files
    are read before anything is written: one that cannot be read leaves everything as it was, the
    scheme in which incidents are counted too. A dry run stores nothing and tells the same.
    """
    require(actor, "places.manage")
    result = Result()
    files: list[tuple[Path, geofiles.GeoFile]] = []
    for path in paths:
        try:
            files.append((path, geofiles.read(path, epsg=epsg)))
        except geofiles.BadGeoFile as error:
            result.problems.append(f"{path.name}: {error}")
    if result.problems:
        if files:
            result.notes.append(_("Nothing has been imported: mend the file that cannot be read, or leave it out."))
        return result
    try:
        with transaction.atomic():
            issue = _edition(scheme, edition, valid_from, source, licence, counted, result)
            known = {area.code: area for area in issue.areas.all()}
            seen: set[str] = set()
            for path, found in files:
                result.notes += [f"{path.name}: {note}" for note in dict.fromkeys(found.notes)]
                numbered = _row_numbers(found.features)
                for feature in found.features:
                    if only:
                        column, _eq, wanted = only.partition("=")
                        if _pick(feature.properties, column, ()) != wanted.strip():
                            continue
                    result.read += 1
                    problem = _take(
                        feature,
                        issue,
                        known,
                        seen,
                        result,
                        name_column,
                        code_column,
                        classification_column,
                        is_invented,
                        numbered,
                    )
                    if problem:
                        result.problems.append(
                            _("{file}, feature {n}: {why}").format(file=path.name, n=feature.number, why=problem)
                        )
            if dry_run or not result.created + result.updated + result.unchanged:
                raise _Nothing
    except _Nothing:
        if result.created + result.updated + result.unchanged:
            return result
        if not result.problems:
            result.problems.append(
                _("None of the {n} features is one of {only}.").format(
                    n=sum(len(found.features) for _path, found in files), only=only
                )
            )
        result.notes = [_("Nothing has been imported, and nothing is changed.")]
    return result


def _edition(
    scheme: str, edition: str, valid_from: str, source: str, licence: str, counted: bool, result: Result
) -> AreaEdition:
    """The edition that areas are put in, made when new."""
    year = re.search(r"(19|20)\d\d", edition)
    begins = _date(valid_from) or (date(int(year[0]), 1, 1) if year else clock.today())
    kept, _new = AreaScheme.objects.get_or_create(code=scheme, defaults={"name": _SCHEME_NAMES.get(scheme, scheme)})
    if counted and not kept.counts_incidents:
        before = AreaScheme.objects.filter(counts_incidents=True).first()
        AreaScheme.objects.filter(counts_incidents=True).update(counts_incidents=False)
        kept.counts_incidents = True
        kept.save()
        if before is not None:
            result.notes.append(
                _("Incidents are counted in {new} from now on, and no longer in {old}.").format(
                    new=kept.name, old=before.name
                )
            )
    return AreaEdition.objects.get_or_create(
        scheme=kept, name=edition, defaults={"valid_from": begins, "source": source[:200], "licence": licence[:200]}
    )[0]


def _row_numbers(features: list[geofiles.Feature]) -> set[str]:
    """Columns that only count the rows, as programs add them: another file numbers the same areas otherwise."""
    found = set()
    for name in ("id", "fid", "objectid", "ogc_fid"):
        texts = [_pick(feature.properties, name, ()) for feature in features]
        kept = [int(text) for text in texts if text.isdigit() and len(text) < 8]
        # Without gaps, or rising through the file as of rows of which some were left out.
        if kept and len(kept) == len(texts) and (max(kept) - min(kept) == len(kept) - 1 or kept == sorted(set(kept))):
            found.add(name)
    return found


def _take(
    feature: geofiles.Feature,
    issue: AreaEdition,
    known: dict[str, Area],
    seen: set[str],
    result: Result,
    name_column: str,
    code_column: str,
    classification_column: str,
    is_invented: bool,
    numbered: set[str],
) -> str:
    """Store one feature; a text when it cannot be."""
    if feature.problem:
        return feature.problem
    if feature.geometry.geom_type == "GeometryCollection":
        parts = [g for g in feature.geometry.geoms if g.geom_type in {"Polygon", "MultiPolygon"}]
        feature.geometry = shapely.union_all(parts)
    if feature.geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return _("It is not an area but {type}. Import points with “import places”.").format(
            type=feature.geometry.geom_type
        )
    properties = feature.properties
    name = _pick(properties, name_column, _NAMES)
    code = _pick(properties, code_column, [c for c in _CODES if c not in numbered]) or name
    if not name and not code:
        return _(
            "It has neither name nor code. Say the columns with --name and --code. The file has: {columns}."
        ).format(columns=", ".join(list(properties)[:20]))
    if code[:60] in seen:
        return _("The code {code} has already been read for another area. Say another column with --code.").format(
            code=code[:60]
        )
    seen.add(code[:60])
    begins, ends = (
        _date(properties.get("AKTUALITET_START")) or issue.valid_from,
        _date(properties.get("AKTUALITET_SLUT")),
    )
    if ends is not None and ends <= begins:
        return _("It ends before it begins ({ends}).").format(ends=ends)
    west, south, east, north = feature.geometry.bounds
    kind = _pick(properties, classification_column, ("kategori", "classification"))
    classification = next((c for word, c in _CLASSIFICATION if word in kind.lower()), kind[:40])
    said = {
        "name": (name or code)[:120],
        "geometry": bytes(shapely.to_wkb(feature.geometry)),
        "min_x": west,
        "min_y": south,
        "max_x": east,
        "max_y": north,
        "area_m2": float(feature.geometry.area),
        "classification": classification,
        "attributes": {k: v for k, v in properties.items() if isinstance(v, str | int | float | bool)},
        "valid_from": begins,
        "valid_to": ends,  # a blank means that it still holds
        "is_invented": is_invented,
    }
    area = known.get(code[:60])
    if area is None:
        known[code[:60]] = Area.objects.create(controller=people.home(), edition=issue, code=code[:60], **said)
        result.created += 1
        return ""
    if all(
        (bytes(getattr(area, k)) if k == "geometry" and area.geometry else getattr(area, k)) == v
        for k, v in said.items()
    ):
        result.unchanged += 1
        return ""
    for key, value in said.items():
        setattr(area, key, value)
    area.version += 1
    area.save()
    result.updated += 1
    return ""


@transaction.atomic
def import_places(
    actor: Actor, *, paths: list[Path], source: str = "file", epsg: int | None = None, dry_run: bool = False
) -> Result:
    """Import named places and addresses from tables with name and coordinates, or GeoJSON points.

    Columns: name (namn), kind (typ), also_called, radius_m, id, and lon and lat, or x and y in
    ``epsg`` (the installation's system unless said; a file's own word on its system is heeded). A
    place is known by its id, else by its name, and by its number among those of the same name. A dry
    run stores nothing and tells the same.
    """
    require(actor, "places.manage")
    result = Result()
    if epsg and not geo.is_known(epsg):
        result.problems.append(_("EPSG:{code} is not a known coordinate system.").format(code=epsg))
        return result
    asked = _Asked(source, epsg)
    for path in paths:
        before, wrong = result.read, dict[str, list[int]]()
        asked.begin()
        try:
            for line, row in reading.read(path, epsg=epsg):
                result.read += 1
                problem = row.problem if isinstance(row, reading.BadRow) else asked.take(row)
                if problem:
                    wrong.setdefault(problem, []).append(line)
            if result.read == before:
                result.problems.append(f"{path.name}: {_('The file has no rows.')}")
        except reading.BadFile as problem:
            result.problems.append(f"{path.name}: {problem}")
        result.problems += _lines(path.name, wrong)
    asked.store(result, dry_run)
    return result


def _lines(name: str, wrong: dict[str, list[int]]) -> list[str]:
    """What was wrong with the rows of a file: one by one where they are few, else counted with examples."""
    found = []
    for why, lines in wrong.items():
        if len(lines) <= _MOST:
            found += [_("{file}, row {line}: {why}").format(file=name, line=line, why=why) for line in lines]
        else:
            shown = ", ".join(map(str, lines[:_MOST]))
            found.append(_("{file}, {n} rows ({rows}, …): {why}").format(file=name, n=len(lines), rows=shown, why=why))
    return found


class _Asked:
    """Places on their way in: judged row by row, and stored together."""

    def __init__(self, source: str, epsg: int | None) -> None:
        self.source, self.epsg, self.system = source, epsg, geo.current()
        self.known = {p.external_id: p for p in Place.objects.filter(source=source)}
        self.rows: dict[str, dict[str, Any]] = {}
        self.kinds: Counter[str] = Counter()
        self.namesakes: Counter[str] = Counter()
        self.twice: Counter[str] = Counter()
        self.columns: dict[tuple[str, ...], dict[str, str]] = {}
        self.reach = Reach()
        self.crossed: bool | None = None
        self.turned = 0

    def begin(self) -> None:
        """A new file, which may write its coordinates in another way."""
        self.crossed = None

    def take(self, row: dict[str, Any]) -> str:
        """Judge one row; a text when it cannot be used."""
        name = _pick(row, "", _NAMES)
        if not name:
            return _("The name is missing.")
        at = self._at(row)
        if isinstance(at, str):
            return at
        told = _pick(row, "", _KINDS)
        kind = _kind(told)
        if kind is None:
            self.kinds[told[:40]] += 1
        radius = _pick(row, "", ("radius_m", "radie"))
        given = _pick(row, "", ("id", "kod", "code"))
        if values.ruined(given):
            return _("The identity {text} has lost its last digits in a spreadsheet.").format(text=given[:40])
        identity = (given or name)[:120]
        if given and identity in self.rows:
            self.twice[identity] += 1
        elif identity in self.rows:
            self.namesakes[identity] += 1
            identity = f"{identity[:110]} ({self.namesakes[identity] + 1})"
        self.rows[identity] = {
            "name": name[:150],
            "also_called": _pick(row, "", ("also_called", "kallas"))[:300],
            "kind": kind or PlaceKind.OTHER,
            "x": round(at[0], 2),
            "y": round(at[1], 2),
            "radius_m": int(radius) if re.fullmatch("[0-9]{1,5}", radius) else 75,
        }
        return ""

    def _at(self, row: dict[str, Any]) -> tuple[float, float] | str:
        names = tuple(row)
        if names not in self.columns:
            self.columns[names] = columns.guess([name for name in names if columns.bare(name) not in {"id", "plats"}])
        found, system = self.columns[names], self.system
        metric = "x" in found
        if not metric and "lon" not in found:
            return _("The coordinates are missing or are not numbers.")
        try:
            first, second = (
                numbers.number(_pick(row, found[one], ())) for one in (("x", "y") if metric else ("lon", "lat"))
            )
        except ValueError:
            return _("The coordinates are missing or are not numbers.")
        if first == second == 0:
            return _("The coordinates are 0 and 0, which means that the place is missing. Leave both empty.")
        if metric and not self.epsg and abs(first) <= 180 and abs(second) <= 90:
            metric = False  # degrees under the names of metres
        if metric:
            east, north = first, second
            if self.epsg and self.epsg != system.epsg:
                east, north = system.transformer_from(self.epsg).transform(east, north)
            else:
                changed = not bool(system.contains(east, north)) and bool(system.contains(north, east))
                if self.crossed is None:
                    self.crossed = changed  # in Sweden x has long been the way north, in the whole of a file
                if changed and self.crossed:
                    east, north = north, east
                    self.turned += 1
                elif changed:
                    return _("X {a} and y {b} seem to have changed places.").format(a=first, b=second)
        else:
            if system.looks_swapped(first, second):
                return _("Longitude {a} and latitude {b} seem to have changed places.").format(a=first, b=second)
            if abs(first) > 360 or abs(second) > 360:
                return _(
                    "The coordinates are not degrees and the file does not say which coordinate system they are in. "
                    "Say it with --epsg, for example --epsg 3006 for SWEREF 99 TM."
                )
            xs, ys = system.to_metres([first], [second])
            east, north = float(xs[0]), float(ys[0])
        if not bool(system.contains(east, north)):
            return _("It lies outside the area where {name} holds.").format(name=system.crs.name)
        if bool(self.reach.beyond(np.array([east]), np.array([north]))[0]):
            return _("It lies {km} km from the municipality, and the limit is {limit} km.").format(
                km=self.reach.away(east, north), limit=self.reach.km
            )
        return east, north

    def store(self, result: Result, dry_run: bool = False) -> None:
        """Write what is new and what has changed, each kind in one statement, and tell what was noticed."""
        found = areas_at([row["x"] for row in self.rows.values()], [row["y"] for row in self.rows.values()])
        home, new, changed = people.home(), [], []
        for (identity, row), area in zip(self.rows.items(), found, strict=True):
            row["area_id"] = area
            place = self.known.get(identity)
            if place is None:
                new.append(Place(controller=home, source=self.source, external_id=identity, **row))
            elif all(getattr(place, key) == value for key, value in row.items()):
                result.unchanged += 1
            else:
                for key, value in row.items():
                    setattr(place, key, value)
                place.version += 1
                changed.append(place)
        if not dry_run:
            Place.objects.bulk_create(new, batch_size=1000)
        if changed and not dry_run:
            names = [*next(iter(self.rows.values())), "version"]
            Place.objects.bulk_update(changed, [name.removesuffix("_id") for name in names], batch_size=500)
        result.created, result.updated = len(new), len(changed)
        if self.turned:
            result.notes.append(_("X is the way north in the file, and y the way east. They are read so."))
        if self.kinds:
            result.notes.append(
                _("{n} rows have a kind of place that is not known ({examples}) and are kept as other places.").format(
                    n=self.kinds.total(), examples=", ".join(name for name, _n in self.kinds.most_common(5))
                )
            )
        for told, words in (
            (self.twice, _("{n} rows have the same id as another row ({examples}). The last of them is kept.")),
            (self.namesakes, _("{n} rows have the same name as another row ({examples}) and no id. Each is kept.")),
        ):
            if told:
                result.notes.append(
                    words.format(n=told.total(), examples=", ".join(name for name, _n in told.most_common(5)))
                )


def _kind(text: str) -> str | None:
    """A kind of place by its code or its name in any language of the product; None when it is not known."""
    if not text:
        return PlaceKind.OTHER
    wanted = folded(text)
    for language in ("sv", "en"):
        with override(language):
            for kind in PlaceKind:
                if wanted in {kind.value, folded(str(kind.label))}:
                    return kind.value
    return None
