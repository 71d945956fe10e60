"""Imports areas and places; twice changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.foundation import clock, geo, reading
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people

from . import geofiles
from .models import Area, AreaEdition, AreaScheme, Place, PlaceKind

#: What files call the name and the code of an area, in order of trust.
_NAMES = ("namn", "name", "kom_namn", "regsonamn", "desonamn", "tatort", "omrade")
_CODES = ("code", "kod", "desokod", "regsokod", "deso", "regso", "kommunkod", "id")
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
        value = lowered.get(name)
        if value not in (None, ""):
            return " ".join(str(value).replace("\xa0", " ").split())
    return ""


def _date(value: Any) -> date | None:
    text = str(value or "").strip()
    for pattern in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(text[:10].rstrip("T"), pattern).date()  # noqa: DTZ007 (a date)
        except ValueError:
            continue
    return None


@transaction.atomic
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
) -> Result:
    """Import areas of one edition of a scheme from GeoJSON or GeoPackage files.

    An area is known by its code in the edition; geometry and name that differ update it.
    """
    require(actor, "places.manage")
    result = Result()
    year = re.search(r"(19|20)\d\d", edition)
    begins = _date(valid_from) or (date(int(year[0]), 1, 1) if year else clock.today())
    kept, _new = AreaScheme.objects.get_or_create(code=scheme, defaults={"name": _SCHEME_NAMES.get(scheme, scheme)})
    if counted and not kept.counts_incidents:
        AreaScheme.objects.filter(counts_incidents=True).update(counts_incidents=False)
        kept.counts_incidents = True
        kept.save()
    issue, _new = AreaEdition.objects.get_or_create(
        scheme=kept, name=edition, defaults={"valid_from": begins, "source": source[:200], "licence": licence[:200]}
    )
    known = {area.code: area for area in issue.areas.all()}
    seen: set[str] = set()
    for path in paths:
        try:
            found = geofiles.read(path, epsg=epsg)
        except geofiles.BadGeoFile as error:
            result.problems.append(f"{path.name}: {error}")
            continue
        result.notes += [f"{path.name}: {note}" for note in dict.fromkeys(found.notes)]
        for feature in found.features:
            if only:
                column, _eq, wanted = only.partition("=")
                if _pick(feature.properties, column, ()) != wanted.strip():
                    continue
            result.read += 1
            problem = _take(
                feature, issue, known, seen, result, name_column, code_column, classification_column, is_invented
            )
            if problem:
                result.problems.append(
                    _("{file}, feature {n}: {why}").format(file=path.name, n=feature.number, why=problem)
                )
    return result


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
    code = _pick(properties, code_column, _CODES) or name
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
    values = {
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
        known[code[:60]] = Area.objects.create(controller=people.home(), edition=issue, code=code[:60], **values)
        result.created += 1
        return ""
    if all(
        (bytes(getattr(area, k)) if k == "geometry" and area.geometry else getattr(area, k)) == v
        for k, v in values.items()
    ):
        result.unchanged += 1
        return ""
    for key, value in values.items():
        setattr(area, key, value)
    area.version += 1
    area.save()
    result.updated += 1
    return ""


@transaction.atomic
def import_places(actor: Actor, *, paths: list[Path], source: str = "file", epsg: int | None = None) -> Result:
    """Import named places and addresses from tables with name and coordinates, or GeoJSON points.

    Columns: name (namn), kind (typ), also_called, radius_m, id, and lon and lat, or x and y in
    ``epsg`` (the installation's system unless said).
    """
    require(actor, "places.manage")
    result = Result()
    system = geo.current()
    known = {p.external_id: p for p in Place.objects.filter(source=source)}
    for path in paths:
        try:
            for line, row in reading.read(path):
                result.read += 1
                problem = (
                    row.problem
                    if isinstance(row, reading.BadRow)
                    else _take_place(row, source, system, epsg, known, result)
                )
                if problem:
                    result.problems.append(
                        _("{file}, row {line}: {why}").format(file=path.name, line=line, why=problem)
                    )
        except reading.BadFile as problem:
            result.problems.append(f"{path.name}: {problem}")
    return result


def _take_place(
    row: dict[str, Any], source: str, system: geo.System, epsg: int | None, known: dict[str, Place], result: Result
) -> str:
    from .selectors import area_at

    name = _pick(row, "", _NAMES)
    if not name:
        return _("The name is missing.")
    try:
        if _pick(row, "", ("x",)):
            east, north = float(_pick(row, "", ("x",))), float(_pick(row, "", ("y",)))
            if epsg and epsg != system.epsg:
                east, north = system.transformer_from(epsg).transform(east, north)
        else:
            lon, lat = float(_pick(row, "", ("lon", "longitude"))), float(_pick(row, "", ("lat", "latitude")))
            if system.looks_swapped(lon, lat):
                return _("Longitude {a} and latitude {b} seem to have changed places.").format(a=lon, b=lat)
            xs, ys = system.to_metres([lon], [lat])
            east, north = float(xs[0]), float(ys[0])
    except ValueError:
        return _("The coordinates are missing or are not numbers.")
    if not bool(system.contains(east, north)):
        return _("It lies outside the area where {name} holds.").format(name=system.crs.name)
    kind = _pick(row, "", ("kind", "typ")) or PlaceKind.OTHER
    if kind not in PlaceKind.values:
        kind = PlaceKind.OTHER
    radius = _pick(row, "", ("radius_m",))
    values = {
        "name": name[:150],
        "also_called": _pick(row, "", ("also_called", "kallas"))[:300],
        "kind": kind,
        "x": round(east, 2),
        "y": round(north, 2),
        "radius_m": int(radius) if re.fullmatch("[0-9]{1,5}", radius) else 75,
        "area": area_at(east, north),
    }
    identity = (_pick(row, "", ("id", "kod", "code")) or name)[:120]
    place = known.get(identity)
    if place is None:
        known[identity] = Place.objects.create(controller=people.home(), source=source, external_id=identity, **values)
        result.created += 1
    elif all(getattr(place, key) == value for key, value in values.items()):
        result.unchanged += 1
    else:
        for key, value in values.items():
            setattr(place, key, value)
        place.version += 1
        place.save()
        result.updated += 1
    return ""
