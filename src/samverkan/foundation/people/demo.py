"""The cast of the demonstration: invented people, named by what they do.

Who is in it is registered by the site and the rooms. Addresses end in exempel.test, which nobody can receive
mail at (RFC 6761).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .. import clock
from ..access import SYSTEM, Actor
from ..registry import Registry
from . import selectors, services
from .models import Membership, Organisation, Person
from .passwords import PUBLIC_PASSWORD

#: No secret: a demonstration listens on its own computer only and holds nothing real. Anywhere else it opens nothing.
PASSWORD = PUBLIC_PASSWORD
DOMAIN = "exempel.test"
#: Seats began before the invented history does.
HISTORY_DAYS = 800


@dataclass(frozen=True)
class Player:
    """One of the cast.

    A code, the name shown, seats as (role, function, organisation), the group of the list that it stands in and a
    hint of what to try. ``substitute`` is the code of the player who stands in.
    """

    order: int
    code: str
    name: str
    seats: tuple[tuple[str, str, str], ...]
    group: Any
    hint: str
    substitute: str = ""


class Cast(Registry[Player]):
    """Everybody whom one can sign in as, in the order of the list."""

    def add(
        self, order: int, code: str, name: str, role: str, organisation: str, group: Any, hint: str, **more: str
    ) -> None:
        """One with one seat, whose function is the name."""
        self.put(code, Player(order, code, name, ((role, name, organisation),), group, hint, **more))


@dataclass(frozen=True)
class Body:
    """An invented organisation, marked so by its name; those without kind stand in the municipality's profile."""

    name: str
    kind: str
    order: int


class Bodies(Registry[Body]):
    def add(self, order: int, name: str, kind: str) -> None:
        self.put(name, Body(name, kind, order))


cast = Cast("cast")
bodies = Bodies("bodies")


@dataclass
class Context:
    """What every room's loader gets: a fixed seed, the anchoring day, and the actor of each player by code."""

    seed: int = 20_261_123
    today: date = field(default_factory=clock.today)
    cast: dict[str, Actor] = field(default_factory=dict)

    def actor(self, code: str) -> Actor:
        """The actor of a player, on the first seat."""
        return self.cast[code]


def load_cast(context: Context) -> None:
    """The invented bodies, people and seats."""
    known = {row.name: row for row in Organisation.objects.all()}
    for invented in bodies.all():
        known[invented.name] = services.create_organisation(
            SYSTEM, name=invented.name, kind=invented.kind, is_invented=True
        )
    since = context.today - timedelta(days=HISTORY_DAYS)
    # One hash serves all: they share the password anyway, and scrypt is slow by design.
    shared = Person(email="x@" + DOMAIN)
    shared.set_password(PASSWORD)
    for player in cast.all():
        person = services.create_person(
            SYSTEM, email=f"{player.code}@{DOMAIN}", name=player.name, is_invented=True, password_hash=shared.password
        )
        for role, function, body in player.seats:
            services.give_seat(
                SYSTEM, person=person, organisation=known[body], role=role, function=function, from_on=since
            )
        context.cast[player.code] = selectors.actor_of(person.pk, selectors.seats_of(person.pk)[0])
    for player in cast.all():
        if player.substitute:
            first = _seat(player.code)
            services.set_substitute(
                SYSTEM, public_id=first.public_id, version=first.version, substitute=_seat(player.substitute)
            )


def demo_people() -> list[dict[str, str]]:
    """Who can sign in: function, e-mail and password, in the order of the cast."""
    order = {f"{player.code}@{DOMAIN}": number for number, player in enumerate(cast.all())}
    known = Person.objects.filter(is_invented=True, is_active=True, email__in=order)
    return [
        {"function": person.name, "email": person.email, "password": PASSWORD}
        for person in sorted(known, key=lambda person: order[person.email])
    ]


def _seat(code: str) -> Membership:
    return Membership.objects.select_related("organisation").get(person__email=f"{code}@{DOMAIN}")
