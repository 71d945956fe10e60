"""The demonstration's map: a schematic town drawn by ourselves, with invented squares and streets.

Districts have neutral names, so that no real neighbourhood is given invented events. The police's
areas stand in the register by the municipality's profile, without geometry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from samverkan.foundation import geo
from samverkan.foundation.people import services as people

from .models import Area, AreaEdition, AreaScheme, GroundFeature, Municipality, Place, PlaceKind

#: South-west corner of the drawing, in degrees; the town is eight by six kilometres.
CORNER = (16.42, 59.335)
SOURCE = "demo"

#: Corners of the districts, in hundreds of metres from the south-west corner, row by row from the south.
_GRID = (
    ((0, 0), (26, 1), (53, 0), (80, 1)),
    ((1, 19), (28, 21), (52, 19), (80, 20)),
    ((0, 39), (27, 41), (54, 40), (79, 39)),
    ((1, 60), (28, 59), (53, 60), (80, 60)),
)
_DISTRICTS = (
    ("Sydväst", "Söder", "Sydost"),
    ("Väster", "Centrum", "Öster"),
    ("Nordväst", "Norr", "Nordost"),
)


@dataclass(frozen=True)
class Spot:
    """An invented place. ``x`` and ``y`` in hundreds of metres from the corner."""

    name: str
    kind: str
    x: float
    y: float
    weight: float


#: Weight: how much happens there in an ordinary week, compared with the others.
SPOTS = (
    Spot("Lindtorget", PlaceKind.SQUARE, 37.5, 30.5, 9.0),
    Spot("Busstorget", PlaceKind.STATION, 41.0, 26.5, 7.0),
    Spot("Gångtunneln vid stationen", PlaceKind.STATION, 43.5, 25.0, 4.0),
    Spot("Parkeringshuset Pumpen", PlaceKind.CAR_PARK, 34.0, 27.0, 3.0),
    Spot("Brogallerian", PlaceKind.SHOPPING, 39.0, 33.0, 5.0),
    Spot("Strandparken", PlaceKind.PARK, 46.0, 35.5, 3.5),
    Spot("Ekparken", PlaceKind.PARK, 33.0, 36.5, 2.5),
    Spot("Bryggtorget", PlaceKind.SQUARE, 60.5, 46.5, 1.6),
    Spot("Hamnmagasinet", PlaceKind.LEISURE, 63.0, 49.5, 1.2),
    Spot("Nordostskolan", PlaceKind.SCHOOL, 68.0, 44.5, 1.5),
    Spot("Norra centrumhuset", PlaceKind.SHOPPING, 39.5, 49.0, 5.0),
    Spot("Norrskolan", PlaceKind.SCHOOL, 43.0, 52.5, 2.2),
    Spot("Norra fritidsgården", PlaceKind.LEISURE, 36.0, 54.0, 1.8),
    Spot("Klockängen", PlaceKind.PARK, 47.0, 46.5, 1.0),
    Spot("Nordvästskolan", PlaceKind.SCHOOL, 15.0, 50.0, 1.2),
    Spot("Björkplan", PlaceKind.HOUSING, 19.5, 46.0, 2.0),
    Spot("Västra torget", PlaceKind.SQUARE, 14.0, 30.0, 4.5),
    Spot("Västerskolan", PlaceKind.SCHOOL, 18.5, 34.0, 2.2),
    Spot("Repslagargården", PlaceKind.HOUSING, 9.5, 26.0, 2.4),
    Spot("Idrottsplatsen Väster", PlaceKind.LEISURE, 22.0, 24.5, 1.2),
    Spot("Gjuteriparken", PlaceKind.PARK, 12.0, 15.0, 1.4),
    Spot("Sydvästskolan", PlaceKind.SCHOOL, 17.5, 9.0, 1.4),
    Spot("Kvarngården", PlaceKind.HOUSING, 21.0, 14.0, 1.8),
    Spot("Södra torget", PlaceKind.SQUARE, 38.5, 11.5, 4.0),
    Spot("Söderskolan", PlaceKind.SCHOOL, 43.0, 8.0, 2.0),
    Spot("Mästargatans parkering", PlaceKind.CAR_PARK, 35.0, 15.5, 1.8),
    Spot("Södra sporthallen", PlaceKind.LEISURE, 46.0, 14.5, 1.2),
    Spot("Sydostskolan", PlaceKind.SCHOOL, 66.0, 9.5, 1.2),
    Spot("Almgården", PlaceKind.HOUSING, 61.0, 13.0, 1.6),
    Spot("Östra centrumhuset", PlaceKind.SHOPPING, 64.5, 29.5, 4.2),
    Spot("Österskolan", PlaceKind.SCHOOL, 69.0, 33.0, 1.8),
    Spot("Lokstallet", PlaceKind.LEISURE, 58.0, 24.0, 1.4),
    Spot("Rönnvägens lekplats", PlaceKind.PARK, 72.5, 26.0, 0.9),
)


def at(x: float, y: float) -> tuple[float, float]:
    """Metres in the installation's system for hundreds of metres in the drawing."""
    (east,), (north,) = (v.tolist() for v in geo.current().to_metres([CORNER[0]], [CORNER[1]]))
    return round(east + 100 * x, 1), round(north + 100 * y, 1)


def _line(*points: tuple[float, float]) -> Any:
    return shapely.LineString([at(*p) for p in points])


def _polygon(*points: tuple[float, float]) -> Any:
    return shapely.Polygon([at(*p) for p in points])


def ground_shapes() -> list[tuple[str, str, Any]]:
    """(kind, name, shape) of the drawing, in metres."""
    shapes: list[tuple[str, str, Any]] = [
        ("land", "", _polygon((-6, -5), (86, -5), (86, 65), (-6, 65))),
        ("water", "Sjön", _polygon((56, 65), (57, 55), (62, 52), (70, 53.5), (76, 50), (86, 52), (86, 65))),
    ]
    river = _line((48, -5), (47, 6), (49.5, 15), (48, 23), (49.5, 32), (49, 40), (52, 47), (56, 52.5), (60, 56))
    shapes.append(("water", "Ån", river.buffer(95, cap_style="flat")))
    for points in (
        ((44.2, 34), (48, 34), (48, 37.5), (44.8, 37.2)),
        ((31, 35), (35, 35), (35, 38), (31.5, 38)),
        ((10, 13.5), (14, 13.5), (14, 16.5), (10, 16.5)),
        ((45.5, 45.5), (48.5, 45.5), (48.5, 48), (45.5, 48)),
        ((70.5, 24.5), (74, 24.5), (74, 27.5), (70.5, 27.5)),
        ((3, 52), (9, 52), (10, 58), (3, 58)),
        ((68, 2), (76, 2), (77, 6), (68, 6)),
    ):
        shapes.append(("green", "", _polygon(*points)))
    for road in (
        ((-6, 29), (14, 30), (38, 29.5), (62, 29), (86, 31)),
        ((38, -5), (38.5, 12), (38, 30), (39, 48), (40, 65)),
        ((-6, 8), (18, 12), (38, 15), (62, 12), (86, 10)),
        ((-6, 47), (16, 48), (39, 49), (56, 46), (86, 44)),
    ):
        shapes.append(("road", "", _line(*road)))
    for k in range(2, 80, 5):
        bend = (k * 7) % 3 - 1
        shapes.append(("street", "", _line((k, 0), (k + bend, 20), (k - bend, 40), (k + bend, 60))))
    for k in range(3, 60, 5):
        bend = (k * 5) % 3 - 1
        shapes.append(("street", "", _line((0, k), (27, k + bend), (53, k - bend), (80, k + bend))))
    shapes.append(("railway", "", _line((-6, 24), (20, 23.5), (44, 24.5), (60, 23), (86, 24.5))))
    water = shapely.union_all([shape for kind, _name, shape in shapes if kind == "water"])
    # Streets end at the water, except roads and the railway, which have bridges.
    return [(kind, name, shape.difference(water) if kind == "street" else shape) for kind, name, shape in shapes]


def load(context: Any) -> None:
    """The districts, the ground and the places of the demonstration."""
    GroundFeature.objects.bulk_create(
        GroundFeature(kind=kind, name=name, geometry=bytes(shapely.to_wkb(shape)), source=SOURCE, is_schematic=True)
        for kind, name, shape in ground_shapes()
    )
    scheme, _new = AreaScheme.objects.get_or_create(code="district", defaults={"name": "Stadsdelar"})
    AreaScheme.objects.filter(counts_incidents=True).exclude(pk=scheme.pk).update(counts_incidents=False)
    if not scheme.counts_incidents:
        scheme.counts_incidents = True
        scheme.save()
    edition = AreaEdition.objects.create(
        scheme=scheme, name="Schematisk", valid_from=date(2020, 1, 1), source="Påhittad indelning"
    )
    areas: dict[str, Area] = {}
    for row, names in enumerate(_DISTRICTS):
        for column, name in enumerate(names):
            corners = (
                _GRID[row][column],
                _GRID[row][column + 1],
                _GRID[row + 1][column + 1],
                _GRID[row + 1][column],
            )
            shape = _polygon(*corners)
            west, south, east, north = shape.bounds
            areas[name] = Area.objects.create(
                controller=people.home(),
                edition=edition,
                code=name.lower(),
                name=name,
                geometry=bytes(shapely.to_wkb(shape)),
                min_x=west,
                min_y=south,
                max_x=east,
                max_y=north,
                area_m2=shape.area,
                valid_from=edition.valid_from,
                is_invented=True,
            )
    shapes = {name: shapely.from_wkb(bytes(area.geometry or b"")) for name, area in areas.items()}
    for spot in SPOTS:
        x, y = at(spot.x, spot.y)
        area = next((areas[n] for n, s in shapes.items() if s.intersects(shapely.Point(x, y))), None)
        Place.objects.create(
            controller=people.home(),
            name=spot.name,
            kind=spot.kind,
            x=x,
            y=y,
            area=area,
            radius_m=75,
            source=SOURCE,
            external_id=spot.name,
            valid_from=date(2020, 1, 1),
            is_invented=True,
        )
    Municipality.objects.get_or_create(name="Eskilstuna", defaults={"code": "0484"})
