"""What those who review can do: accept into the week, send back, close. What is taken out is gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Category, Draft, Incident, Kind, SourceKind, ensure_source, record
from samverkan.domain.places.api import Area, Place, PlaceKind, area_at, check_near, home_municipality, names_here
from samverkan.foundation import clock, files, geo, marks, privacy
from samverkan.foundation.access import Actor
from samverkan.foundation.refs import Ref
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.workflow import Step

from ...models import EstWeek, Report, WeekState
from .. import workflow

SOURCE = "partnerrapporter"
#: An approximate place is a ring of this radius about the nearest corner of a net this wide, in metres.
ABOUT = 200

AS_REPORTED, APPROXIMATE, AREA, MUNICIPALITY = "as_reported", "approximate", "area", "municipality"


@dataclass(frozen=True)
class Cleaned:
    """The report as it may be shown: what the reviewer decided."""

    category: Category
    title: str
    text: str
    kind: str
    trend: str
    observation: str
    seriousness: int | None = None
    precision: str = AS_REPORTED
    place: Place | None = None
    area: Area | None = None
    #: Metres, where the reviewer has marked another point.
    x: float | None = None
    y: float | None = None
    merge_into: Incident | None = None
    keep_photos: Collection[UUID] = ()
    answer: str = ""
    #: The reviewer has seen what looks like personal data and lets it stand.
    marks_seen: bool = False

    @property
    def words(self) -> list[str]:
        """Everything written in it that is kept."""
        return [self.title, self.text, self.answer]


def _where(row: Report, cleaned: Cleaned) -> dict[str, Any]:
    """The place as it will be kept, in the report and in the store."""
    x, y, radius = row.x, row.y, row.radius_m
    place, area = row.place, cleaned.area or row.area
    if cleaned.place is not None and cleaned.place.pk != row.place_id:
        place = cleaned.place
        x, y, area = place.x, place.y, place.area
        radius = None if place.kind == PlaceKind.ADDRESS else place.radius_m
    if cleaned.x is not None and cleaned.y is not None and (cleaned.x, cleaned.y) != (row.x, row.y):
        if not bool(geo.current().contains(cleaned.x, cleaned.y)):
            raise Refusal(_("The point lies outside the map. Mark it on the map instead."), field="x")
        check_near(cleaned.x, cleaned.y, field="x")
        x, y, radius, place = cleaned.x, cleaned.y, None, None
        area = cleaned.area or area_at(x, y)
    if x is not None and y is not None and area is None:
        area = area_at(x, y)
    if cleaned.category.is_home_bound or cleaned.precision in {AREA, MUNICIPALITY} or x is None or y is None:
        x = y = radius = place = None
    elif cleaned.precision == APPROXIMATE:
        x, y, radius, place = round(x / ABOUT) * ABOUT, round(y / ABOUT) * ABOUT, ABOUT, None
    if cleaned.precision == MUNICIPALITY:
        area = None
    if cleaned.precision == AREA and area is None:
        raise Refusal(_("Choose the area."), field="area")
    return {"x": x, "y": y, "radius_m": radius, "place": place, "area": area}


def _record(actor: Actor, row: Report, cleaned: Cleaned, where: dict[str, Any]) -> Incident:
    source = ensure_source(
        actor, code=SOURCE, name="Partners rapporter", kind=SourceKind.PARTNERS, is_invented=row.is_invented
    )
    draft = Draft(
        external_id=str(row.public_id),
        category=cleaned.category,
        started_at=row.started_at,
        kind=cleaned.kind,
        title=cleaned.title.strip(),
        description=cleaned.text.strip(),
        ended_at=None if cleaned.kind != Kind.EVENT else row.ended_at,
        time_precision=row.time_precision,
        observation=cleaned.observation,
        seriousness=cleaned.seriousness,
        trend=cleaned.trend,
        municipality=home_municipality(),
        organisation_id=row.organisation_id,
        **where,
    )
    return record(actor, source=source, drafts=[draft])[0]


def _update(actor: Actor, found: Incident, row: Report, cleaned: Cleaned) -> Incident:
    """What lasts is told anew, never doubled: the latest words and trend, with the history kept."""
    draft = Draft(
        external_id=found.external_id,
        category=found.category,
        started_at=found.started_at,
        kind=found.kind,
        title=found.title,
        description=cleaned.text.strip() or found.description,
        ended_at=found.ended_at,
        time_precision=found.time_precision,
        observation=cleaned.observation,
        seriousness=cleaned.seriousness if cleaned.seriousness is not None else found.seriousness,
        trend=cleaned.trend,
        x=found.x,
        y=found.y,
        radius_m=found.radius_m,
        area=found.area,
        place=found.place,
        municipality=found.municipality.name if found.municipality else "",
        organisation_id=found.organisation_id,
    )
    return record(actor, source=found.source, drafts=[draft])[0]


@transaction.atomic
def accept(actor: Actor, *, report: Report, version: int, cleaned: Cleaned) -> Report:
    """Take the report into the week. The raw words, the exact place and photos not kept are gone after this."""

    def fill(row: Report, _step: Step) -> None:
        if cleaned.category.main_id is None:
            raise Refusal(_("Choose what it is about."), field="category")
        here = names_here()
        if not cleaned.marks_seen and any(privacy.find(words, here) for words in cleaned.words):
            raise Refusal(
                _("Some of this looks like personal data. Take it out, or say that it may stand."),
                field="marks_seen",
                code="marked",
            )
        where = _where(row, cleaned)
        merged = cleaned.merge_into
        row.incident = (
            _update(actor, merged, row, cleaned) if merged is not None else _record(actor, row, cleaned, where)
        )
        for name, value in where.items():
            setattr(row, name, value)
        marks.stand_reviewed(actor, [row.incident])
        row.text, row.category, row.kind = cleaned.text.strip(), cleaned.category, cleaned.kind
        row.trend, row.observation, row.seriousness = cleaned.trend, cleaned.observation, cleaned.seriousness
        row.development = merged if merged is not None and merged.kind == Kind.DEVELOPMENT else None
        # Why it was once sent back speaks of words that are no longer there.
        row.sent_back_because = ""
        _finish(actor, row, cleaned.answer)
        files.dispose(actor, ref=Ref("report", row.public_id), rule="est.review", keep=cleaned.keep_photos)

    # Held first, as by who locks the week: accepted while it is locked, it is in it or comes after it, never between.
    week = (
        EstWeek.objects.select_for_update().filter(first__lte=report.week, first__gt=report.week - F("weeks")).first()
    )
    late = week is not None and week.state == WeekState.FROZEN
    return workflow.REPORT.take(actor, report, "accept_late" if late else "accept", version=version, fill=fill)


def send_back(actor: Actor, *, report: Report, version: int, reason: str) -> Report:
    """Ask the one who reported to change it, with the reason."""

    def fill(row: Report, _step: Step) -> None:
        row.sent_back_because = reason.strip()[:500]
        row.reviewed_by_id, row.reviewed_at = actor.membership_id, clock.now()

    return workflow.REPORT.take(actor, report, "send_back", version=version, fill=fill, reason=reason)


def recall(actor: Actor, *, report: Report, version: int) -> Report:
    """Take a report that was sent back by mistake into the queue again."""

    def fill(row: Report, _step: Step) -> None:
        row.sent_back_because, row.reviewed_by, row.reviewed_at = "", None, None

    return workflow.REPORT.take(actor, report, "recall", version=version, fill=fill)


def close(actor: Actor, *, report: Report, version: int, answer: str) -> Report:
    """End a report that is not used, with an answer. Its words, exact place and photos are gone after this."""

    def fill(row: Report, _step: Step) -> None:
        _strip(row)
        _finish(actor, row, answer)
        files.dispose(actor, ref=Ref("report", row.public_id), rule="est.closed")

    return workflow.REPORT.take(actor, report, "close", version=version, fill=fill, answer=answer)


def _strip(row: Report) -> None:
    """Leave only what, when and in which area."""
    row.text = row.sent_back_because = ""
    row.x = row.y = row.radius_m = row.place = row.development = None


def _finish(actor: Actor, row: Report, answer: str) -> None:
    row.answer = answer.strip()[:500]
    row.reviewed_by_id, row.reviewed_at = actor.membership_id, clock.now()
