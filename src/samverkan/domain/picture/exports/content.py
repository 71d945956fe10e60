"""What a file holds, before it has a format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry import mapping

from samverkan.domain.incidents.api import Incident
from samverkan.domain.places.api import counted_areas
from samverkan.foundation import clock, geo
from samverkan.foundation.geo.hexagons import centres
from samverkan.foundation.web.maps import hexagon_ring

from .. import selectors, words
from ..answer import Picture, Summary
from ..presentation import to_lonlat

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
Value = str | int | float | None


@dataclass(frozen=True)
class Feature:
    """A shape in longitude and latitude (a ring, a point, or None where no place is known) with its properties."""

    kind: str | None
    coordinates: list[Any]
    properties: dict[str, Value]


@dataclass(frozen=True)
class Content:
    """Columns and rows, shapes, and what the file says of itself (label → text)."""

    name: str
    columns: list[str]
    rows: list[list[Value]]
    features: list[Feature]
    about: dict[str, str]


def content_of(picture: Picture, *, incidents: bool) -> Content:
    """Counts by every grouping; or, for who may read them, the incidents one by one."""
    return _incidents(picture) if incidents else _counts(picture)


def about(picture: Picture) -> dict[str, str]:
    """What every file says of itself: source, licence, filter, what is hidden, and when it was made."""
    summary = picture.summary(())
    hidden = (
        _("Counts under %(number)s, and others that would give them away, are not shown. Empty means not shown.")
        % {"number": picture.below}
        if summary.suppressed
        else _("No counts are hidden. Do not pass on.")
    )
    return {
        _("Source"): "; ".join(_sources(picture)) or _("none"),
        _("Licence"): "; ".join(sorted({part.partition(": ")[2] for part in picture.names.licences} - {""}))
        or _("not stated"),
        _("Period"): words.period(picture.filter, summary.first, summary.last),
        _("Filter"): picture.filter.query() or _("none"),
        _("Hidden counts"): hidden,
        _("What is counted"): _("Reports and other incidents. They are not reported crimes."),
        _("Made"): clock.local(clock.now()).isoformat(timespec="minutes"),
    }


def _sources(picture: Picture) -> Iterator[str]:
    wanted = set(picture.filter.sources)
    for group in picture.names.source.groups[1:]:
        if not wanted or group.key in wanted:
            yield group.name


def _counts(picture: Picture) -> Content:
    summary = picture.summary()
    title = {
        "kind": _("Kind"),
        "category": _("Category"),
        "area": _("Area"),
        "municipality": _("Municipality"),
        "source": _("Source"),
        "week": _("Week"),
        "hour": _("Hour of the week"),
        "hexagon": _("Hexagon"),
    }
    shown, hidden = _("shown"), _("hidden")

    def row(table: str, name: str, value: float | None, at_least: int = 0) -> list[Value]:
        least = [at_least or None] if summary.suppressed else []
        return [title.get(table, table), name, value, hidden if value is None else shown, *least]

    rows = [row(_("Total"), "", summary.total, summary.at_least)]
    for grouping, counts in summary.by.items():
        if counts is None:
            rows.append(row(grouping, _("all"), None))
            continue
        rows += [row(grouping, count.name, count.value, count.at_least) for count in counts]
    rows += [row("hour", name, value) for name, value in _hours(summary)]
    features = _areas(picture, summary) if summary.suppressed else []
    cells = summary.hexagons or {}
    if cells:
        for (identity, count), ring in zip(cells.items(), _rings(list(cells), summary.across), strict=True):
            rows.append(row("hexagon", str(identity), count))
            features.append(
                Feature(
                    "Polygon",
                    [ring],
                    {"hexagon": identity, "across_m": summary.across, "count": count, "shown": count is not None},
                )
            )
    return Content(
        name=_("counts"),
        columns=[_("Table"), _("Name"), _("Count"), _("Shown"), *([_("At least")] if summary.suppressed else [])],
        rows=rows,
        features=features,
        about=about(picture) | ({_("Hours"): words.spread(summary.spread)} if summary.spread else {}),
    )


def _areas(picture: Picture, summary: Summary) -> list[Feature]:
    """The areas with their counts; none where they are not shown with this filter."""
    if summary.by["area"] is None or not picture.actor.may("places.view"):
        return []
    shapes = {a.code: shapely.from_wkb(bytes(a.geometry)) for a in counted_areas(picture.actor) if a.geometry}
    features = []
    for count in summary.by["area"]:
        if (shape := shapes.get(count.key)) is not None:
            drawn = mapping(shapely.set_precision(shapely.transform(shape, to_lonlat), 1e-6))
            told: dict[str, Value] = {"area": count.name, "count": count.value, "shown": count.value is not None}
            told["at_least"] = count.at_least or None
            features.append(Feature(drawn["type"], drawn["coordinates"], told))
    return features


def _hours(summary: Summary) -> Iterator[tuple[str, float | None]]:
    days = words.merged_day_names() if summary.suppressed else words.day_names()
    step = 4 if summary.suppressed else 1
    for day, counts in zip(days, summary.hours or [], strict=False):
        for index, value in enumerate(counts[:-1]):
            span = f"{index * step:02d}–{index * step + step:02d}"
            yield f"{day} {span}", value if value is None or isinstance(value, int) else round(value, 2)


def _rings(ids: Sequence[int], across: int) -> list[list[list[float]]]:
    xs, ys = centres(ids, across)
    rings = []
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        corners = np.array(hexagon_ring(x, y, across))
        lon, lat = geo.current().to_degrees(corners[:, 0], corners[:, 1])
        # Counter-clockwise and closed, as RFC 7946 has it.
        ring = [[round(a, 6), round(b, 6)] for a, b in zip(lon.tolist(), lat.tolist(), strict=True)][::-1]
        rings.append([*ring, ring[0]])
    return rings


def _incidents(picture: Picture) -> Content:
    columns = [
        _("Identity"),
        _("Kind"),
        _("Category"),
        _("Heading"),
        _("Start"),
        _("End"),
        _("Certainty of place"),
        _("Longitude"),
        _("Latitude"),
        _("Area"),
        _("Municipality"),
        _("Source"),
        _("Observed"),
        _("Seriousness"),
        _("Address"),
    ]
    found: list[Incident] = list(
        selectors.incidents(picture.actor, picture.filter, picture.names).order_by("-started_at", "-pk")
    )
    placed = [(i.pk, i.x, i.y) for i in found if i.x is not None and i.y is not None]
    lon, lat = geo.current().to_degrees([x for _pk, x, _y in placed], [y for _pk, _x, y in placed])
    degrees = {
        pk: (round(a, 6), round(b, 6)) for (pk, _x, _y), a, b in zip(placed, lon.tolist(), lat.tolist(), strict=True)
    }
    rows: list[list[Value]] = []
    features = []
    for i in found:
        a, b = degrees.get(i.pk, (None, None))
        row: list[Value] = [
            str(i.public_id),
            i.get_kind_display(),
            i.category.name,
            i.title,
            clock.local(i.started_at).isoformat(),
            clock.local(i.ended_at).isoformat() if i.ended_at else None,
            i.get_precision_display(),
            a,
            b,
            i.area.name if i.area else None,
            i.municipality.name if i.municipality else None,
            i.source.name,
            i.get_observation_display(),
            i.seriousness,
            i.url,
        ]
        rows.append(row)
        features.append(Feature(None if a is None else "Point", [a, b], dict(zip(columns, row, strict=True))))
    return Content(name=_("incidents"), columns=columns, rows=rows, features=features, about=about(picture))
