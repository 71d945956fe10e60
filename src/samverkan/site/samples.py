"""Invented charts and maps for the style page; the same each time."""

from __future__ import annotations

import math
import random
from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from shapely import LineString, Point, Polygon

from samverkan.foundation.web.charts import (
    HIDDEN,
    Annotation,
    Bar,
    BarChart,
    HeatChart,
    Hidden,
    Interval,
    IntervalChart,
    LineChart,
    LinePoint,
    Sparkline,
    Start,
)
from samverkan.foundation.web.maps import (
    AreaOnMap,
    Attention,
    Ground,
    Hexagon,
    MapPicture,
    Mark,
    PlaceName,
    Sign,
    Viewport,
    hexagon_ring,
)


def weeks_chart() -> LineChart:
    """47 weeks with a base period, the last week not complete."""
    chance = random.Random(47)
    points = []
    for week in range(1, 48):
        middle = 44 + 7 * math.cos((week + 2) / 47 * 2 * math.pi)
        value = round(middle + chance.gauss(0, 4.5) + max(0, week - 42) * 3)
        points.append(LinePoint(f"v.\u00a0{week}", value, round(middle - 6), middle, round(middle + 6), week == 47))
    return LineChart(
        "reports-per-week",
        pgettext("style", "Reports per week, 2026"),
        pgettext("style", "Between 33 and 66 reports a week. Above the usual span since week 45."),
        points,
        pgettext("style", "Count"),
        end_label=pgettext("style", "%(number)s this year") % {"number": points[-1].value},
        band_label=pgettext("style", "Usual") + "\n2023–2025",
        annotation=Annotation(45, pgettext("style", "More than usual since week 45")),
        starts=(Start(21, pgettext("style", "The lighting was mended")),),
    )


def category_chart() -> BarChart:
    bars = [
        Bar(pgettext("style", "Vandalism"), 21, 9, 15),
        Bar(pgettext("style", "Graffiti"), 17, 12, 22),
        Bar(pgettext("style", "Disturbance"), 14, 6, 11),
        Bar(pgettext("style", "Unsafe place"), 6, 4, 9),
        Bar(pgettext("style", "Suspected drug dealing"), HIDDEN),
    ]
    return BarChart(
        "per-category",
        pgettext("style", "Reports per category, week 47"),
        pgettext("style", "Vandalism and disturbance are more than usual."),
        bars,
        pgettext("style", "Category"),
        pgettext("style", "Count"),
    )


def heat_chart(suppressed: bool = False) -> HeatChart:
    """Evenings at the end of the week; suppressed with merged days and hours."""
    if suppressed:
        counts: list[list[int | Hidden]] = [
            [HIDDEN, HIDDEN, 9, 17, 20, 9],
            [10, HIDDEN, HIDDEN, 9, HIDDEN, 24],
            [12, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN],
        ]
        rows = [pgettext("style", "Mon–Thu"), pgettext("style", "Fri–Sat"), pgettext("style", "Sun")]
        return HeatChart(
            "when-merged",
            pgettext("style", "When in the week, merged"),
            pgettext("style", "Most on Friday and Saturday after 20."),
            rows,
            range(0, 24, 4),
            counts,
            floor=5,
        )
    chance = random.Random(7)
    days = [
        pgettext("style", "Mon"),
        pgettext("style", "Tue"),
        pgettext("style", "Wed"),
        pgettext("style", "Thu"),
        pgettext("style", "Fri"),
        pgettext("style", "Sat"),
        pgettext("style", "Sun"),
    ]
    table = []
    for day in range(7):
        evening = 3.0 if day in {4, 5} else 0.6
        rate = [
            0.15
            + 0.9 * math.exp(-((h - 15.5) ** 2) / 8) * (day < 5)
            + evening * math.exp(-((h - 22.5) ** 2) / 4)
            + (1.6 if day > 4 and h < 3 else 0)
            for h in range(24)
        ]
        table.append(
            [min(9, sum(chance.random() < r / 6 for _n in range(6)) + (chance.random() < r / 3)) for r in rate]
        )
    return HeatChart(
        "when",
        pgettext("style", "When in the week"),
        pgettext("style", "Most on Friday and Saturday evenings, and on weekday afternoons."),
        days,
        range(24),
        table,
    )


def interval_chart() -> IntervalChart:
    intervals = [
        Interval(
            pgettext("style", "Vandalism at the square"),
            -41,
            -24,
            -4,
            pgettext("style", "Fewer than without the measure."),
        ),
        Interval(
            pgettext("style", "Disturbance at the square"), -22, 3, 31, pgettext("style", "Cannot be told from chance.")
        ),
    ]
    return IntervalChart(
        "did-it-help",
        pgettext("style", "Change compared with similar areas"),
        pgettext("style", "Vandalism became fewer; for disturbance it cannot be told."),
        intervals,
        pgettext("style", "per cent"),
        no_difference_label=pgettext("style", "no difference"),
        fewer_label=pgettext("style", "fewer"),
        more_label=pgettext("style", "more"),
    )


def sparkline(key: str = "spark", stands_out: bool = True) -> Sparkline:
    values = [3, 4, 3, 2, 4, 3, 3, 4, 3, 5, 7, 9] if stands_out else [3, 4, 3, 4, 5, 3, 4, 4, 3, 4, 3, 4]
    words = (
        pgettext("style", "Last 12 weeks: from 3 to 9, usually 2 to 4.")
        if stands_out
        else pgettext("style", "Last 12 weeks: as usual.")
    )
    return Sparkline(key, pgettext("style", "Last 12 weeks"), words, values, 2, 4, stands_out)


_AREAS: list[tuple[str, list[tuple[float, float]], int]] = [
    ("Norr", [(100, 3300), (2050, 3200), (2150, 4850), (200, 4900)], 2),
    ("Centrum", [(2050, 2250), (3450, 2000), (3700, 3350), (2050, 3200)], 8),
    ("Hamnen", [(3700, 3350), (3450, 2500), (5300, 3000), (5150, 3900), (4300, 4100), (3900, 4500)], 3),
    ("Väster", [(150, 900), (2000, 700), (2050, 3200), (100, 3300)], 4),
    ("Söder", [(2000, 700), (5200, 400), (5300, 1700), (3450, 2000), (2050, 2250)], 3),
    ("Öster", [(5300, 3000), (3450, 2500), (3450, 2000), (5300, 1700)], 6),
    ("Sjöbacken", [(5300, 1700), (7000, 1800), (6900, 3700), (5150, 3900)], 1),
]


def _ground() -> Ground:
    lake = Polygon([(4000, 5200), (3950, 4600), (4350, 4150), (5200, 3950), (5900, 3900), (7400, 4250), (7400, 5200)])
    river = LineString(
        [(3900, 4700), (3650, 3900), (3700, 3200), (3350, 2400), (3050, 1500), (3150, 700), (3000, 0)]
    ).buffer(75)
    streets = []
    for i in range(-6, 26):
        tilt = 0.14
        streets.append(LineString([(i * 330, -200), (i * 330 - tilt * 5400, 5200)]))
        streets.append(LineString([(-200, i * 260), (7400, i * 260 + tilt * 7600 - 600)]))
    water = lake.union(river)
    roads = [
        LineString([(-200, 1400), (2000, 1900), (4500, 2500), (7400, 2450)]),
        LineString([(2450, -200), (2300, 2600), (2600, 5200)]),
        LineString([(4700, -200), (4600, 2500), (4300, 3700)]),
    ]
    green = [
        Polygon([(300, 3000), (1100, 3200), (900, 2500), (250, 2600)]),
        Polygon([(5600, 1000), (6100, 1050), (6000, 300), (5500, 500)]),
        Polygon([(6350, 3000), (6900, 3050), (6850, 3500), (6400, 3400)]),
    ]
    rail = LineString([(-200, 2350), (3400, 2250), (7400, 2050)])
    return Ground(
        water=[water], green=green, streets=[s.difference(water) for s in streets], roads=roads, railways=[rail]
    )


def _cells(across: float, points: list[tuple[float, float]]) -> Counter[tuple[float, float]]:
    """Points gathered to the middles of the hexagons they fall in."""
    rise = across * math.sqrt(3) / 2
    counts: Counter[tuple[float, float]] = Counter()
    for x, y in points:
        row = round(y / rise)
        best = min(
            (
                (round(x / across - (r % 2) / 2) * across + (r % 2) * across / 2, r * rise)
                for r in (row - 1, row, row + 1)
            ),
            key=lambda c: (c[0] - x) ** 2 + (c[1] - y) ** 2,
        )
        counts[best] += 1
    return counts


def town(suppressed: bool = False) -> MapPicture:
    """An invented town; suppressed as a partner sees it: larger cells, small counts hatched."""
    chance = random.Random(11)
    spots = [
        (2850, 2550, 190, 46),
        (4250, 3350, 170, 40),
        (4700, 2300, 420, 34),
        (1500, 1500, 420, 30),
        (1050, 2600, 380, 16),
        (900, 4100, 380, 13),
        (4100, 1000, 500, 18),
        (6000, 2700, 600, 8),
    ]
    points = [(chance.gauss(x, s), chance.gauss(y, s)) for x, y, s, n in spots for _n in range(n)]
    across = 600 if suppressed else 300
    cells = _cells(across, points)
    hexagons = [
        Hexagon(hexagon_ring(x, y, across), HIDDEN if suppressed and n < 5 else n) for (x, y), n in cells.items()
    ]
    areas = []
    for name, ring, only in _AREAS:
        shape = Polygon(ring)
        known = sum(shape.contains(Point(xy)) for xy in points) + only
        hide = suppressed and known < 20
        areas.append(
            AreaOnMap(shape, name, f"#omrade-{name.lower()}", HIDDEN if hide else known, 0 if suppressed else only)
        )
    marks = (
        []
        if suppressed
        else [Mark(x, y, Sign.DOT, title=pgettext("style", "Vandalism")) for x, y in points[::9]]
        + [
            Mark(2350, 3000, radius=130, title=pgettext("style", "Approximate place")),
            Mark(1700, 1250, radius=160),
            Mark(5000, 2700, Sign.DIAMOND, title=pgettext("style", "Mopeds on the promenade")),
            Mark(2650, 1150, Sign.SQUARE, title=pgettext("style", "Dark tunnel")),
        ]
    )
    attention = [
        Attention(4250, 3350, 400, pgettext("style", "New at Hamntorget"), pgettext("style", "9 reports in 12 days"))
    ]
    return MapPicture(
        "town-partner" if suppressed else "town",
        pgettext("style", "Where reports came from, weeks 44–47"),
        pgettext("style", "Most in Centrum and Hamnen. The table beside has the counts per area."),
        Viewport(0, 100, 7200, 4950),
        _ground(),
        areas,
        hexagons,
        marks,
        [PlaceName(5000, 4700, "Älvsjön", water=True), PlaceName(3250, 300, "Älven", water=True)],
        [] if suppressed else attention,
        across,
        5 if suppressed else 1,
        municipality_only=31,
        counted=_("Reports per hexagon (%(metres)s m)"),
        signs={
            Sign.DOT: _("event, known place"),
            Sign.DIAMOND: _("development"),
            Sign.SQUARE: _("place with recurring problems"),
        },
    )
