"""The demonstration's municipality, and those of its cast whose roles several rooms share.

The municipality, the police and the neighbour are the profile's; the people are invented, named by what they do.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from samverkan.foundation import registries
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.demo import cast

from .profiles import ESKILSTUNA, reading

_HOME = "Kommunledningskontoret"
_COUNCIL = "Eskilstuna kommun"
_POLICE = "Polismyndigheten, lokalpolisområde Eskilstuna"


def load_profile(context: Any) -> None:
    """The demonstration's municipality."""
    reading.load_profile(ESKILSTUNA, actor=SYSTEM)


def ready() -> None:
    """Fill the registries."""
    registries.demo_loaders.add(0, "profile", load_profile)
    week, partners, oversight = _("The week and the measures"), _("Partners"), _("Oversight and operations")
    # fmt: off
    cast.add(10, "samordnare", "Samordnare", "coordinator", _HOME, week, "Börja här: veckans måndag")
    cast.add(30, "kommunpolis", "Kommunpolis", "municipal_police", _POLICE, week, "Lägesbilden och veckomötet")
    cast.add(40, "direktor", "Direktör i KUG", "manager", _HOME, week, "Läget och åtgärderna")
    cast.add(60, "sekreterare", "Sekreterare i forum", "forum_secretary", _HOME, week, "Veckan och besluten")
    cast.add(70, "fortroendevald", "Förtroendevald", "elected", _COUNCIL, week, "Låsta veckor")
    cast.add(80, "sakerhetschef", "Säkerhetschef", "manager", _HOME, week, "Läget och åtgärderna")
    cast.add(200, "lacus", "LACUS, grannkommun", "member", "Västerås stad", partners, "Bara sina grupper")
    cast.add(210, "kontaktcenter", "Kontaktcenter", "desk", _HOME, oversight, "Samtal och besök")
    cast.add(220, "dataskyddsombud", "Dataskyddsombud", "dpo", _HOME, oversight, "Vem har gjort vad")
    cast.add(230, "registrator", "Registrator", "registrar", _HOME, oversight, "Låsta veckor och handlingar")
    cast.add(240, "administrator", "Systemadministratör", "administrator", _HOME, oversight, "Personer och drift")
    cast.add(250, "revisor", "Revisor", "auditor", _COUNCIL, oversight, "Ändringsloggen")
    # fmt: on
