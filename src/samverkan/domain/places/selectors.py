"""What can be read about areas and places."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.urls import reverse

from samverkan.foundation import clock
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people.selectors import home_name
from samverkan.foundation.postgres.functions import SvSort, holding
from samverkan.foundation.registries import Hit
from samverkan.foundation.text import folded, plain, rank

from .models import Area, GroundFeature, Municipality, Place

#: At most so many places and areas answer the search box.
MOST_HITS = 20
#: How names of municipalities end that have an s of their own.
_ENDS_WITH_S = re.compile(r"(ås|fors|näs|grums)$", re.IGNORECASE)


def counted_areas(actor: Actor) -> QuerySet[Area]:
    """The areas that incidents are counted in today, sorted as Swedish does."""
    require(actor, "places.view")
    return Area.objects.visible_to(actor).counted().on(clock.today()).order_by(SvSort("name"), "pk")


def areas(actor: Actor, *, scheme: str = "", text: str = "") -> QuerySet[Area]:
    """All areas, of a scheme, with a text in the name."""
    require(actor, "places.view")
    rows = Area.objects.visible_to(actor).select_related("edition__scheme", "parent").defer("geometry")
    if scheme:
        rows = rows.filter(edition__scheme__code=scheme)
    if text:
        rows = rows.filter(holding(text, "name") | Q(code__iexact=text.strip()))
    return rows.order_by(SvSort("name"), "pk")


def places(actor: Actor, *, text: str = "", area: Area | None = None) -> QuerySet[Place]:
    """Named places and addresses valid today; a match at the beginning of the name comes first."""
    require(actor, "places.view")
    today = clock.today()
    rows = (
        Place.objects.visible_to(actor).select_related("area").filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today))
    )
    if area is not None:
        rows = rows.filter(area=area)
    if text:
        wanted = folded(text).replace("\0", "")  # which the database takes in no text
        return (
            rows.filter(holding(text, "name", "also_called"))
            .annotate(low=Lower("name"))
            .annotate(
                rank=Case(When(low__startswith=wanted, then=Value(0)), default=Value(1), output_field=IntegerField())
            )
            .order_by("rank", SvSort("name"), "pk")
        )
    return rows.order_by(SvSort("name"), "pk")


def area(actor: Actor, public_id: UUID) -> Area:
    require(actor, "places.view")
    return Area.objects.visible_to(actor).select_related("edition__scheme", "parent").get(public_id=public_id)


def place(actor: Actor, public_id: UUID) -> Place:
    require(actor, "places.view")
    return Place.objects.visible_to(actor).select_related("area").get(public_id=public_id)


def names_here() -> frozenset[str]:
    """Names of places and counted areas in small letters: words that are nobody's name here."""
    areas, places_ = Area.objects.counted().order_by(), Place.objects.order_by()
    names = areas.values_list("name", flat=True).union(places_.values_list("name", flat=True))
    return frozenset(name.casefold() for name in names)


def area_at(x: float, y: float) -> Area | None:
    """The counted area that holds a point in metres."""
    point = shapely.Point(x, y)
    candidates = (
        Area.objects.counted()
        .on(clock.today())
        .filter(min_x__lte=x, max_x__gte=x, min_y__lte=y, max_y__gte=y, geometry__isnull=False)
    )
    for candidate in candidates.order_by("pk"):
        if shapely.from_wkb(bytes(candidate.geometry or b"")).intersects(point):
            return candidate
    return None


def areas_at(x: Sequence[float], y: Sequence[float]) -> list[int | None]:
    """The primary key of the counted area that holds each point in metres; on a border the first area."""
    rows = list(Area.objects.counted().on(clock.today()).filter(geometry__isnull=False).order_by("pk"))
    found: list[int | None] = [None] * len(x)
    if rows and found:
        tree = shapely.STRtree(shapely.from_wkb([bytes(area.geometry or b"") for area in rows]))
        which, area = tree.query(shapely.points(x, y), predicate="intersects")
        for point, at in sorted(zip(which.tolist(), area.tolist(), strict=True), reverse=True):
            found[point] = rows[at].pk
    return found


@dataclass(frozen=True)
class Found:
    """A place or an area found by its name."""

    kind: str
    public_id: UUID
    name: str
    detail: str
    x: float | None
    y: float | None


def search(actor: Actor, text: str, limit: int = 12) -> list[Found]:
    """Places, then areas, whose names hold a text. See ``holding`` on letters with marks."""
    if len(folded(text)) < 2:
        return []
    found = [
        Found("place", p.public_id, p.name, p.area.name if p.area else "", p.x, p.y)
        for p in places(actor, text=text)[:limit]
    ]
    for a in areas(actor, text=text).filter(edition__scheme__counts_incidents=True)[: limit - len(found)]:
        x = (a.min_x + a.max_x) / 2 if a.min_x is not None and a.max_x is not None else None
        y = (a.min_y + a.max_y) / 2 if a.min_y is not None and a.max_y is not None else None
        found.append(Found("area", a.public_id, a.name, str(a.edition.scheme), x, y))
    return found


#: What stands before a name when people say where something is.
_BEFORE = re.compile(
    r"(?:vid|på|i|utanför|bakom|nära|hos|framför|mittemot|intill|runt|omkring|korsningen|at|by|near|in|on|outside|behind)\s+"
)
#: How like a name what was written must be to be proposed (``difflib``'s ratio).
_LIKE = 0.72


@dataclass(frozen=True)
class Said:
    """What may be meant by a text. ``guessed``: no name holds it, these are only spelt nearly so."""

    found: list[Found]
    guessed: bool
    exact: Found | None


def as_said(actor: Actor, text: str, limit: int = 6) -> Said:
    """Places and areas that somebody means by "vid Bryggtorget": what is called so, else what is called so without
    the word before it, else names spelt nearly so, the nearest first.
    """
    said = folded(text)
    bare = said
    while match := _BEFORE.match(bare):
        bare = bare[match.end() :]
    for words in dict.fromkeys([said, bare]):
        if found := search(actor, words, limit):
            return Said(found, False, next((f for f in found if folded(f.name) == words), None))
    return Said(_near(actor, bare, limit), True, None)


def _near(actor: Actor, said: str, limit: int) -> list[Found]:
    if len(said) < 4:
        return []
    known: dict[str, str] = {}
    for name, also in places(actor).values_list("name", "also_called"):
        for called in (name, *also.split(",")):
            known.setdefault(plain(called), name)
    for name in counted_areas(actor).values_list("name", flat=True):
        known.setdefault(plain(name), name)
    found: dict[tuple[str, UUID], Found] = {}
    for like in difflib.get_close_matches(plain(said), [k for k in known if k], n=limit, cutoff=_LIKE):
        for one in search(actor, known[like], limit):
            if one.name == known[like]:
                found.setdefault((one.kind, one.public_id), one)
    return list(found.values())[:limit]


_ground: tuple[tuple[int, int], dict[str, list[Any]], list[tuple[float, float, str]], bool] | None = None


def ground() -> tuple[dict[str, list[Any]], list[tuple[float, float, str]], bool]:
    """The map's ground: shapes by kind, names on water (x, y, name), and whether it is schematic.

    Kept in the process while the table is unchanged: the ground changes a few times a year.
    """
    global _ground
    stamp = GroundFeature.objects.aggregate(n=Count("pk"), last=Max("pk"))
    key = (stamp["n"], stamp["last"] or 0)
    if _ground is None or _ground[0] != key:
        shapes: dict[str, list[Any]] = {}
        names = []
        schematic = False
        for feature in GroundFeature.objects.order_by("pk"):
            geometry = shapely.from_wkb(bytes(feature.geometry))
            shapes.setdefault(feature.kind, []).append(geometry)
            schematic = schematic or feature.is_schematic
            if feature.name and feature.kind == "water":
                point = geometry.representative_point()
                names.append((point.x, point.y, feature.name))
        _ground = (key, shapes, names, schematic)
    return _ground[1:]


def hits(actor: Actor, text: str) -> list[Hit]:
    """For the search box: places, then areas, those that incidents are counted in first."""
    if not actor.may("places.view"):
        return []
    wanted = folded(text)
    found = search(actor, text, MOST_HITS)
    others = (
        areas(actor, text=text).exclude(edition__scheme__counts_incidents=True)
        if len(wanted) > 1
        else Area.objects.none()
    )
    found += [Found("area", a.public_id, a.name, str(a.edition), None, None) for a in others[: MOST_HITS - len(found)]]
    return [Hit(f.name, reverse(f.kind, args=[f.public_id]), f.detail, rank(text, f.name)) for f in found]


def home_municipality() -> str:
    """The plain name of the installation's own municipality: ``Lunds kommun`` is Lund, ``Borås Stad`` is Borås.

    Empty before the municipality has a name.
    """
    home = home_name().strip()
    name = re.sub(r"(?<=\S)\s+(kommun|stad)$", "", home, flags=re.IGNORECASE)
    if name == home or not name.endswith("s"):
        return name
    # The genitive's s goes; names that end with s have no other.
    known = set(Municipality.objects.filter(name__in=[name, name[:-1]]).values_list("name", flat=True))
    return name if name in known or (not known and _ENDS_WITH_S.search(name)) else name[:-1]
