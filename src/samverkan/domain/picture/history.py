"""One incident in words: when, how surely where, and how what is said of it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Category, Incident, IncidentVersion, Precision, Trend, last_day, lasts
from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock
from samverkan.foundation.web import dates
from samverkan.foundation.web.maps import Ground, MapPicture, Mark, PlaceName, Viewport

from . import words

_FIELDS = (
    "title",
    "description",
    "category_id",
    "seriousness",
    "trend",
    "started_at",
    "ended_at",
    "precision",
    "area_id",
    "place_id",
)
#: Fields that name a row of another table.
_NAMED: dict[str, Any] = {"category_id": Category, "area_id": Area, "place_id": Place}
_Names = dict[str, dict[int, str]]
_AROUND_M = 700.0


def certainty(incident: Incident) -> str:
    """How surely the place is known."""
    names = {
        "area": incident.area.name if incident.area else _("an area that is not named"),
        "municipality": incident.municipality.name if incident.municipality else _("an unnamed municipality"),
    }
    if incident.precision == "point":
        return _("The place is known.")
    if incident.precision == "approximate":
        return _("The place is known within %(metres)s metres.") % {"metres": incident.radius_m or "?"}
    if incident.precision == "area":
        return _("Only the area is known: %(area)s. It is never drawn as a point.") % {"area": names["area"]}
    return _("Only the municipality is known: %(municipality)s. It is never drawn as a point.") % {
        "municipality": names["municipality"]
    }


def when(incident: Incident) -> str:
    """When, as precisely as it is known."""
    language = get_language() or "sv"
    start = incident.started_at
    day = dates.date_words(start, language)
    if incident.ended_at is not None and lasts(incident):
        return dates.span_words(clock.local(start).date(), last_day(incident.ended_at), language)
    if incident.time_precision == "day":
        if incident.ended_at and incident.ended_at - start > timedelta(days=1):
            last = clock.local(incident.ended_at - timedelta(seconds=1)).date()
            return dates.span_words(clock.local(start).date(), last, language)
        return day
    first = f"{day}, {dates.time_words(start, language)}"
    if incident.time_precision == "latest":
        return _("not later than %(moment)s") % {"moment": first}
    if incident.ended_at is None:
        return first
    return _("between %(first)s and %(last)s") % {
        "first": first,
        "last": f"{dates.date_words(incident.ended_at, language, weekday=False)}, {dates.time_words(incident.ended_at, language)}",
    }


@dataclass(frozen=True)
class Change:
    """One field that differs: its name, what it was, and what it became."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Version:
    """What was said at a time, and how it differs from what was said before.

    ``by`` is the function of the person who changed it; empty where the source said it.
    """

    at: datetime
    is_current: bool
    by_hand: bool
    by: str
    changes: list[Change]


def versions(incident: Incident) -> list[Version]:
    """All versions, the latest first, each with what it changed and, when a person did, who and when."""
    kept = list(incident.versions.select_related("edited_by").order_by("observed_at", "pk"))
    told: list[tuple[datetime, bool, dict[str, Any], IncidentVersion | None]] = [
        (v.observed_at, False, dict(v.content), v) for v in kept
    ]
    current = {name: getattr(incident, name) for name in _FIELDS}
    told.append((incident.observed_at, True, {k: v for k, v in current.items() if v not in (None, "")}, None))
    # The current one is the latest by rule, also where two were observed at the same instant.
    told.sort(key=lambda entry: entry[:2])
    names = _names_in([content for _at, _now, content, _row in told])
    out = []
    for index, (at, is_current, content, _row) in enumerate(told):
        before = told[index - 1][2] if index else {}
        replaced = told[index - 1][3] if index else None
        changes = [
            Change(str(_labels()[name]), old, new)
            for name in _FIELDS
            if index
            and (old := _words(name, before.get(name), names)) != (new := _words(name, content.get(name), names))
        ]
        by_hand = replaced is not None and replaced.edited_at is not None
        who = replaced.edited_by.function if replaced is not None and by_hand and replaced.edited_by else ""
        moment = replaced.edited_at if replaced is not None and replaced.edited_at else at
        out.append(Version(moment, is_current, by_hand, who, changes))
    return out[::-1]


def _names_in(contents: list[dict[str, Any]]) -> _Names:
    """The names of all rows of other tables that the versions speak of."""
    names: _Names = {}
    for field, model in _NAMED.items():
        wanted = {int(content[field]) for content in contents if content.get(field)}
        rows = model.objects.filter(pk__in=wanted) if wanted else ()
        names[field] = {row.pk: row.name for row in rows}
    return names


def _labels() -> dict[str, str]:
    return {
        "title": _("Heading"),
        "description": _("Description"),
        "category_id": _("Category"),
        "seriousness": _("Seriousness"),
        "trend": _("Direction"),
        "started_at": _("Start"),
        "ended_at": _("End"),
        "precision": _("Certainty of place"),
        "area_id": _("Area"),
        "place_id": _("Place"),
    }


def _words(name: str, value: Any, names: _Names) -> str:
    if value in (None, ""):
        return _("nothing")
    if name in names:
        return names[name].get(int(value), str(value))
    if name in {"started_at", "ended_at"}:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        local = clock.local(moment)
        if name == "ended_at" and (local.hour, local.minute) == (0, 0):
            return dates.date_table(last_day(moment))
        return dates.moment_table(moment)
    if name in {"precision", "trend"}:
        return str({"precision": dict(Precision.choices), "trend": dict(Trend.choices)}[name].get(value, value))
    return str(value)


def small_map(incident: Incident, under: tuple[Ground, list[PlaceName], bool]) -> MapPicture | None:
    """The surroundings of a known place; None where there is none."""
    if incident.x is None or incident.y is None:
        return None
    ground, names, schematic = under
    around = max(_AROUND_M, 2.0 * (incident.radius_m or 0))
    return MapPicture(
        key="incident-map",
        title=_("Where it was"),
        description=certainty(incident),
        viewport=Viewport(
            incident.x - around * 1.5, incident.y - around, incident.x + around * 1.5, incident.y + around
        ),
        ground=ground,
        marks=[Mark(incident.x, incident.y, radius=float(incident.radius_m or 0), title=incident.title)],
        places=names,
        schematic=schematic,
        signs=words.SIGNS,
    )
