"""What those who report can do with a report: send, change, withdraw, say that there is nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Category, Incident, Kind, Observation, TimePrecision, Trend
from samverkan.domain.places.api import Area, Place, PlaceKind, area_at, check_near
from samverkan.foundation import clock, files, geo
from samverkan.foundation.access import Actor, Refused, require
from samverkan.foundation.people.models import Membership
from samverkan.foundation.refs import Ref
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week
from samverkan.foundation.workflow import Step, locked

from ...models import Channel, EstWeek, Report, ReportState, WeekState
from ...week import cycles
from .. import selectors, workflow

MOST_PHOTOS = 4
MOST_TEXT = 4000
#: Older than this is history, not a report of what goes on.
OLDEST = timedelta(days=366)


@dataclass(frozen=True)
class Seen:
    """What was seen: where in metres, when in UTC."""

    category: Category
    started_at: datetime
    kind: str = Kind.EVENT
    text: str = ""
    trend: str = Trend.NEW
    observation: str = Observation.OBSERVED
    seriousness: int | None = None
    ended_at: datetime | None = None
    time_precision: str = TimePrecision.MINUTE
    place: Place | None = None
    area: Area | None = None
    x: float | None = None
    y: float | None = None
    radius_m: int | None = None
    development: Incident | None = None


def _cycle_of(started_at: datetime) -> Week:
    """The cycle a report belongs to: that in which it happened while that is the latest ended one and
    not locked, else the present one."""
    weeks = cycles.length()
    now, happened = (cycles.first_of(w, weeks) for w in (Week.current(), Week.containing(started_at)))
    if (
        happened == now.plus(-weeks)
        and not EstWeek.objects.filter(first=happened.index, state=WeekState.FROZEN).exists()
    ):
        return happened
    return now


def _place(seen: Seen) -> dict[str, Any]:
    """The place as it may be kept. A dwelling identifies, so home-bound categories keep only the area."""
    x, y, radius, place, area = seen.x, seen.y, seen.radius_m, seen.place, seen.area
    if x is not None and y is not None and not bool(geo.current().contains(x, y)):
        raise Refusal(_("The position lies outside the map. Write where it happened instead."), field="where")
    if x is not None and y is not None:
        check_near(x, y, field="where")
    if x is None and place is not None:
        x, y = place.x, place.y
        radius = None if place.kind == PlaceKind.ADDRESS else place.radius_m
    if x is not None and y is not None:
        area = (place.area if place and seen.x is None else area_at(x, y)) or area
    if seen.category.is_home_bound:
        x = y = radius = place = None
    return {"x": x, "y": y, "radius_m": radius, "place": place, "area": area}


def _fill(row: Report, seen: Seen) -> None:
    now = clock.now()
    if seen.started_at > now + timedelta(minutes=5):
        raise Refusal(_("The time lies in the future. Write when it happened."), field="day")
    if seen.started_at < now - OLDEST:
        raise Refusal(_("It happened more than a year ago. Tell the coordinator instead."), field="day")
    if seen.ended_at is not None and seen.ended_at < seen.started_at:
        raise Refusal(_("The end comes before the start."), field="until_day")
    if seen.category.retired_on or not seen.category.for_reports:
        raise Refusal(_("Choose what it is about."), field="category")
    if len(seen.text) > MOST_TEXT:
        raise Refusal(_("The text is too long. Write at most 4 000 characters."), field="text")
    for name, value in _place(seen).items():
        setattr(row, name, value)
    row.category, row.kind, row.text = seen.category, seen.kind, seen.text.strip()
    row.trend, row.observation, row.seriousness = seen.trend, seen.observation, seen.seriousness
    row.started_at, row.ended_at, row.time_precision = seen.started_at, seen.ended_at, seen.time_precision
    row.development = seen.development if seen.kind == Kind.DEVELOPMENT else None
    row.week = _cycle_of(seen.started_at).index


def _attach(actor: Actor, row: Report, photos: Iterable[Any]) -> None:
    chosen = [p for p in photos if p]
    if not chosen:
        return
    ref = Ref("report", row.public_id)
    if len(chosen) + (len(files.files_of(actor, ref)) if row.version > 1 else 0) > MOST_PHOTOS:
        raise Refusal(_("At most four photos. Choose those that show it best."), field="photos")
    for photo in chosen:
        try:
            # Only the content: what a file is called may be somebody's name.
            files.attach(actor, ref=ref, upload=photo.read(), kind="photo")
        except Refusal as refusal:
            raise Refusal(refusal.message, field="photos", code=refusal.code) from refusal


@transaction.atomic
def submit(
    actor: Actor,
    *,
    seen: Seen,
    key: UUID | None = None,
    photos: Iterable[Any] = (),
    seat: Membership | None = None,
    channel: str = Channel.OWN,
    is_invented: bool = False,
) -> Report:
    """Store a report. ``key`` is the page's own number for it: sent twice, it is stored once.

    ``seat`` is whom the coordinator writes in for, after a call or an e-mail.
    """
    require(actor, "est.report")
    if key is not None:
        before = Report.objects.filter(
            public_id=key, organisation_id=seat.organisation_id if seat else selectors.seat_of(actor)[1]
        ).first()
        if before is not None:
            return before
    if seat is not None:
        require(actor, "est.reporters")
        if channel not in {Channel.CALL, Channel.EMAIL}:
            raise Refusal(_("Say how they told it."), field="channel")
        owner = {
            "membership_id": seat.pk,
            "organisation_id": seat.organisation_id,
            "controller_id": seat.organisation.controller_or_self_id,
            "entered_by_id": actor.membership_id,
        }
    else:
        channel = Channel.OWN
        owner = {
            "membership_id": actor.membership_id,
            "organisation_id": actor.organisation_id,
            "controller_id": actor.controller_id,
        }
    if (
        seen.development is not None
        and not selectors.developments(actor, seat=seat).filter(pk=seen.development.pk).exists()
    ):
        raise Refused("est.report")
    row = Report(
        public_id=key or uuid4(),
        channel=channel,
        state=ReportState.SUBMITTED,
        submitted_at=clock.now(),
        is_invented=is_invented,
        **owner,
    )
    _fill(row, seen)
    row.save(force_insert=True)
    _attach(actor, row, photos)
    return row


@transaction.atomic
def change(
    actor: Actor,
    *,
    report: Report,
    version: int,
    seen: Seen,
    photos: Iterable[Any] = (),
    drop_photos: bool = False,
) -> Report:
    """Change what was written and send it: until it is reviewed."""

    def fill(row: Report, _step: Step) -> None:
        if seen.development is not None and seen.development.pk != row.development_id:
            seat = row.membership if row.organisation_id != actor.organisation_id else None
            if not selectors.developments(actor, seat=seat).filter(pk=seen.development.pk).exists():
                raise Refused("est.report")
        _fill(row, seen)
        row.submitted_at, row.sent_back_because = clock.now(), ""

    row = workflow.REPORT.take(actor, report, "change", version=version, fill=fill)
    if drop_photos:
        files.dispose(actor, ref=Ref("report", row.public_id), rule="est.changed")
    _attach(actor, row, photos)
    return row


def withdraw(actor: Actor, *, report: Report, version: int) -> Report:
    """Take a report back; it becomes a draft that only the one who wrote it sees."""
    return workflow.REPORT.take(actor, report, "withdraw", version=version)


def send(actor: Actor, *, report: Report, version: int) -> Report:
    """Send a draft, such as one that was withdrawn by mistake."""

    def fill(row: Report, _step: Step) -> None:
        row.submitted_at = clock.now()

    return workflow.REPORT.take(actor, report, "submit", version=version, fill=fill)


@transaction.atomic
def discard(actor: Actor, *, report: Report, version: int) -> None:
    """Throw a draft away with its photos, for good."""
    row = locked(Report, selectors.own(actor).get(pk=report.pk), version)
    if row.state != ReportState.DRAFT:
        raise Refusal(_("Withdraw the report first."))
    files.dispose(actor, ref=Ref("report", row.public_id), rule="est.discarded")
    row.delete()
