"""A small invented town to count in."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from django.db import connection

from samverkan.domain.incidents.api import Category, Incident, Source
from samverkan.domain.incidents.store import touch_weeks
from samverkan.domain.picture import facts
from samverkan.domain.places.api import Area, AreaEdition, AreaScheme, Municipality
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.geo import hexagon_of
from samverkan.foundation.people.models import Membership, Organisation, Person
from samverkan.foundation.weeks import Week

TODAY = date(2026, 11, 23)
LAST = Week.parse("2026-W47")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SAMVERKAN_TODAY", TODAY.isoformat())
    facts.forget()
    yield
    facts.forget()


@dataclass
class Town:
    """What exists, and how to add incidents to it."""

    home: Organisation
    sources: list[Source]
    mains: list[Category]
    subs: list[Category]
    areas: list[Area]
    municipality: Municipality

    def add(self, week: Week, count: int = 1, *, weekday: int = 0, hour: int = 12, **fields: Any) -> list[Incident]:
        """Incidents at one time of a week, with their week noted as changed."""
        start = datetime.combine(week.monday + timedelta(days=weekday), datetime.min.time(), clock.STOCKHOLM)
        made = []
        for _n in range(count):
            values: dict[str, Any] = {
                "controller": self.home,
                "source": self.sources[0],
                "external_id": f"x{next(_numbers)}",
                "category": self.subs[0],
                "title": "Klotter",
                "started_at": start + timedelta(hours=hour),
                "week": week.index,
                "precision": "area" if fields.get("area") else "municipality",
                "municipality": self.municipality,
                "observed_at": clock.now(),
                "content_hash": b"0",
            }
            values.update(fields)
            if values.get("x") is not None:
                values.setdefault("hexagon", int(hexagon_of(values["x"], values["y"])[0]))
                if values["precision"] in {"area", "municipality"}:
                    values["precision"] = "point"
            made.append(Incident(**values))
        Incident.objects.bulk_create(made)
        self.touch(week)
        return made

    def touch(self, *weeks: Week) -> None:
        with connection.cursor() as cursor:
            touch_weeks(cursor, [w.index for w in weeks])

    def fill(self, count: int, *, weeks: int = 160, seed: int = 7) -> None:
        """Incidents spread over the weeks up to the last finished one, of every kind."""
        dice = random.Random(seed)
        made: list[dict[str, Any]] = []
        for _n in range(count):
            week = LAST.plus(-dice.randrange(weeks))
            start = datetime.combine(week.monday, datetime.min.time(), clock.STOCKHOLM)
            start += timedelta(
                days=dice.randrange(7), hours=dice.choice([1, 9, 15, 16, 21, 22, 23]), minutes=dice.randrange(60)
            )
            area = dice.choice([*self.areas, self.areas[0], self.areas[0], None])
            known = area is not None and dice.random() < 0.7
            x, y = (area.min_x + dice.random() * 1900, area.min_y + dice.random() * 1900) if known else (None, None)
            made.append(
                {
                    "source_id": dice.choice(self.sources).pk,
                    "external_id": f"x{next(_numbers)}",
                    "category_id": dice.choice(self.subs).pk,
                    "kind": dice.choice(["event"] * 8 + ["development", "place_feature"]),
                    "title": dice.choice(["Klotter", "Bråk vid torget", "Skadad lampa"]),
                    "seriousness": dice.choice([None, 1, 2, 3]),
                    "is_digest": dice.random() < 0.05,
                    "time_precision": dice.choice(["minute", "minute", "day"]),
                    "started_at": start,
                    "week": week.index,
                    "area_id": area.pk if area else None,
                    "x": x,
                    "y": y,
                    "precision": "point" if known else "area" if area else "municipality",
                    "municipality_id": self.municipality.pk if dice.random() < 0.9 else None,
                    "public_id": uuid.uuid4(),
                }
            )
        points = [row for row in made if row["x"] is not None]
        cells = hexagon_of([row["x"] for row in points], [row["y"] for row in points]).tolist()
        for row, cell in zip(points, cells, strict=True):
            row["hexagon"] = cell
        self._copy(made)
        self.touch(*{Week.from_index(row["week"]) for row in made})

    def _copy(self, rows: list[dict[str, Any]]) -> None:
        """Copy incidents in: as objects, thousands would take seconds for every test."""
        plain = Incident(controller=self.home, observed_at=clock.now(), content_hash=b"0")
        names = [field.attname for field in Incident._meta.concrete_fields if not field.primary_key]
        values = ((name, getattr(plain, name)) for name in names)
        common = {name: str(value) if isinstance(value, str) else value for name, value in values}
        columns = ", ".join(f'"{name}"' for name in names)
        with connection.cursor() as cursor, cursor.copy(f"COPY incidents_incident ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row.get(name, common[name]) for name in names])


_numbers = iter(range(10**9))


@pytest.fixture
def town(db: None) -> Town:
    home = Organisation.objects.create(name="Påhittade kommunen", kind="municipality", is_home=True, is_invented=True)
    sources = [
        Source.objects.create(code=code, name=name, kind="partners", controller=home, licence="CC0", is_invented=True)
        for code, name in (("partners", "Partners rapporter"), ("faults", "Felanmälningar"))
    ]
    Category.objects.all().delete()
    mains = [
        Category.objects.create(code=f"m{n}", name_sv=name)
        for n, name in enumerate(("Skadegörelse", "Ordning", "Trafik"))
    ]
    subs = [
        Category.objects.create(code=f"s{n}", name_sv=name, main=mains[n // 2])
        for n, name in enumerate(("Klotter", "Krossat glas", "Bråk", "Störande musik", "Buskörning", "Trasig skylt"))
    ]
    scheme = AreaScheme.objects.create(code="district", name="Stadsdelar", counts_incidents=True)
    edition = AreaEdition.objects.create(scheme=scheme, name="2026", valid_from=date(2020, 1, 1))
    areas = []
    for n, name in enumerate(("Centrum", "Norr", "Öster", "Söder", "Väster")):
        box = shapely.box(585000 + 2000 * n, 6580000, 587000 + 2000 * n, 6582000)
        x0, y0, x1, y1 = box.bounds
        areas.append(
            Area.objects.create(
                controller=home,
                edition=edition,
                code=name.lower(),
                name=name,
                geometry=shapely.to_wkb(box),
                min_x=x0,
                min_y=y0,
                max_x=x1,
                max_y=y1,
                area_m2=box.area,
                valid_from=date(2020, 1, 1),
                is_invented=True,
            )
        )
    return Town(home, sources, mains, subs, areas, Municipality.objects.get_or_create(name="Eskilstuna")[0])


def _actor(town: Town, role: str, kind: str = "municipality") -> Actor:
    person = Person.objects.create_user(f"{role}-{kind}@exempel.test", name="Påhittad person", is_invented=True)
    if kind == "municipality":
        organisation = town.home
    else:
        organisation = Organisation.objects.create(name=f"Påhittad {kind}", kind=kind, is_invented=True)
    seat = Membership.objects.create(person=person, organisation=organisation, role=role, function=role)
    return Actor(person.pk, seat.pk, organisation.pk, organisation.kind, role, organisation.pk)


@pytest.fixture
def make_actor(town: Town) -> Callable[..., Actor]:
    return lambda role, kind="municipality": _actor(town, role, kind)


@pytest.fixture
def coordinator(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("coordinator")


@pytest.fixture
def partner(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("est_reporter", "housing_company")
