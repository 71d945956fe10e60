"""Invented incidents with believable rhythms, made from a fixed seed and anchored on the day of loading.

What is planted, so that tests and the evaluation can be checked against it, stands in
:data:`PLANTED`. Everything else is chance with a rhythm: evenings and week-ends, paydays, seasons,
and few places that have much.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from samverkan.domain.places.api import INVENTED_SOURCE, INVENTED_SPOTS, Area, Place
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.models import Organisation
from samverkan.foundation.weeks import Week

from .categories import Lookup
from .models import Category, Kind, Observation, SourceKind, TimePrecision, Trend
from .services import Draft, ensure_source, record

WEEKS = 148
#: Incidents of an ordinary week.
PER_WEEK = 46.0


@dataclass(frozen=True)
class Planted:
    """What was planted, in days before the day of loading."""

    cluster_place: str = "Bryggtorget"
    cluster_category: str = "skadegorelse"
    cluster_days: int = 12
    cluster_count: int = 11
    worked_place: str = "Norra centrumhuset"
    worked_category: str = "storningar"
    moved_place: str = "Västra torget"
    moved_category: str = "narkotika"
    #: Both measures began this many weeks before the day, and have a year before them.
    measure_weeks: int = 26
    before_per_week: float = 3.0
    after_per_week: float = 0.6
    #: Round the corner from the second, from the day it began: more than what fell, so that chance elsewhere hides nothing.
    moved_per_week: float = 3.2


PLANTED = Planted()

#: category, share, weight by (evening and night, school day afternoon, all day), weekend factor
_MIX = (
    ("storningar", 0.20, "evening", 1.7),
    ("skadegorelse", 0.15, "night", 1.4),
    ("klotter", 0.15, "night", 1.1),
    ("narkotika", 0.08, "evening", 1.2),
    ("brak", 0.08, "evening", 1.9),
    ("morkt-eller-undanskymt", 0.06, "evening", 1.0),
    ("nedskrapning", 0.06, "day", 1.0),
    ("berusade", 0.06, "evening", 2.0),
    ("buskorning", 0.06, "afternoon", 1.2),
    ("stold", 0.04, "day", 1.0),
    ("hot-mot-personal", 0.02, "day", 0.7),
    ("fyrverkerier", 0.015, "night", 1.5),
    ("anlagd-brand", 0.01, "night", 1.3),
    ("vald-i-nara-relation", 0.012, "evening", 1.2),
    ("bostadsinbrott", 0.013, "day", 0.9),
)
_HOURS = {
    "evening": [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5, 6, 8, 9, 10, 8, 4],
    "night": [8, 7, 5, 4, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 9],
    "afternoon": [1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 7, 9, 9, 8, 7, 6, 5, 4, 3, 2],
    "day": [0, 0, 0, 0, 0, 1, 2, 4, 5, 6, 7, 7, 7, 7, 7, 6, 6, 5, 4, 3, 2, 1, 1, 0],
}
_WORDS = {
    "storningar": ("Hög musik och skrik", "Grupp som stör boende", "Störande samling", "Skrik och spring i trapphus"),
    "skadegorelse": ("Krossade rutor", "Sönderslagna papperskorgar", "Uppbruten dörr", "Skadad belysning"),
    "klotter": ("Klotter på fasad", "Klotter i gångtunnel", "Klotter på elskåp", "Klotter på lekplats"),
    "narkotika": ("Misstänkt handel vid entré", "Korta möten vid parkerade bilar", "Påsar hittade i buske"),
    "brak": ("Bråk mellan ungdomar", "Slagsmål utanför kiosk", "Knuffar och hot mellan två grupper"),
    "morkt-eller-undanskymt": ("Trasiga lampor", "Buskage skymmer gångvägen", "Mörkt vid cykelställ"),
    "nedskrapning": ("Skräp efter samling", "Dumpade möbler", "Krossat glas på gångväg"),
    "berusade": ("Berusade personer vid sittplatser", "Sällskap som dricker vid entrén"),
    "buskorning": ("Moped på gångväg", "Bilar kör fort runt parkeringen", "Elsparkcyklar i hög fart"),
    "stold": ("Stölder ur butik", "Stulna cyklar", "Inbrott i källarförråd"),
    "hot-mot-personal": ("Hot mot butikspersonal", "Personal har blivit hotad vid stängning"),
    "fyrverkerier": ("Smällare mot fasad", "Raketer bland människor"),
    "anlagd-brand": ("Brand i papperskorg", "Brand i container"),
    "vald-i-nara-relation": ("Oro för våld i hemmet",),
    "bostadsinbrott": ("Inbrott i bostad",),
}
_SOURCES = (
    ("partnerrapporter", "Partners rapporter", SourceKind.PARTNERS),
    ("polisens-avidentifierade", "Polisens avidentifierade uppgifter", SourceKind.FILE),
    ("felanmalan", "Felanmälningar", SourceKind.FAULTS),
)
#: (title, category, place, weeks ago it began, trend)
_DEVELOPMENTS = (
    ("Två grupper bråkar vid Österskolan", "brak", "Österskolan", 4, Trend.WORSE),
    ("Mopedkörning i Strandparken", "buskorning", "Strandparken", 7, Trend.BETTER),
    ("Samlingar med hög musik i Parkeringshuset Pumpen", "storningar", "Parkeringshuset Pumpen", 5, Trend.UNCHANGED),
    ("Öppen handel vid Busstorget", "narkotika", "Busstorget", 9, Trend.UNCHANGED),
    ("Smällare vid Södra torget", "fyrverkerier", "Södra torget", 2, Trend.NEW),
)
#: (title, category, place)
_FEATURES = (
    ("Mörk gångväg mellan torget och bussarna", "morkt-eller-undanskymt", "Gångtunneln vid stationen"),
    ("Undanskymd lastkaj", "morkt-eller-undanskymt", "Norra centrumhuset"),
    ("Återkommande klotter på gaveln", "klotter", "Västra torget"),
)


class _Maker:
    """Draws incidents day by day; the same seed and day give the same town."""

    def __init__(self, seed: int, today: date) -> None:
        self.random = np.random.default_rng(seed)
        self.seed, self.today = seed, today
        self.places = {p.name: p for p in Place.objects.filter(source=INVENTED_SOURCE).select_related("area")}
        self.areas = {a.pk: a for a in Area.objects.counted().defer("geometry")}
        self.spots = [(self.places[s.name], s.weight) for s in INVENTED_SPOTS]
        lookup = Lookup()
        self.categories: dict[str, Category] = {code: lookup.find(code) for code, *_rest in _MIX}
        self.organisations = {o.kind: o for o in Organisation.objects.order_by("-pk")}
        self.number = 0

    def draft(
        self, *, day: date, category: str, place: Place | None, spread: float, exact: float = 0.7
    ) -> tuple[str, Draft]:
        """One event at or near a place; how surely the place is known is drawn."""
        r = self.random
        rhythm = next(h for c, _s, h, _w in _MIX if c == category)
        hours = np.array(_HOURS[rhythm], float)
        hour = int(r.choice(24, p=hours / hours.sum()))
        started = datetime.combine(day, time(hour, int(r.integers(60))), clock.STOCKHOLM)
        kind = self.categories[category]
        home_bound = kind.is_home_bound
        x = y = radius = area = None
        chance = r.random()
        if place is not None and not home_bound and chance < exact + 0.13:
            angle, distance = r.uniform(0, 2 * np.pi), abs(r.normal(0, spread))
            x, y = place.x + distance * np.cos(angle), place.y + distance * np.sin(angle)
            radius = int(r.choice([100, 150, 200])) if chance >= exact else None
        elif home_bound or chance < exact + 0.25:
            area = self.areas.get(place.area_id or 0) if place is not None else None
        self.number += 1
        source = _SOURCES[int(r.choice(3, p=[0.72, 0.16, 0.12]))][0]
        words = _WORDS[category]
        title = words[int(r.integers(len(words)))]
        if place is not None and not home_bound and x is not None:
            title = f"{title}, {place.name}"
        day_only = r.random() < 0.08
        return source, Draft(
            external_id=f"demo-{self.number}",
            category=kind,
            started_at=datetime.combine(day, time(0), clock.STOCKHOLM) if day_only else started,
            time_precision=TimePrecision.DAY if day_only else TimePrecision.MINUTE,
            title=title,
            observation=Observation.OBSERVED if r.random() < 0.75 else Observation.SECOND_HAND,
            seriousness=int(r.choice([1, 2, 3], p=[0.5, 0.38, 0.12])),
            x=None if x is None else float(round(x, 1)),
            y=None if y is None else float(round(y, 1)),
            radius_m=radius,
            area=area,
            municipality="Eskilstuna",
            organisation_id=self._organisation(source),
        )

    def _organisation(self, source: str) -> int | None:
        kinds = ["school", "housing_company", "guard_company", "private_landlord", "association", "department"]
        if source == "polisens-avidentifierade":
            kinds = ["police"]
        elif source == "felanmalan":
            return None
        kind = kinds[int(self.random.integers(len(kinds)))]
        found = self.organisations.get(kind)
        return found.pk if found else None

    def ordinary(self, day: date) -> list[tuple[str, Draft]]:
        """An ordinary day: season, weekday and payday decide how much happens; weights decide where."""
        r = self.random
        season = 1.0 + 0.22 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 205) / 365.25)
        factor = season * (1.45 if day.day in (25, 26, 27) else 1.0)
        out = []
        weights = np.array([w for _p, w in self.spots])
        for code, share, _rhythm, weekend in _MIX:
            level = PER_WEEK / 7 * share * factor * (weekend if day.weekday() in (4, 5) else 1.0) * 0.88
            for _ in range(int(r.poisson(level))):
                place = self.spots[int(r.choice(len(self.spots), p=weights / weights.sum()))][0]
                out.append(self.draft(day=day, category=code, place=place, spread=140.0))
        return out

    def at_measure(self, day: date) -> list[tuple[str, Draft]]:
        """The two places with measures: one where less happens afterwards, one where it moves next door."""
        planted = PLANTED
        after = day >= self.today - timedelta(weeks=planted.measure_weeks)
        # Draws of their own for each day counted back, so that the same is planted whatever day it is today.
        town, r = self.random, np.random.default_rng([self.seed, (self.today - day).days])
        self.random = r
        rate = (planted.after_per_week if after else planted.before_per_week) / 7
        out = []
        for _ in range(int(r.poisson(rate))):
            out.append(
                self.draft(
                    day=day,
                    category=planted.worked_category,
                    place=self.places[planted.worked_place],
                    spread=40,
                    exact=0.87,
                )
            )
        for _ in range(int(r.poisson(rate))):
            out.append(
                self.draft(
                    day=day,
                    category=planted.moved_category,
                    place=self.places[planted.moved_place],
                    spread=40,
                    exact=0.87,
                )
            )
        if after:
            for _ in range(int(r.poisson(planted.moved_per_week / 7))):
                source, draft = self.draft(
                    day=day,
                    category=planted.moved_category,
                    place=self.places[planted.moved_place],
                    spread=1,
                    exact=1.0,
                )
                angle, distance = r.uniform(0, 2 * np.pi), r.uniform(250, 380)
                place = self.places[planted.moved_place]
                moved = {
                    **draft.__dict__,
                    "x": round(place.x + distance * np.cos(angle), 1),
                    "y": round(place.y + distance * np.sin(angle), 1),
                }
                moved["title"] = draft.title.split(",")[0]
                out.append((source, Draft(**moved)))
        self.random = town
        return out

    def cluster(self) -> list[tuple[str, Draft]]:
        """What is starting at the quay these last weeks."""
        planted = PLANTED
        out = []
        for k in range(planted.cluster_count):
            # Thicker towards the end: something that is starting.
            days_ago = round((planted.cluster_days - 1) * (1 - ((k + 0.5) / planted.cluster_count) ** 0.7)) + 1
            source, draft = self.draft(
                day=self.today - timedelta(days=days_ago),
                category=planted.cluster_category,
                place=self.places[planted.cluster_place],
                spread=45,
                exact=1.0,
            )
            out.append((source, draft))
        return out


def load(context: Any) -> None:
    """Two and a half years and more of invented incidents, up to the day before the day of loading."""
    maker = _Maker(context.seed, context.today)
    first = Week.of(context.today).monday - timedelta(weeks=WEEKS)
    rows: list[tuple[str, Draft]] = []
    day = first
    while day < context.today:
        rows += maker.ordinary(day)
        rows += maker.at_measure(day)
        day += timedelta(days=1)
    rows += maker.cluster()
    for code, name, kind in _SOURCES:
        source = ensure_source(SYSTEM, code=code, name=name, kind=kind, is_invented=True)
        record(SYSTEM, source=source, drafts=[draft for found, draft in rows if found == code])
    _lasting(maker)


def _lasting(maker: _Maker) -> None:
    """Developments that live over weeks, and places with recurring problems."""
    source = ensure_source(SYSTEM, code=_SOURCES[0][0], name=_SOURCES[0][1], kind=_SOURCES[0][2], is_invented=True)
    drafts = []
    for number, (title, category, place_name, weeks, trend) in enumerate(_DEVELOPMENTS):
        place = maker.places[place_name]
        began = datetime.combine(maker.today - timedelta(weeks=weeks), time(18), clock.STOCKHOLM)
        drafts.append(
            Draft(
                external_id=f"demo-process-{number}",
                category=maker.categories[category],
                started_at=began,
                kind=Kind.DEVELOPMENT,
                title=title,
                trend=trend,
                time_precision=TimePrecision.DAY,
                x=place.x,
                y=place.y,
                radius_m=place.radius_m,
                place=place,
                municipality="Eskilstuna",
                observation=Observation.OBSERVED,
                seriousness=2,
                organisation_id=maker._organisation("partnerrapporter"),
            )
        )
    for number, (title, category, place_name) in enumerate(_FEATURES):
        place = maker.places[place_name]
        began = datetime.combine(maker.today - timedelta(weeks=30 + number), time(12), clock.STOCKHOLM)
        drafts.append(
            Draft(
                external_id=f"demo-plats-{number}",
                category=maker.categories[category],
                started_at=began,
                kind=Kind.PLACE_FEATURE,
                title=title,
                time_precision=TimePrecision.DAY,
                x=place.x,
                y=place.y,
                place=place,
                municipality="Eskilstuna",
                observation=Observation.OBSERVED,
            )
        )
    record(SYSTEM, source=source, drafts=drafts)
