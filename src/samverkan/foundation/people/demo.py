"""The cast of the demonstration: invented people, named by what they do.

The municipality, the police and the housing company are the profile's; every other body here is
invented and marked so. Addresses end in exempel.test, which nobody can receive mail at (RFC 6761).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from .. import clock
from ..access import SYSTEM, Actor
from . import selectors, services
from .models import Organisation, Person, Role

#: No secret: a demonstration listens on its own computer only and holds nothing real.
PASSWORD = "bara-ett-exempel"  # noqa: S105
DOMAIN = "exempel.test"
#: Seats began before the invented history does.
HISTORY_DAYS = 800

#: name, kind
INVENTED = (
    ("Skolan vid Norr (påhittad)", "school"),
    ("Skolan vid Söder (påhittad)", "school"),
    ("Fastighetsbolaget Exempel (påhittat)", "private_landlord"),
    ("Bevakningsbolaget Exempel (påhittat)", "guard_company"),
    ("Centrumföreningen Exempel (påhittad)", "association"),
    ("Krogen Exempel (påhittad)", "business"),
    ("Nattvandrarna Exempel (påhittade)", "association"),
)

_HOME = "Kommunledningskontoret"
_POLICE = "Polismyndigheten, lokalpolisområde Eskilstuna"


@dataclass(frozen=True)
class Player:
    """One of the cast: code, the name shown, seats as (role, function, organisation), and a group of the list."""

    code: str
    name: str
    seats: tuple[tuple[str, str, str], ...]
    group: str
    hint: str


def _one(code: str, name: str, role: str, organisation: str, group: str, hint: str, function: str = "") -> Player:
    return Player(code, name, ((role, function or name, organisation),), group, hint)


WEEK, PARTNER, OVERSIGHT = "week", "partner", "oversight"

CAST: tuple[Player, ...] = (
    _one("samordnare", "Samordnare", Role.COORDINATOR, _HOME, WEEK, "Börja här: veckans måndag"),
    _one("granskare", "Granskare", Role.REVIEWER, _HOME, WEEK, "Rapporter som väntar på granskning"),
    _one("kommunpolis", "Kommunpolis", Role.MUNICIPAL_POLICE, _POLICE, WEEK, "Lägesbilden och veckomötet"),
    _one("direktor", "Direktör i KUG", Role.MANAGER, _HOME, WEEK, "Läget och åtgärderna"),
    Player(
        "atgardsansvarig",
        "Ansvarig för en åtgärd",
        (
            (Role.MEASURE_OWNER, "Ansvarig för en åtgärd", "Samhällsbyggnads- och miljöförvaltningen"),
            (Role.EST_REPORTER, "Rapportör på gatuenheten", "Samhällsbyggnads- och miljöförvaltningen"),
        ),
        WEEK,
        "Mina åtgärder. Har två poster och kan byta",
    ),
    _one("sekreterare", "Sekreterare i forum", Role.FORUM_SECRETARY, _HOME, WEEK, "Veckan och besluten"),
    _one("fortroendevald", "Förtroendevald", Role.ELECTED, "Eskilstuna kommun", WEEK, "Låsta veckor"),
    _one("sakerhetschef", "Säkerhetschef", Role.MANAGER, _HOME, WEEK, "Läget och åtgärderna"),
    _one("bostadsbolag", "Rapportör på bostadsbolaget", Role.EST_REPORTER, "Kfast", PARTNER, "Rapportera på telefonen"),
    _one(
        "bostadsbolag.ersattare",
        "Ersättare på bostadsbolaget",
        Role.EST_REPORTER,
        "Kfast",
        PARTNER,
        "Hoppar in vid frånvaro",
    ),
    _one("skola", "Rapportör på en skola", Role.EST_REPORTER, INVENTED[0][0], PARTNER, "Inget att rapportera"),
    _one("skola.soder", "Rapportör på en annan skola", Role.EST_REPORTER, INVENTED[1][0], PARTNER, "Har inte svarat"),
    _one(
        "fritid",
        "Rapportör på fritidsgården",
        Role.EST_REPORTER,
        "Kultur- och fritidsförvaltningen",
        PARTNER,
        "Kvällar och helger",
    ),
    _one(
        "socialtjanst",
        "Rapportör på fältgruppen",
        Role.EST_REPORTER,
        "Socialförvaltningen",
        PARTNER,
        "Avidentifierade iakttagelser",
    ),
    _one(
        "hyresvard",
        "Rapportör hos en hyresvärd",
        Role.EST_REPORTER,
        INVENTED[2][0],
        PARTNER,
        "Ser bara sina egna rapporter",
    ),
    _one(
        "ordningsvakt",
        "Rapportör hos vakterna",
        Role.EST_REPORTER,
        INVENTED[3][0],
        PARTNER,
        "Ser bara sina egna rapporter",
    ),
    _one("centrum", "Rapportör i centrum", Role.EST_REPORTER, INVENTED[4][0], PARTNER, "Handeln och torgen"),
    _one("krogare", "Krögare", Role.EST_REPORTER, INVENTED[5][0], PARTNER, "Kvällar och lönehelger"),
    _one("nattvandrare", "Nattvandrarförening", Role.EST_REPORTER, INVENTED[6][0], PARTNER, "Pass i helgen"),
    _one("lacus", "LACUS, grannkommun", Role.MEMBER, "Västerås stad", PARTNER, "Bara sina grupper"),
    _one("kontaktcenter", "Kontaktcenter", Role.DESK, _HOME, OVERSIGHT, "Samtal och besök"),
    _one("dataskyddsombud", "Dataskyddsombud", Role.DPO, _HOME, OVERSIGHT, "Vem har gjort vad"),
    _one("registrator", "Registrator", Role.REGISTRAR, _HOME, OVERSIGHT, "Låsta veckor och handlingar"),
    _one("administrator", "Systemadministratör", Role.ADMINISTRATOR, _HOME, OVERSIGHT, "Personer och drift"),
    _one("revisor", "Revisor", Role.AUDITOR, "Eskilstuna kommun", OVERSIGHT, "Ändringsloggen"),
)


@dataclass
class Context:
    """What every room's loader gets: a fixed seed, the anchoring day, and the cast as actors by code."""

    seed: int = 20_261_123
    today: date = field(default_factory=clock.today)
    cast: dict[str, Actor] = field(default_factory=dict)

    def actor(self, code: str) -> Actor:
        """The actor of a player, on the first seat."""
        return self.cast[code]


def load_profile(context: Context) -> None:
    """The demonstration's municipality."""
    from ..municipality.profile import FOLDER, load_profile

    load_profile(FOLDER / "eskilstuna.toml", actor=SYSTEM)


def load_cast(context: Context) -> None:
    """The invented bodies, people and seats."""
    bodies = {row.name: row for row in Organisation.objects.all()}
    for name, kind in INVENTED:
        bodies[name] = services.create_organisation(SYSTEM, name=name, kind=kind, is_invented=True)
    since = context.today - timedelta(days=HISTORY_DAYS)
    # One hash serves all: they share the password anyway, and scrypt is slow by design.
    shared = Person(email="x@" + DOMAIN)
    shared.set_password(PASSWORD)
    for player in CAST:
        person = services.create_person(
            SYSTEM, email=f"{player.code}@{DOMAIN}", name=player.name, is_invented=True, password_hash=shared.password
        )
        for role, function, body in player.seats:
            services.give_seat(
                SYSTEM, person=person, organisation=bodies[body], role=role, function=function, from_on=since
            )
        context.cast[player.code] = selectors.actor_of(person.pk, selectors.seats_of(person.pk)[0])
    first, substitute = (_seat(code) for code in ("bostadsbolag", "bostadsbolag.ersattare"))
    services.set_substitute(SYSTEM, public_id=first.public_id, version=first.version, substitute=substitute)


def demo_people() -> list[dict[str, str]]:
    """Who can sign in: function, e-mail and password, in the order of the cast."""
    order = {f"{player.code}@{DOMAIN}": number for number, player in enumerate(CAST)}
    known = Person.objects.filter(is_invented=True, is_active=True, email__in=order)
    return [
        {"function": person.name, "email": person.email, "password": PASSWORD}
        for person in sorted(known, key=lambda person: order[person.email])
    ]


def _seat(code: str):  # type: ignore[no-untyped-def]
    from .models import Membership

    return Membership.objects.select_related("organisation").get(person__email=f"{code}@{DOMAIN}")
