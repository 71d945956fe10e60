"""Draws land, water, green, streets, density, areas, places, attention and words, in that order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from ..charts.classes import class_limits, class_of, hidden_words, limit_texts
from ..charts.svg import el, figure, hatch, num, text, width_of
from ..charts.table import HIDDEN, MISSING, Cell, Column, Hidden, Table, cell_text
from ..numbers import format_number
from .layers import AreaOnMap, Attention, Ground, Hexagon, Mark, PlaceName, Sign
from .legend import mark_shape
from .legend import rows as legend_rows
from .names import NamePlaces, name_size
from .projection import Projection, Viewport

MOST_ATTENTION = 3
#: Drawings narrower than this (pixels) say less.
SMALL = 480
#: Cells at least this wide (pixels) have their number in print and documents.
ROOM_FOR_NUMBER = 16
HIDDEN_CLASS = -1
#: Eight points on a ring of radius 1.
_AROUND = [(math.cos(math.radians(a)), math.sin(math.radians(a))) for a in range(0, 360, 45)]


@dataclass(frozen=True)
class MapPicture:
    """All that one map shows. ``key`` is unique on the page; texts come translated.

    ``cell_metres`` is the hexagons' size across, ``floor`` the lowest count that may be shown,
    ``municipality_only`` how many are known by municipality only and so are never drawn. ``counted`` says in the
    legend what the density counts, with ``%(metres)s`` for the size, and ``signs`` what the marks' signs stand for.
    """

    key: str
    title: str
    description: str
    viewport: Viewport
    ground: Ground = field(default_factory=Ground)
    areas: Sequence[AreaOnMap] = ()
    hexagons: Sequence[Hexagon] = ()
    marks: Sequence[Mark] = ()
    places: Sequence[PlaceName] = ()
    attention: Sequence[Attention] = ()
    cell_metres: int = 300
    floor: int = 1
    schematic: bool = True
    municipality_only: int | Hidden = 0
    counted: str = ""
    signs: Mapping[Sign, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.attention) > MOST_ATTENTION:
            raise ValueError(f"A map has at most {MOST_ATTENTION} attention rings; this has {len(self.attention)}.")

    def limits(self) -> tuple[int, ...]:
        """The lowest count of each density class."""
        return class_limits((h.count for h in self.hexagons if h.count is not HIDDEN), self.floor)

    def svg(self, width: float = 736, height: float = 500, *, legend: bool = False, links: bool = True) -> str:
        """The drawing in pixels; with ``legend`` the explanation stands under it (for documents)."""
        p = Projection(self.viewport, width, height)
        key = f"{self.key}-{int(width)}"
        clip = f"{key}-frame"
        layers = [
            hatch(f"{key}-hatch"),
            el("defs", el("clipPath", el("rect", width=float(width), height=float(height)), id=clip)),
            el(
                "g",
                *self._ground(p),
                *self._density(p, key),
                *self._area_lines(p),
                *self._marks(p),
                *self._attention_rings(p),
                *self._names(p, links),
                *self._callouts(p),
                *self._scale(p),
                clip_path=f"url(#{clip})",
            ),
        ]
        role = "group" if links and any(area.href for area in self.areas) else "img"
        tall = height
        if legend:
            rows = self._drawn_legend(width, height)
            layers += rows[0]
            tall = rows[1]
        return figure(key, width, tall, self.title, self.description, *layers, class_="map", role=role)

    def legend(self) -> list[tuple[str, str]]:
        """(what the swatch shows, its text), in the order of reading.

        What the swatch shows is ``density-1`` … ``density-5``, ``hatched``, the name of a sign, ``approximate``,
        ``attention`` or, for words alone, the empty text.
        """
        entries: list[tuple[str, str]] = []
        if any(h.count is not HIDDEN for h in self.hexagons):
            entries += [(f"density-{cls}", words) for cls, words in limit_texts(self.limits())]
        if any(h.count is HIDDEN for h in self.hexagons):
            entries.append(("hatched", hidden_words(self.floor)))
        drawn = {m.sign for m in self.marks if not m.radius}
        entries += [(sign.value, str(words)) for sign, words in self.signs.items() if sign in drawn]
        if any(m.radius for m in self.marks):
            entries.append(("approximate", _("approximate place")))
        if self.attention:
            entries.append(("attention", _("stands out")))
        example = next((a.only_area for a in self.areas if a.only_area), 0)
        if example:
            entries.append(("", _("+ %(number)s in the area = only the area is known") % {"number": self._n(example)}))
        return entries

    def legend_title(self) -> str:
        """What the density counts, with the size of its cells; empty without density."""
        return self.counted % {"metres": self._n(self.cell_metres)} if self.hexagons else ""

    def under(self) -> str:
        """The line under the map: what is counted but cannot be drawn; empty when there is none."""
        if self.municipality_only == 0:
            return ""
        return _("%(number)s known by municipality only. Counted in the table but not drawn on the map.") % {
            "number": cell_text(self.municipality_only)
        }

    def table(self) -> Table:
        """Counts per area, then what is known by municipality only; the sum where nothing is hidden."""
        rows: list[list[Cell]] = [[area.name, area.count] for area in self.areas]
        if self.municipality_only != 0:
            rows.append([_("Known by municipality only"), self.municipality_only])
        counts = [row[1] for row in rows]
        total: list[Cell] | None = None
        if rows and all(isinstance(c, int) for c in counts):
            total = [_("Total"), sum(c for c in counts if isinstance(c, int))]
        return Table(self.title, [Column(_("Area")), Column(_("Count"), numeric=True)], rows, total)

    @staticmethod
    def _n(value: int) -> str:
        return format_number(value, language=get_language() or "sv")

    def _ground(self, p: Projection) -> list[str]:
        out = [el("rect", width=p.width, height=p.height, class_="map-land")]
        layers: list[tuple[str, Sequence[BaseGeometry]]] = [
            ("map-land", self.ground.land),
            ("map-green", self.ground.green),
            ("map-water", self.ground.water),
            ("map-street", self.ground.streets),
            ("map-road-edge", self.ground.roads),
            ("map-road", self.ground.roads),
            ("map-rail", self.ground.railways),
        ]
        for class_, geometries in layers:
            data = "".join(p.path(g) for g in geometries)
            if data:
                out.append(el("path", d=data, class_=class_))
        return out

    def _density(self, p: Projection, key: str) -> list[str]:
        """One path per class, so that thousands of cells stay light; numbers where there is room."""
        if not self.hexagons:
            return []
        limits = self.limits()
        classes = np.array(
            [HIDDEN_CLASS if h.count is HIDDEN else class_of(int(h.count), limits) for h in self.hexagons]
        )
        rings = np.array([h.ring[:6] for h in self.hexagons], dtype=float)
        x, y = p.point(rings[:, :, 0], rings[:, :, 1])
        corners, middle = np.stack([x, y], axis=2), np.stack([x.mean(axis=1), y.mean(axis=1)], axis=1)
        near = (middle > -60).all(axis=1) & (middle[:, 0] < p.width + 60) & (middle[:, 1] < p.height + 60)
        out = []
        for cls in sorted({int(c) for c in classes[near]} - {0}):
            cells = corners[near & (classes == cls)]
            # One format for all corners of a class: text is what takes the time.
            data = ("M%.1f %.1f" + "L%.1f %.1f" * 5 + "Z") * len(cells) % tuple(cells.ravel().tolist())
            if cls == HIDDEN_CLASS:
                out.append(el("path", d=data, fill=f"url(#{key}-hatch)", class_="map-hidden"))
            else:
                out.append(el("path", d=data, class_=f"map-hexagon density-{cls}"))
        if p.width >= SMALL and p.length(self.cell_metres) >= ROOM_FOR_NUMBER:
            for index in np.flatnonzero(near & (classes > 0)).tolist():
                count, (mx, my) = self.hexagons[index].count, middle[index].tolist()
                assert isinstance(count, int)
                number = f"map-number on-density-{classes[index]}"
                out.append(text(self._n(count), mx, my + 5, number, "middle"))
        return out

    def _area_lines(self, p: Projection) -> list[str]:
        drawn = [(p.path(area.geometry.boundary), area.chosen) for area in self.areas if not area.geometry.is_empty]
        return [el("path", d=d, class_="map-area-chosen" if chosen else "map-area") for d, chosen in drawn if d]

    def _marks(self, p: Projection) -> list[str]:
        out = []
        for mark in self.marks:
            if not p.shows(mark.x, mark.y):
                continue
            x, y = p.point(mark.x, mark.y)
            name = el("title", escape(mark.title)) if mark.title else ""
            if mark.radius:
                out.append(el("circle", name, cx=x, cy=y, r=max(7.0, p.length(mark.radius)), class_="map-approximate"))
                out.append(el("circle", cx=x, cy=y, r=1.6, class_="map-approximate-middle"))
            else:
                out.append(mark_shape(mark.sign, x, y, name))
        return out

    def _attention_rings(self, p: Projection) -> list[str]:
        out = []
        for ring in self.attention:
            x, y = p.point(ring.x, ring.y)
            out.append(el("circle", cx=x, cy=y, r=max(14.0, p.length(ring.radius)), class_="map-attention"))
        return out

    def _names(self, p: Projection, links: bool) -> list[str]:
        out = []
        boxes = [self._callout(p, ring) for ring in self.attention if ring.name]
        places = NamePlaces(p, self.obstacles(p), [(x, y, x + w, y + h) for x, y, w, h in boxes])
        for area in self.areas:
            label = self.beside(area)
            if area.only_area and p.width < SMALL:
                label = f"+\u00a0{self._n(area.only_area)}"
            where = places.find(area.geometry, *name_size(area.name, label))
            if where is None:
                continue
            x, y = where
            words = text(area.name, x, y, "map-name", "middle")
            if label:
                words += " " + text(label, x, y, "map-count", "middle", dy="1.2em")
            out.append(el("a", words, href=area.href) if links and area.href else el("g", words))
        for place in self.places:
            if p.shows(place.x, place.y):
                x, y = p.point(place.x, place.y)
                out.append(text(place.name, x, y, "map-water-name" if place.water else "map-name", "middle"))
        return out

    def beside(self, area: AreaOnMap) -> str:
        """The line under an area's name: how many have no known place, or without density how many there are."""
        if area.only_area:
            return _("+ %(number)s in the area") % {"number": self._n(area.only_area)}
        return "" if self.hexagons or area.count is MISSING else cell_text(area.count)

    def obstacles(self, p: Projection) -> list[tuple[float, float, float]]:
        """(x, y, weight) in pixels of what a name should not cover."""
        limits = self.limits()
        out = []
        for cell in self.hexagons:
            # The first and the fourth corner lie opposite each other.
            (ax, ay), (bx, by) = cell.ring[0], cell.ring[3]
            weight = 0.3 if cell.count is HIDDEN else class_of(int(cell.count), limits)
            out.append((*p.point((ax + bx) / 2, (ay + by) / 2), float(weight)))
        for mark in self.marks:
            x, y = p.point(mark.x, mark.y)
            out.append((x, y, 6.0))
            if mark.radius:  # the ring around an approximate place
                reach = max(7.0, p.length(mark.radius))
                out += [(x + dx * reach, y + dy * reach, 3.0) for dx, dy in _AROUND]
        out += [(*p.point(place.x, place.y), 12.0) for place in self.places]
        for ring in self.attention:
            out += [
                (*p.point(ring.x + dx * ring.radius, ring.y + dy * ring.radius), 9.0)
                for dx in (-1, -0.5, 0, 0.5, 1)
                for dy in (-1, -0.5, 0, 0.5, 1)
            ]
        return out

    def _callout(self, p: Projection, ring: Attention) -> tuple[float, float, float, float]:
        """Left, top, width and height of the box with the words: over the ring if there is room."""
        x, y = p.point(ring.x, ring.y)
        radius = max(14.0, p.length(ring.radius))
        wide = min(max(width_of(ring.name, 14) * 1.06, width_of(ring.words, 14)) + 24, p.width - 16)
        tall = 50.0 if ring.words else 30.0
        left = min(max(8.0, x + radius * 0.5), p.width - wide - 8)
        above = y - radius - 24 - tall
        return left, above if above >= 8 else min(y + radius + 24, p.height - tall - 8), wide, tall

    def _callouts(self, p: Projection) -> list[str]:
        out = []
        for ring in self.attention:
            if not ring.name:  # a ring alone, where the words stand beside the map
                continue
            x, y = p.point(ring.x, ring.y)
            radius = max(14.0, p.length(ring.radius))
            left, top, wide, tall = self._callout(p, ring)
            edge, foot = (y - radius, top + tall) if top < y else (y + radius, top)
            anchor = min(max(x, left + 10), left + wide - 10)
            out.append(el("line", x1=x, y1=edge, x2=anchor, y2=foot, class_="map-leader"))
            out.append(el("rect", x=left, y=top, width=wide, height=tall, rx=2, class_="map-callout"))
            out.append(text(ring.name, left + 12, top + 20, "map-callout-name"))
            if ring.words:
                out.append(text(ring.words, left + 12, top + 39, "map-callout-words"))
        return out

    def _scale(self, p: Projection) -> list[str]:
        metres = next((m for m in (20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50) if p.length(m) <= 130), 20)
        long = p.length(metres)
        label = f"{metres // 1000}\u00a0km" if metres >= 1000 else f"{metres}\u00a0m"
        note = _("Schematic map") if self.schematic else ""
        words = f"{label}   {note}" if note else label
        base = p.height - 16
        return [
            el("rect", x=8.0, y=base - 16, width=long + 34 + width_of(words, 13), height=26.0, class_="map-plate"),
            el("path", d=f"M18 {num(base - 6)}v6h{num(long)}v-6", class_="map-scale"),
            text(label, 26 + long, base + 1, "map-small"),
            text(note, 26 + long + width_of(label, 13) + 14, base + 1, "map-small") if note else "",
        ]

    def _drawn_legend(self, width: float, top: float) -> tuple[list[str], float]:
        out, y = legend_rows(self.legend_title(), self.legend(), width, top)
        if self.under():
            y += 14
            out.append(text(self.under(), 0, y, "chart-legend"))
            y += 12
        return out, y
