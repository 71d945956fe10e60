"""The pictures and the table of a measure that was judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from samverkan.foundation.web.charts import (
    MISSING,
    Cell,
    Column,
    Interval,
    IntervalChart,
    LineChart,
    LinePoint,
    Start,
    Table,
)
from samverkan.foundation.web.maps import Attention, MapPicture, Mark, PlaceName, Sign, Viewport
from samverkan.foundation.weeks import Week

from .. import words as general
from ..presentation import ground_layers
from . import sites, words

_SMOOTHED = 5


def series(result: dict[str, Any], title: str) -> LineChart | None:
    """Week by week with the start marked; the band is the comparison at the level the place had before."""
    counts: list[int] = result["series"]
    if len(counts) < 2:
        return None
    band = _band(counts, result["comparison_series"], result["weeks"])
    first = sites.day_of(result["first"])
    points = []
    for k, count in enumerate(counts):
        low, middle, high = band[k] if band else (None, None, None)
        points.append(LinePoint(general.short_week(Week.of(first).plus(k)), count, low, middle, high))
    return LineChart(
        "measure-weeks",
        _("Reports per week, before and after"),
        _(
            "The band shows the comparison places, recalculated to the level of the place before the measure, and how much a week readily varies by chance."
        )
        if band
        else _("Only the place itself is shown, since there is nothing to compare with."),
        points,
        _("Count"),
        end_label=general.number(counts[-1]),
        band_label=_("Comparable\nplaces") if band else "",
        period_label=_("Week"),
        starts=[Start(result["weeks"], title)],
    )


def _band(counts: Sequence[int], others: Sequence[int], weeks: int) -> list[tuple[float, float, float]]:
    if not others or not sum(others[:weeks]):
        return []
    level = sum(counts[:weeks]) / sum(others[:weeks])
    padded = np.pad(np.array(others, float), _SMOOTHED // 2, mode="edge")
    middle = np.convolve(padded, np.ones(_SMOOTHED) / _SMOOTHED, mode="valid") * level
    return [(max(0.0, m - math.sqrt(m)), float(m), m + math.sqrt(m)) for m in middle.tolist()]


def interval(result: dict[str, Any]) -> IntervalChart | None:
    """Best guess and interval against no difference, for the place and the ground around."""
    if result["verdict"] == "cannot_tell" or result["estimate"] is None:
        return None
    rows = [_interval(_("At the place"), result["estimate"], result["interval"])]
    if result["near_interval"]:
        rows.append(_interval(_("Nearby"), result["near_estimate"], result["near_interval"]))
    return IntervalChart(
        "measure-interval",
        _("How sure we are"),
        _(
            "Difference in the number of reports from what the comparison led one to expect. The line shows the uncertainty, at the level of 95 per cent."
        ),
        rows,
        _("reports"),
        no_difference_label=_("no difference"),
        fewer_label=_("fewer reports"),
        more_label=_("more reports"),
    )


def _interval(label: str, best: float, ends: Sequence[float]) -> Interval:
    low, high = ends
    said = _("%(best)s (between %(low)s and %(high)s)") % {
        "best": words.change(best),
        "low": words.change(low),
        "high": words.change(high),
    }
    return Interval(f"{label}: {said}", round(low, 1), round(best, 1), round(high, 1), said)


def table(result: dict[str, Any], here: str, metres: int) -> Table:
    """The counts that everything rests on."""
    columns = [
        Column(_("Place")),
        Column(_("%(n)s weeks before") % {"n": result["weeks"]}, numeric=True),
        Column(_("%(n)s weeks after") % {"n": result["weeks"]}, numeric=True),
        Column(_("Difference"), numeric=True),
        Column(_("The same weeks the year before"), numeric=True),
    ]
    names = {"here": here, "near": _("Around, out to %(metres)s metres") % {"metres": metres}}
    rows: list[list[Cell]] = [_row(names.get(r["kind"], r["name"]), r) for r in result["rows"]]
    others = [r for r in result["rows"] if r["kind"] == "comparison"]
    if len(others) > 1:
        years = [r["last_year"] for r in others]
        together = {
            "before": sum(r["before"] for r in others),
            "after": sum(r["after"] for r in others),
            "last_year": None if None in years else sum(years),
        }
        rows.append(_row(_("The comparison places together"), together))
    return Table(_("The figures"), columns, rows)


def _row(name: str, r: dict[str, Any]) -> list[Cell]:
    difference = r["after"] - r["before"]
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    last: Cell = MISSING if r["last_year"] is None else r["last_year"]
    return [name, r["before"], r["after"], f"{sign}{general.number(abs(difference))}", last]


def drawn(result: dict[str, Any], name: str) -> MapPicture | None:
    """The place, the ground around it and the comparison places; None for a measure over an area."""
    ground = result["ground"]
    if ground["x"] is None:
        return None
    x, y, reach = ground["x"], ground["y"], ground["reach"]
    under, names, schematic = ground_layers()
    others = ground["comparisons"]
    discs = [shapely.Point(a, b).buffer(reach) for _name, a, b in others]
    return MapPicture(
        "measure-map",
        _("The place and what it is compared with"),
        _("The ring is the ground around, where a problem may have moved. The other pins are the comparison places."),
        Viewport.around([shapely.Point(x, y).buffer(reach), *discs]),
        ground=under,
        marks=[Mark(x, y, Sign.PIN, title=name), *(Mark(a, b, Sign.PIN, title=n) for n, a, b in others)],
        places=[*names, *(PlaceName(a, b, n) for n, a, b in others)],
        attention=[Attention(x, y, reach, name, _("Around, out to %(metres)s metres") % {"metres": round(reach)})],
        schematic=schematic,
    )
