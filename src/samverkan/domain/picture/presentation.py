"""Map, charts and tables of one picture, from the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import shapely
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from samverkan.domain.places.api import Area, counted_areas, ground, home_municipality
from samverkan.foundation import geo
from samverkan.foundation.geo.hexagons import centres
from samverkan.foundation.text import folded, sv_key
from samverkan.foundation.web.charts import (
    HIDDEN,
    MISSING,
    Annotation,
    AtLeast,
    Bar,
    BarChart,
    Cell,
    Column,
    HeatChart,
    Hidden,
    LineChart,
    LinePoint,
    Table,
)
from samverkan.foundation.web.maps import (
    AreaOnMap,
    Attention,
    Ground,
    Hexagon,
    MapPicture,
    Mark,
    PlaceName,
    Viewport,
    hexagon_ring,
)
from samverkan.foundation.web.maps.draw import MOST_ATTENTION
from samverkan.foundation.weeks import Week

from . import attention, comparison, dimensions, newcomers, selectors, words
from .answer import Count, Picture, Summary
from .comparison import Usual, Verdict
from .filters import Filter
from .hour_ideas import Suggestion, suggestions

#: More cells than this are drawn at twice the size.
_MOST_HEXAGONS = 1500
#: Metres; on a map wider than this cells of 300 metres are specks.
_WIDE = 15_000
_MOST_MARKS = 400
_CHART_WEEKS = 52
_MOST_CHART_WEEKS = 260
_BARS = 12
#: Fewer than this in three hours are no pattern to speak of.
_FEWEST_FOR_WORDS = 5


_Count = TypeVar("_Count", int, float)


def _cell(value: _Count | None) -> _Count | Hidden:
    return HIDDEN if value is None else value


def _shown(count: Count) -> int | Hidden | AtLeast:
    """A count as a cell: the number, how many at least, or that it is hidden."""
    return AtLeast(count.at_least) if count.value is None and count.at_least else _cell(count.value)


def _size(count: Count) -> int:
    """What counts are sorted by, the largest first."""
    return -(count.at_least if count.value is None else count.value)


@dataclass(frozen=True)
class AreaRow:
    """One area of the table. ``usual`` and ``compared`` are words."""

    key: str
    name: str
    query: str
    value: int | Hidden | AtLeast
    usual: str
    compared: str
    verdict: Verdict

    @property
    def stands_out(self) -> bool:
        return self.verdict in {Verdict.MORE, Verdict.FEWER}


def _row_size(row: AreaRow) -> int:
    value = row.value
    return -1 if isinstance(value, Hidden) else value.value if isinstance(value, AtLeast) else value


class Page:
    """Everything that the page of a picture shows."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.filter: Filter = picture.filter
        self.summary: Summary = picture.summary()
        self._usual: dict[str, dict[str, Usual | None]] = {}

    @cached_property
    def base_years(self) -> list[int]:
        """The years of the base period that there are figures of."""
        last = self.summary.last or Week.current()
        years = comparison.base_years(self.filter.base, last)
        known = [year for year in years if self.picture.windows([year])]
        return known or years

    @cached_property
    def usual(self) -> Usual | None:
        return self.picture.usual_total()

    @cached_property
    def verdict(self) -> Verdict:
        return self.judge(self.summary.total, self.usual)

    def judge(self, count: int | None, base: Usual | None, name: str = "", key: str = "") -> Verdict:
        """How a count stands beside what is usual. Of weeks that go on only *more* can be said already.

        ``name`` and ``key`` say which group is counted, none the whole. Who has begun to report is no increase:
        what is more only with new sources is not compared.
        """
        verdict = comparison.judge(count, base)
        if verdict in {Verdict.MORE, Verdict.SOMEWHAT_MORE} and self.newcomers:
            known = newcomers.without(self.picture, self.newcomers, name, key)
            still = Verdict.UNKNOWN if known is None else comparison.judge(known, base)
            verdict = still if still is Verdict.MORE else Verdict.NEW_SOURCE if known != count else verdict
        over = self.summary.last is None or self.summary.last < Week.current()
        return verdict if over or verdict is Verdict.MORE else Verdict.UNKNOWN

    @cached_property
    def newcomers(self) -> tuple[dimensions.Group, ...]:
        """Sources that are new in the period."""
        return newcomers.newcomers(self.picture)

    @property
    def new_sources(self) -> str:
        """The sentence on sources that are new in the period; empty when there are none."""
        return words.new_sources([group.name for group in self.newcomers])

    def _usual_of(self, name: str) -> dict[str, Usual | None]:
        if name not in self._usual:
            self._usual[name] = self.picture.usual_by(name)
        return self._usual[name]

    @property
    def heading(self) -> str:
        when = words.span(self.filter, self.summary.first, self.summary.last)
        return words.heading(self.summary.total, self.verdict, when, self.summary.at_least)

    @property
    def period(self) -> str:
        return words.period(self.filter, self.summary.first, self.summary.last)

    @property
    def lead(self) -> str:
        sentences = words.lead(self.period, self.usual, self.base_years, self.picture.last_year())
        apart = [row.name for row in self.area_rows("namn") or () if row.verdict is Verdict.MORE and row.query]
        if apart:
            sentences.insert(1, _("More than usual: %(names)s.") % {"names": ", ".join(apart)})
        if self.verdict is Verdict.NEW_SOURCE:
            sentences.insert(1, self.new_sources)
        if self.elsewhere:
            sentences.append(words.elsewhere(self.elsewhere))
        return " ".join(sentences)

    @cached_property
    def elsewhere(self) -> int:
        """How many of the counted come from other municipalities, when nobody asked for one; 0 where not shown."""
        rows = [c for c in self.summary.by["municipality"] or () if c.value and c.key != dimensions.UNKNOWN]
        if len(rows) < 2 or self.filter.municipalities:
            return 0
        home = folded(home_municipality())
        return sum(c.value or 0 for c in rows if folded(c.key) != home) if home else 0

    @cached_property
    def not_covered(self) -> int | None:
        """How many of other municipalities are left out; None where the number is not shown."""
        return self.picture.not_covered()

    @property
    def cover_words(self) -> str:
        """That only the home municipality is counted, and how many are left out; empty when every one is."""
        if self.picture.home is None:
            return ""
        return words.not_covered(home_municipality(), self.not_covered)

    @property
    def every_query(self) -> str:
        """The same question with every municipality counted."""
        return replace(self.filter, cover="all").query()

    @property
    def total_cell(self) -> int | Hidden | AtLeast:
        return _shown(Count("", "", self.summary.total, self.summary.at_least))

    @property
    def usual_words(self) -> str:
        return words.usual(self.usual)

    @property
    def compared(self) -> str:
        return words.compared(self.verdict)

    @property
    def sources(self) -> str:
        """Each source with its licence."""
        return "; ".join(self.picture.names.licences)

    # -- areas ---------------------------------------------------------------------------------

    def area_rows(self, sort: str = "-antal") -> list[AreaRow] | None:
        """The areas with what is usual; None where the table is not shown with this filter."""
        counts = self.summary.by["area"]
        if counts is None:
            return None
        usual = self._usual_of("area")
        rows = []
        for count in counts:
            base = usual.get(count.key)
            verdict = self.judge(count.value, base, "area", count.key)
            query = "" if count.key == dimensions.UNKNOWN else _area_query(self.filter, count.key)
            rows.append(
                AreaRow(
                    count.key,
                    count.name,
                    query,
                    _shown(count),
                    words.usual(base),
                    words.compared(verdict),
                    verdict,
                )
            )
        rows.sort(key=lambda row: sv_key(row.name))
        if sort.endswith("antal"):
            rows.sort(key=_row_size, reverse=sort.startswith("-"))
        elif sort.startswith("-"):
            rows.reverse()
        # What is unknown is no area, and stands last.
        return sorted(rows, key=lambda row: row.key == dimensions.UNKNOWN)

    @cached_property
    def areas(self) -> list[Area]:
        """The areas that have a shape."""
        return (
            [a for a in counted_areas(self.picture.actor) if a.geometry]
            if self.picture.actor.may("places.view")
            else []
        )

    # -- map -----------------------------------------------------------------------------------

    @cached_property
    def map(self) -> MapPicture | None:
        """The map, or None when nothing has a place."""
        shapes = [(area, shapely.from_wkb(bytes(area.geometry or b""))) for area in self.areas]
        hexagons, across = self._hexagons()
        chosen = [shape for area, shape in shapes if area.code in self.filter.areas]
        viewport = _viewport(chosen or [shape for _area, shape in shapes], hexagons)
        if viewport is None:
            return None
        counts = {c.key: _shown(c) for c in self.summary.by["area"] or ()}
        only = self.picture.area_only()
        under, names, schematic = ground_layers()
        return MapPicture(
            key="picture-map",
            title=_("Where reports come from, %(period)s") % {"period": self.period},
            description=_("How many each area has.")
            if self.summary.suppressed
            else _("Density as hexagons, known places as signs, and how many are known by area only."),
            viewport=viewport,
            ground=under,
            areas=[
                AreaOnMap(
                    shape,
                    area.name,
                    href=f"{reverse('picture')}?{_area_query(self.filter, area.code)}",
                    count=counts.get(area.code, MISSING),
                    only_area=only.get(area.code, 0),
                    chosen=area.code in self.filter.areas,
                )
                for area, shape in shapes
            ],
            hexagons=hexagons,
            counted=words.per_hexagon(),
            signs=words.SIGNS,
            marks=self._marks(),
            places=names,
            cell_metres=across,
            floor=max(1, self.summary.below),
            schematic=schematic,
            municipality_only=self.summary.municipality_only or 0,
        )

    @cached_property
    def ringed(self) -> MapPicture | None:
        """The map with rings where there is something to look at."""
        return replace(self.map, attention=self._rings(self.map.viewport)) if self.map else None

    def _rings(self, viewport: Viewport) -> list[Attention]:
        """Where to look, for who sees every count; only of all that is reported in the period and in view."""
        first, last = self.summary.first, self.summary.last
        narrowed = replace(self.filter, first=None, last=None, areas=(), base=None, cover="") != Filter()
        if first is None or last is None or narrowed or not self.picture.exact:
            return []
        told = attention.rings(self.filter.first or first.monday, self.filter.last or last.sunday)
        return [ring for ring in told if viewport.holds(ring.x, ring.y)][:MOST_ATTENTION]

    def _hexagons(self) -> tuple[list[Hexagon], int]:
        counts, across = self.summary.hexagons or {}, self.summary.across
        if not counts:
            return [], across
        xs, ys = centres(list(counts), across)
        if across == 300 and (len(counts) > _MOST_HEXAGONS or max(np.ptp(xs), np.ptp(ys)) > _WIDE):
            counts, across = dict(self.picture.selection.by_hexagon(600)), 600
            xs, ys = centres(list(counts), across)
        return [
            Hexagon(hexagon_ring(x, y, across), _cell(count))
            for x, y, count in zip(xs.tolist(), ys.tolist(), counts.values(), strict=True)
        ], across

    def _marks(self) -> list[Mark]:
        """Known places of the latest week, for who may see each incident."""
        if not (self.summary.last and self.picture.exact and self.picture.actor.may("incidents.view")):
            return []
        monday = self.summary.last.monday
        asked = replace(self.filter, first=max(monday, self.filter.first or monday))
        found = selectors.incidents(self.picture.actor, asked, self.picture.names).filter(x__isnull=False)
        rows = found.order_by("-started_at", "-pk").values_list("x", "y", "radius_m", "kind", "title")[:_MOST_MARKS]
        return [
            Mark(x, y, words.SIGN_OF[kind], radius=float(radius or 0), title=title)
            for x, y, radius, kind, title in rows
            if x is not None and y is not None
        ]

    # -- charts --------------------------------------------------------------------------------

    @cached_property
    def weeks(self) -> LineChart | None:
        """Week by week over a year, or over the whole period when that is longer."""
        first, last = self.summary.first, self.summary.last
        if first is None or last is None:
            return None
        length = min(_MOST_CHART_WEEKS, max(_CHART_WEEKS, last.index - first.index + 1))
        series = self.picture.series(last.plus(1 - length), last)
        now = Week.current()
        points = [
            LinePoint(
                words.short_week(week),
                _cell(count),
                u.low if u else None,
                u.middle if u else None,
                u.high if u else None,
                week >= now,
            )
            for week, count, u in series
        ]
        since = len(series)
        while since and series[since - 1][0] < now and comparison.judge(*series[since - 1][1:]) is Verdict.MORE:
            since -= 1
        annotation = None
        if since < len(series):
            alone = since == len(series) - 1
            text = _("More than usual %(week)s") if alone else _("More than usual since %(week)s")
            annotation = Annotation(len(series) - 1, text % {"week": words.short_week(series[since][0])})
        shown = [count for _week, count, _usual in series if count is not None]
        description = (
            _("Between %(low)s and %(high)s a week.")
            % {"low": words.number(min(shown)), "high": words.number(max(shown))}
            if shown
            else _("No week can be shown.")
        )
        return LineChart(
            "picture-weeks",
            _("Reports per week"),
            description,
            points,
            _("Count"),
            end_label=_latest(series[-1][1], last),
            band_label=_("Usual") + f"\n{words.years(self.base_years)}",
            period_label=_("Week"),
            annotation=annotation,
        )

    @cached_property
    def hours(self) -> HeatChart | None:
        """Days by hours; merged where small counts are hidden."""
        table = self.summary.hours
        if table is None:
            return None
        if self.summary.suppressed:
            return HeatChart(
                "picture-hours",
                _("When in the week"),
                _("Days and hours are merged, so that few counts need to be hidden."),
                words.merged_day_names(),
                range(0, 24, 4),
                [[_cell(v) for v in row[:6]] for row in table],
                floor=max(1, self.summary.below),
            )
        counts = np.array(table)[:, :24]
        unknown = round(float(np.array(table)[:, 24].sum()))
        days = words.day_names()
        sentences = []
        windows = counts[:, :22] + counts[:, 1:23] + counts[:, 2:24]
        if windows.max() >= _FEWEST_FOR_WORDS:
            day, hour = np.unravel_index(int(windows.argmax()), windows.shape)
            sentences.append(
                _("Most on %(day)s between %(first)s and %(last)s.")
                % {"day": WEEKDAYS[int(day)], "first": f"{hour:02d}", "last": f"{hour + 3:02d}"}
            )
        if self.summary.spread:
            sentences.append(words.spread(self.summary.spread))
        if unknown:
            sentences.append(
                _("%(number)s have no known hour and are not counted here.") % {"number": words.number(unknown)}
            )
        return HeatChart("picture-hours", _("When in the week"), " ".join(sentences), days, range(24), counts.tolist())

    @property
    def hour_ideas(self) -> list[Suggestion]:
        """What could be tried at the hours that clearly stand out; never where small counts are hidden."""
        return [] if self.summary.suppressed or not self.summary.hours else suggestions(self.summary.hours)

    def bars(self, name: str, title: str, heading: str) -> BarChart | None:
        """The largest groups of a dimension with what is usual."""
        counts = self.summary.by[name]
        if not counts:
            return None
        usual = self._usual_of(name)
        ordered = sorted(counts, key=lambda c: (c.value is None, _size(c), sv_key(c.name)))
        shown, rest = ordered[:_BARS], ordered[_BARS:]
        bars = []
        for count in shown:
            base = usual.get(count.key)
            bars.append(Bar(count.name, _shown(count), base.low if base else None, base.high if base else None))
        if rest:
            known, hidden = -sum(map(_size, rest)), any(c.value is None for c in rest)
            bars.append(Bar(_("The rest"), _shown(Count("", "", None if hidden else known, known))))
        apart = [c.name for c in shown if self.judge(c.value, usual.get(c.key), name, c.key) is Verdict.MORE]
        description = (
            _("More than usual: %(names)s.") % {"names": ", ".join(apart)}
            if apart
            else _("Nothing is clearly more than usual.")
        )
        return BarChart(f"picture-{name}", title, description, bars, heading, _("Count"))

    @cached_property
    def municipalities(self) -> Table | None:
        """Counts per municipality, when there is more than one."""
        counts = self.summary.by["municipality"]
        if counts is None or len(counts) < 2:
            return None
        return count_table(_("By municipality"), _("Municipality"), counts)

    @cached_property
    def kinds(self) -> Table | None:
        counts = self.summary.by["kind"]
        return count_table(_("By kind"), _("Kind"), counts) if counts else None


def _latest(count: int | None, week: Week) -> str:
    """What stands at the end of the line: how many in which week."""
    if count is None:
        return ""
    return _("%(number)s in %(week)s") % {"number": words.number(count), "week": words.short_week(week)}


def ground_layers() -> tuple[Ground, list[PlaceName], bool]:
    """What lies under every map, the names on water, and whether it is schematic."""
    layers, names, schematic = ground()
    under = Ground(
        land=layers.get("land", ()),
        water=layers.get("water", ()),
        green=layers.get("green", ()),
        roads=layers.get("road", ()),
        streets=layers.get("street", ()),
        railways=layers.get("railway", ()),
    )
    return under, [PlaceName(x, y, name, water=True) for x, y, name in names], schematic


def count_table(title: str, heading: str, counts: Sequence[Count]) -> Table:
    """Counts under a heading, the largest first."""
    ordered = sorted(counts, key=lambda c: (c.value is None, _size(c), sv_key(c.name)))
    rows: list[list[Cell]] = [[c.name, _shown(c)] for c in ordered]
    return Table(title, [Column(heading), Column(_("Count"), numeric=True)], rows)


def _area_query(filter_: Filter, key: str) -> str:
    return replace(filter_, areas=(key,)).query()


def _viewport(shapes: Sequence[Any], hexagons: Sequence[Hexagon]) -> Viewport | None:
    if shapes:
        return Viewport.around(shapes)
    if hexagons:
        points = [point for cell in hexagons for point in cell.ring]
        return Viewport.around([shapely.MultiPoint(points)])
    return None


def to_lonlat(points: Any) -> Any:
    """Metres (n, 2) → longitude and latitude (n, 2)."""
    points = np.asarray(points, float)
    lon, lat = geo.current().to_degrees(points[:, 0], points[:, 1])
    return np.column_stack([lon, lat])
