"""Invented problems and measures: one that worked, one that only moved the problem, some late, some new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from samverkan.domain.places.api import Place
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.models import Membership, Organisation

from . import services
from .models import Measure, Problem, Status

#: key: (title, description, categories, place, causes)
_PROBLEMS = {
    "norr": (
        "Störningar vid Norra centrumhuset på kvällarna",
        "Samlingar vid entrén efter stängning, mest torsdag till lördag. Boende och personal känner sig otrygga.",
        ["storningar"],
        "Norra centrumhuset",
        [
            ("situation", "Entrén är öppen och värmen står på efter stängning"),
            ("situation", "Inga vuxna på plats efter kl. 20"),
            ("offender", "Fritidsgården stänger tidigt på helger"),
        ],
    ),
    "vaster": (
        "Öppen narkotikahandel vid Västra torget",
        "Korta möten vid parkeringen, mest på kvällar.",
        ["narkotika"],
        "Västra torget",
        [("situation", "Skymd parkering med flera utfarter"), ("situation", "Dålig belysning längs gångvägen")],
    ),
    "station": (
        "Otrygg gångtunnel vid stationen",
        "Mörkt, klotter och få människor efter kl. 19.",
        ["morkt-eller-undanskymt", "klotter"],
        "Gångtunneln vid stationen",
        [("situation", "Trasig belysning"), ("situation", "Buskage skymmer utgången")],
    ),
    "skola": (
        "Bråk mellan två grupper vid Österskolan",
        "Bråk på rasterna och efter skoldagen sedan fyra veckor.",
        ["brak"],
        "Österskolan",
        [("offender", "Konflikt som började på nätet")],
    ),
    "brygga": (
        "Skadegörelse vid Bryggtorget",
        "Krossade rutor och uppbrutna dörrar de senaste två veckorna.",
        ["skadegorelse"],
        "Bryggtorget",
        [],
    ),
}

#: problem, title, why, owner, type, start week, weeks it lasts (None: goes on), due in days, follow-up in days, end state
_MEASURES = (
    (
        "norr",
        "Låst entré efter stängning och vuxna på plats",
        "Entrén ska inte vara en samlingsplats på kvällarna.",
        "bostadsbolag",
        "situational",
        -26,
        None,
        -175,
        0,
        Status.DONE,
    ),
    (
        "vaster",
        "Ronder och belysning vid Västra torget",
        "Handeln ska bli svårare att bedriva på torget.",
        "ordningsvakt",
        "situational",
        -26,
        None,
        -175,
        0,
        Status.DONE,
    ),
    (
        "station",
        "Ny belysning i gångtunneln",
        "Tunneln ska vara ljus hela vägen.",
        "atgardsansvarig",
        "situational",
        None,
        None,
        -42,
        60,
        Status.PLANNED,
    ),
    (
        "station",
        "Klipp buskaget vid utgången",
        "Utgången ska synas från tunneln.",
        "atgardsansvarig",
        "situational",
        -1,
        None,
        4,
        90,
        Status.ONGOING,
    ),
    (
        "skola",
        "Vuxna på skolgården under raster",
        "Bråken ska stoppas tidigt.",
        "skola",
        "social",
        -2,
        None,
        0,
        40,
        Status.ONGOING,
    ),
    (
        "norr",
        "Fritidsgården öppen lördagar till kl. 23",
        "De unga ska ha någonstans att vara.",
        "fritid",
        "social",
        -8,
        None,
        2,
        30,
        Status.ONGOING,
    ),
    (
        None,
        "Nya lås till cykelrummet",
        "Färre stulna cyklar.",
        "bostadsbolag",
        "situational",
        None,
        None,
        5,
        None,
        Status.PLANNED,
    ),
)


def load(context: Any) -> None:
    """Problems and measures, seen from the day of loading."""
    places = {p.name: p for p in Place.objects.select_related("area")}
    problems: dict[str, Problem] = {}
    for key, (title, description, categories, place, causes) in _PROBLEMS.items():
        problems[key] = services.describe_problem(
            SYSTEM,
            title=title,
            description=description,
            category_codes=categories,
            place=places[place],
            causes=causes,
            is_invented=True,
        )
    seats = {
        m.person.email.split("@")[0]: m
        for m in Membership.objects.select_related("person", "organisation").order_by("-pk")
    }
    police = Organisation.objects.filter(kind="police").first()
    today = context.today
    for about, title, why, owner, kind, start, lasts, due, follow, state in _MEASURES:
        problem = problems.get(about or "")
        starts = today + timedelta(weeks=start) if start is not None else None
        measure = services.plan(
            SYSTEM,
            plan=services.Plan(
                title=title,
                why=why,
                owner=seats[owner],
                type=kind,
                problem=problem,
                causes=tuple(problem.causes.all()[:1]) if problem else (),
                category_codes=tuple(problem.category_codes) if problem else (),
                place=problem.place if problem else None,
                starts_on=starts,
                ends_on=starts + timedelta(weeks=lasts) if starts and lasts else None,
                due_on=today + timedelta(days=due),
                follow_up_on=today + timedelta(days=follow) if follow is not None else None,
                actors=((police, "Polisens områdesgrupp rondar"),) if police and about in {"norr", "vaster"} else (),
            ),
            is_invented=True,
        )
        _walk(measure, state)


def _walk(measure: Measure, state: str) -> None:
    """Take a measure to its state by the same steps a person would."""
    if state in (Status.ONGOING, Status.DONE):
        measure = services.step(SYSTEM, measure=measure, version=measure.version, after=Status.ONGOING)
    if state == Status.DONE:
        services.step(SYSTEM, measure=measure, version=measure.version, after=Status.DONE, on=clock.today())
