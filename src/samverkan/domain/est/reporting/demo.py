"""Invented reporters and what they have told: a register, weeks of answers, and reports that wait.

Every body added here is invented and says so; no text names a person. Telephone numbers are among
those set aside for invention (070-174 06 05 and on).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from samverkan.domain.incidents.api import Category, Incident, Kind, Observation, TimePrecision, Trend
from samverkan.domain.places.api import Place
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.people import demo as people
from samverkan.foundation.people import selectors as people_selectors
from samverkan.foundation.people import services as people_services
from samverkan.foundation.people.models import Membership, Organisation, Person
from samverkan.foundation.weeks import Week

from ..models import NothingToReport, Reminder, Report, ReportState
from ..week import cycles
from . import services
from .cast import REPORTER
from .services import duty, review

#: Weeks of answers before the week to go through.
HISTORY = 14

SCHOOLS, HOUSING, TRADE, LEISURE = "Skolor", "Bostadsbolag", "Väktare och handel", "Fritid och fältgrupp"
POLICE, UNITS = "Polisen", "Kommunens enheter"

#: Of the cast: code, role, group, and what the latest week is like.
CAST = (
    ("skola", SCHOOLS, "nothing"),
    ("skola.soder", SCHOOLS, "silent"),
    ("bostadsbolag", HOUSING, "reported"),
    ("hyresvard", HOUSING, "reported"),
    ("ordningsvakt", TRADE, "reported"),
    ("centrum", TRADE, "reported"),
    ("krogare", TRADE, "nothing"),
    ("fritid", LEISURE, "reported"),
    ("socialtjanst", LEISURE, "silent"),
    ("nattvandrare", LEISURE, "reported"),
    ("kommunpolis", POLICE, "reported"),
    ("atgardsansvarig", UNITS, "reported"),
)


@dataclass(frozen=True)
class Extra:
    """A reporter outside the list of those one signs in as. An organisation without a kind is the profile's."""

    code: str
    organisation: str
    kind: str
    function: str
    group: str
    latest: str


EXTRA = (
    Extra("skola.oster", "Skolan vid Öster (påhittad)", "school", "Rektor", SCHOOLS, "reported"),
    Extra("skola.vaster", "Skolan vid Väster (påhittad)", "school", "Biträdande rektor", SCHOOLS, "reported"),
    Extra("skola.centrum", "Skolan i Centrum (påhittad)", "school", "Trygghetsvärd", SCHOOLS, "reported"),
    Extra("skola.nordost", "Skolan i Nordost (påhittad)", "school", "Rektor", SCHOOLS, "reported"),
    Extra("skola.sydvast", "Skolan i Sydväst (påhittad)", "school", "Kurator", SCHOOLS, "nothing"),
    Extra("hyresbolaget", "Hyresbolaget Linden (påhittat)", "private_landlord", "Förvaltare", HOUSING, "reported"),
    Extra("bostadsratter", "Bostadsrätterna vid Parken (påhittade)", "association", "Ordförande", HOUSING, "silent"),
    Extra("fastigheter", "Fastigheterna i Söder (påhittade)", "private_landlord", "Fastighetsvärd", HOUSING, "nothing"),
    Extra("kopcentrum", "Köpcentrumet Exempel (påhittat)", "business", "Centrumledare", TRADE, "reported"),
    Extra("idrott", "Idrottsföreningen Exempel (påhittad)", "association", "Verksamhetsledare", LEISURE, "nothing"),
    Extra("bibliotek", "Kultur- och fritidsförvaltningen", "", "Rapportör på biblioteket", UNITS, "reported"),
    Extra(
        "vuxenutbildning",
        "Arbetsmarknads- och vuxenutbildningsförvaltningen",
        "",
        "Rapportör på vuxenutbildningen",
        UNITS,
        "nothing",
    ),
)


@dataclass(frozen=True)
class Told:
    """One report: who, what, where, days ago and hour, and the words."""

    code: str
    category: str
    place: str
    days: int
    hour: int
    text: str
    trend: str = Trend.NEW
    kind: str = Kind.EVENT
    observation: str = Observation.OBSERVED


WAITING = (
    Told(
        "ordningsvakt",
        "skadegorelse",
        "Bryggtorget",
        1,
        22,
        "Två rutor krossade i vindskyddet. En moped, ABC 12X, stod kvar när vi kom.",
        Trend.WORSE,
    ),
    Told(
        "hyresvard",
        "storningar",
        "Björkplan",
        2,
        23,
        "Hög musik från gården efter klockan 23. En granne vill bli uppringd på 070-174 06 05.",
        Trend.UNCHANGED,
        Kind.EVENT,
        Observation.SECOND_HAND,
    ),
    Told(
        "centrum",
        "narkotika",
        "Busstorget",
        3,
        17,
        "Korta möten vid cykelställen, flera gånger samma eftermiddag. Handlarna håller dörren låst.",
        Trend.WORSE,
    ),
    Told(
        "nattvandrare",
        "otrygghet",
        "Gångtunneln vid stationen",
        2,
        21,
        "Lamporna i tunneln är fortfarande trasiga. Flera vi mötte gick en omväg.",
        Trend.UNCHANGED,
    ),
)
REVIEWED = (
    Told(
        "bostadsbolag",
        "klotter",
        "Repslagargården",
        4,
        7,
        "Nytt klotter i två trapphus och på tvättstugan.",
        Trend.UNCHANGED,
    ),
    Told(
        "fritid",
        "brak",
        "Norra fritidsgården",
        3,
        20,
        "Knuffar mellan två grupper utanför entrén. Det lugnade sig när personalen gick ut.",
        Trend.BETTER,
    ),
)
SENT_BACK = Told(
    "bostadsbolag",
    "storningar",
    "Kvarngården",
    3,
    22,
    "Samma sällskap som förra veckan höll till utanför porten till lägenhet 12.",
    Trend.UNCHANGED,
)


def load(context: Any) -> None:
    """The register, the answers of the latest weeks, and the reports that wait."""
    with transaction.atomic():
        seats = _register(context)
        _history(context, seats)
        _reports(context)


def _register(context: Any) -> list[tuple[Membership, str]]:
    since = context.today - timedelta(days=people.HISTORY_DAYS - 60)
    bodies = {row.name: row for row in Organisation.objects.all()}
    shared = (
        Person.objects.filter(is_invented=True).exclude(password="").values_list("password", flat=True).first() or ""
    )
    out = []
    for code, group, latest in CAST:
        role = "municipal_police" if code == "kommunpolis" else REPORTER
        seat = Membership.objects.select_related("organisation").get(person__email=f"{code}@{people.DOMAIN}", role=role)
        duty.expect(SYSTEM, seat=seat, group=group, from_on=since)
        out.append((seat, latest))
    for extra in EXTRA:
        body = bodies.get(extra.organisation)
        if body is None:
            body = bodies[extra.organisation] = people_services.create_organisation(
                SYSTEM, name=extra.organisation, kind=extra.kind or "department", is_invented=True
            )
        person = people_services.create_person(
            SYSTEM,
            email=f"{extra.code}@{people.DOMAIN}",
            name=f"{extra.function} (påhittad)",
            is_invented=True,
            password_hash=shared,
        )
        seat = people_services.give_seat(
            SYSTEM, person=person, organisation=body, role=REPORTER, function=extra.function, from_on=since
        )
        duty.expect(SYSTEM, seat=seat, group=extra.group, from_on=since)
        out.append((seat, extra.latest))
    return out


def _history(context: Any, seats: list[tuple[Membership, str]]) -> None:
    """Answers of the latest weeks. Reports are tied to invented incidents of the same week."""
    dice = random.Random(context.seed)
    last = cycles.reported_week(context.today)
    weeks = range(last.index - HISTORY, last.index + 1)
    found: dict[int, list[Incident]] = {}
    rows = Incident.objects.filter(
        source__code=review.SOURCE,
        week__in=weeks,
        kind=Kind.EVENT,
        category__for_reports=True,
        organisation__isnull=False,
    )
    for incident in rows.order_by("pk"):
        found.setdefault(incident.week, []).append(incident)
    reports, silences, used = [], [], []
    for index in weeks:
        dice.shuffle(found.get(index, []))
        for seat, latest in seats:
            chance = dice.random()
            answer = (
                latest
                if index == last.index
                else "reported"
                if chance < 0.66
                else "nothing"
                if chance < 0.88
                else "silent"
            )
            moment = datetime.combine(Week.from_index(index).sunday, time(16, dice.randrange(60)), clock.STOCKHOLM)
            if answer == "reported" and found.get(index):
                incident = found[index].pop()
                incident.organisation_id = seat.organisation_id
                used.append(incident)
                reports.append(_closed(seat, incident, moment, index == last.index))
            elif answer != "silent":
                silences.append(NothingToReport(membership=seat, week=index, at=moment))
    Report.objects.bulk_create(reports)
    NothingToReport.objects.bulk_create(silences)
    Incident.objects.bulk_update(used, ["organisation"], batch_size=200)
    friday = datetime.combine(last.sunday - timedelta(days=2), time(8), clock.STOCKHOLM)
    Reminder.objects.bulk_create(
        Reminder(membership=seat, week=last.index, at=friday) for seat, latest in seats if latest == "silent"
    )


def _closed(seat: Membership, incident: Incident, moment: datetime, latest: bool) -> Report:
    return Report(
        controller_id=seat.organisation.controller_or_self_id,
        organisation_id=seat.organisation_id,
        membership=seat,
        week=incident.week,
        state=ReportState.IN_WEEK if latest else ReportState.CLOSED,
        kind=incident.kind,
        category_id=incident.category_id,
        text=incident.title,
        trend=incident.trend or Trend.NEW,
        observation=incident.observation,
        seriousness=incident.seriousness,
        started_at=incident.started_at,
        ended_at=incident.ended_at,
        time_precision=incident.time_precision,
        place_id=incident.place_id,
        area_id=incident.area_id,
        x=incident.x,
        y=incident.y,
        radius_m=incident.radius_m,
        incident=incident,
        submitted_at=moment,
        reviewed_at=moment + timedelta(hours=15),
        created_at=moment,
        is_invented=True,
    )


def _reports(context: Any) -> None:
    reviewer = context.actor("granskare")
    for told in REVIEWED:
        row = _submit(context, told)
        cleaned = review.Cleaned(
            category=row.category,
            title=f"{row.category.name_sv}, {told.place}",
            text=told.text,
            kind=told.kind,
            trend=told.trend,
            observation=told.observation,
            answer="Tack. Vi tar upp det på veckomötet.",
        )
        review.accept(reviewer, report=row, version=row.version, cleaned=cleaned)
    row = _submit(context, SENT_BACK)
    review.send_back(
        reviewer, report=row, version=row.version, reason="Skriv var på gården det var, utan lägenhetens nummer."
    )
    for told in WAITING:
        _submit(context, told)


def _submit(context: Any, told: Told) -> Report:
    actor = _reporter(context, told.code)
    day = context.today - timedelta(days=told.days)
    seen = services.Seen(
        category=Category.objects.get(code=told.category),
        kind=told.kind,
        text=told.text,
        trend=told.trend,
        observation=told.observation,
        started_at=datetime.combine(day, time(told.hour, 20), clock.STOCKHOLM),
        time_precision=TimePrecision.MINUTE,
        place=Place.objects.select_related("area").get(name=told.place),
    )
    return services.submit(actor, seen=seen, is_invented=True)


def _reporter(context: Any, code: str) -> Actor:
    actor: Actor = context.actor(code)
    if actor.role == REPORTER:
        return actor
    seat = next(s for s in people_selectors.seats_of(actor.person_id or 0) if s.role == REPORTER)
    return people_selectors.actor_of(actor.person_id or 0, seat)
