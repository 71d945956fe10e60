"""What those who review can do: accept into the week, send back, close. What is taken out is gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Category, Draft, Incident, Kind, SourceKind, ensure_source, record
from samverkan.domain.places.api import Area, Place, PlaceKind, area_at, check_near, home_municipality
from samverkan.foundation import clock, files, geo, notify
from samverkan.foundation.access import Actor, require
from samverkan.foundation.refs import Ref
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week

from ..models import EstWeek, Report, ReportState, WeekState
from . import privacy, workflow

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


def _take(actor: Actor, report: Report, version: int, step: str) -> Report:
    """The row, locked, if the step can be taken from where it is."""
    require(actor, "est.review")
    row = Report.objects.select_for_update().get(pk=report.pk)
    if row.version != version:
        raise Conflict
    found = workflow.find(step, row.state)
    if found is None:
        raise Conflict
    row.version += 1
    return row


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
        code=SOURCE, name="Partners rapporter", kind=SourceKind.PARTNERS, is_invented=row.is_invented
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
        development_id=found.development_id,
    )
    return record(actor, source=found.source, drafts=[draft])[0]


@transaction.atomic
def accept(actor: Actor, *, report: Report, version: int, cleaned: Cleaned) -> Report:
    """Take the report into the week. The raw words, the exact place and photos not kept are gone after this."""
    row = _take(actor, report, version, "accept")
    if cleaned.category.main_id is None:
        raise Refusal(_("Choose what it is about."), field="category")
    if not cleaned.marks_seen and (privacy.find(cleaned.text) or privacy.find(cleaned.title)):
        raise Refusal(
            _("Some of this looks like personal data. Take it out, or say that it may stand."),
            field="marks_seen",
            code="marked",
        )
    where = _where(row, cleaned)
    merged = cleaned.merge_into
    incident = _update(actor, merged, row, cleaned) if merged is not None else _record(actor, row, cleaned, where)
    locked = EstWeek.objects.filter(first=row.week, state=WeekState.FROZEN).exists()
    for name, value in where.items():
        setattr(row, name, value)
    row.text, row.category, row.kind = cleaned.text.strip(), cleaned.category, cleaned.kind
    row.trend, row.observation, row.seriousness = cleaned.trend, cleaned.observation, cleaned.seriousness
    row.incident, row.development = incident, merged if merged is not None and merged.kind == Kind.DEVELOPMENT else None
    # Why it was once sent back speaks of words that are no longer there.
    row.sent_back_because = ""
    _finish(actor, row, ReportState.REVIEWED if locked else ReportState.IN_WEEK, cleaned.answer)
    files.dispose(actor, ref=Ref("report", row.public_id), rule="est.review", keep=cleaned.keep_photos)
    _tell(row, "est.accepted")
    return row


@transaction.atomic
def send_back(actor: Actor, *, report: Report, version: int, reason: str) -> Report:
    """Ask the one who reported to change it, with the reason."""
    row = _take(actor, report, version, "send_back")
    if not reason.strip():
        raise Refusal(_("Write what needs to be changed."), field="reason")
    row.state, row.sent_back_because = ReportState.SENT_BACK, reason.strip()[:500]
    row.reviewed_by_id, row.reviewed_at = actor.membership_id, clock.now()
    row.save()
    _tell(row, "est.sent_back")
    return row


@transaction.atomic
def recall(actor: Actor, *, report: Report, version: int) -> Report:
    """Take a report that was sent back by mistake into the queue again."""
    row = _take(actor, report, version, "recall")
    row.state, row.sent_back_because, row.reviewed_by, row.reviewed_at = ReportState.SUBMITTED, "", None, None
    row.save()
    return row


@transaction.atomic
def close(actor: Actor, *, report: Report, version: int, answer: str) -> Report:
    """End a report that is not used, with an answer. Its words, exact place and photos are gone after this."""
    row = _take(actor, report, version, "close")
    if not answer.strip():
        raise Refusal(_("Write what the one who reported is told."), field="answer")
    strip(row)
    _finish(actor, row, ReportState.CLOSED, answer)
    files.dispose(actor, ref=Ref("report", row.public_id), rule="est.closed")
    _tell(row, "est.closed")
    return row


def strip(row: Report) -> None:
    """Leave only what, when and in which area."""
    row.text = row.sent_back_because = ""
    row.x = row.y = row.radius_m = row.place = row.development = None


def _finish(actor: Actor, row: Report, state: str, answer: str) -> None:
    row.state, row.answer = state, answer.strip()[:500]
    row.reviewed_by_id, row.reviewed_at = actor.membership_id, clock.now()
    row.save()


def _tell(row: Report, template: str) -> None:
    """Feedback to the one who reported; who wrote it in for them learns it too."""
    seats = {row.membership_id} | ({row.entered_by_id} if row.entered_by_id else set())
    notify.notify(
        membership_ids=seats,
        ref=Ref("report", row.public_id),
        template=template,
        data={"week": Week.from_index(row.week).number},
    )
