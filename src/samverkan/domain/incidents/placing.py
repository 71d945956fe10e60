"""Where an incident is, in the installation's terms: metres, hexagon, area, municipality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from django.db.models import Q
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from samverkan.domain.places.api import Area, Municipality, Place, PlaceKind, Reach
from samverkan.foundation import clock, geo
from samverkan.foundation.text import folded

#: Characters of a municipality's name.
LONGEST = 100


class Areas:
    """The areas that incidents are counted in, found by point, name or code."""

    def __init__(self) -> None:
        rows = list(Area.objects.counted().on(clock.today()).order_by("pk"))
        self.by_name = {folded(key): area.pk for area in reversed(rows) for key in (area.code, area.name) if key}
        drawn = [area for area in rows if area.geometry]
        self.ids = np.array([area.pk for area in drawn], np.int64)
        self.shapes = (
            shapely.from_wkb([bytes(area.geometry or b"") for area in drawn]) if drawn else np.array([], object)
        )
        self.tree = shapely.STRtree(self.shapes) if drawn else None
        self.reach = Reach()

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """The area of each point, 0 where none. A point on a border belongs to the first area."""
        found = np.zeros(len(x), np.int64)
        if self.tree is not None and len(x):
            which, area = self.tree.query(shapely.points(x, y), predicate="intersects")
            order = np.lexsort((-area, which))  # the last written wins, so the first area is written last
            found[which[order]] = self.ids[area[order]]
        return found


class Places:
    """Places in the register by name, letter case aside. A name that two places have is none."""

    def __init__(self) -> None:
        today = clock.today()
        self.by_name: dict[str, Place | None] = {}
        for place in Place.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today)).order_by("pk"):
            for name in {folded(place.name), *(folded(part) for part in place.also_called.split(","))} - {""}:
                self.by_name[name] = None if name in self.by_name else place

    def find(self, name: str) -> Place | None:
        """The place that a text names."""
        return self.by_name.get(folded(name))


class Municipalities:
    """Municipalities by name, letter case aside; unknown names are added."""

    def __init__(self) -> None:
        self.by_name = {folded(m.name): m for m in Municipality.objects.all()}

    def find(self, name: str) -> int | None:
        name = name[:LONGEST].strip()
        if not name:
            return None
        known = self.by_name.get(folded(name))
        if known is None:
            known = self.by_name[folded(name)] = Municipality.objects.get_or_create(name=name)[0]
        elif sum(c.isupper() for c in name) > sum(c.isupper() for c in known.name):
            # "Upplands-Bro" is how it is written; "Upplands-bro" is a source's habit.
            known.name = name
            known.save(update_fields=["name"])
        return known.pk


@dataclass
class Placed:
    """Columns for rows with coordinates; ``problem`` is a text where the place cannot be used."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    hexagon: NDArray[np.int32]
    area: NDArray[np.int64]
    problem: list[str | None]


@dataclass(slots=True)
class At:
    """Where one row is, as it is stored."""

    x: float | None = None
    y: float | None = None
    radius_m: int | None = None
    hexagon: int | None = None
    area: int | None = None
    place: int | None = None
    precision: str = "municipality"

    @staticmethod
    def of(place: Place) -> At:
        """At a place of the register: an address is a point, a square reaches some way."""
        radius = None if place.kind == PlaceKind.ADDRESS else place.radius_m
        hexagon = int(geo.hexagon_of(np.array([place.x]), np.array([place.y]))[0])
        precision = "approximate" if radius else "point"
        return At(place.x, place.y, radius, hexagon, place.area_id, place.pk, precision)

    def without_point(self) -> At:
        """The same known by its area only."""
        return At(area=self.area, precision="area" if self.area else "municipality")


def _degrees(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Whether all of these can be degrees."""
    return bool((np.abs(first) <= 360).all() and (np.abs(second) <= 360).all())


def place(
    first: NDArray[np.float64], second: NDArray[np.float64], *, metric: bool, epsg: int | None, areas: Areas
) -> Placed:
    """Turn coordinates of a source into the installation's, each judged.

    ``first`` and ``second`` are longitude and latitude, or x and y in ``epsg`` when ``metric``, or when they
    cannot be degrees.
    """
    system = geo.current()
    # Metres in columns that are called longitude and latitude, when somebody has said the system they are in.
    metric = metric or (epsg is not None and not _degrees(first, second))
    if metric and epsg and epsg != system.epsg:
        x, y = system.transformer_from(epsg).transform(first, second)
        x, y = np.asarray(x, float), np.asarray(y, float)
    elif metric:
        x, y = first.astype(float), second.astype(float)
    else:
        x, y = system.to_metres(first, second)
    inside = np.isfinite(x) & np.isfinite(y) & system.contains(x, y)
    far = np.zeros(len(x), bool)
    far[inside] = areas.reach.beyond(x[inside], y[inside])
    problem: list[str | None] = [None] * len(x)
    for i in np.flatnonzero(~inside | far):
        a, b = float(first[i]), float(second[i])
        if a == b == 0:
            problem[i] = _("The coordinates are 0 and 0, which means that the place is missing. Leave both empty.")
        elif not metric and not _degrees(first[i : i + 1], second[i : i + 1]):
            problem[i] = _(
                "{a} and {b} are no degrees, and the file does not say which coordinate system they are in. Say it with --epsg, "
                "or as the file's coordinate system in the browser: 3006 is SWEREF 99 TM."
            ).format(a=a, b=b)
        elif metric and not epsg and not inside[i] and _degrees(first[i : i + 1], second[i : i + 1]):
            problem[i] = _(
                "{a} and {b} look like degrees and not metres. Choose their columns as longitude and latitude."
            ).format(a=a, b=b)
        elif system.looks_swapped(a, b) if not metric else not inside[i] and bool(system.contains(y[i], x[i])):
            problem[i] = (
                _("X {a} and y {b} seem to have changed places.")
                if metric
                else _("Longitude {a} and latitude {b} seem to have changed places.")
            ).format(a=a, b=b)
        elif far[i]:
            problem[i] = _(
                "The place {a}, {b} lies {km} km from the municipality, and the limit is {limit} km. Look whether the columns "
                "have changed places, whether the coordinate system is right, and whether a minus sign is missing."
            ).format(a=a, b=b, km=areas.reach.away(float(x[i]), float(y[i])), limit=areas.reach.km)
        else:
            problem[i] = _("The place {a}, {b} lies outside the area where {name} holds.").format(
                a=a, b=b, name=system.crs.name
            )
    good = inside & ~far
    hexagon = np.zeros(len(x), np.int32)
    area = np.zeros(len(x), np.int64)
    if good.any():
        hexagon[good] = geo.hexagon_of(x[good], y[good])
        area[good] = areas.at(x[good], y[good])
    return Placed(x, y, hexagon, area, problem)
