"""The search box finds places, areas and measures, each only for those who may see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from samverkan.domain.measures.api import Plan, plan
from samverkan.domain.places.models import Area, Place
from samverkan.domain.places.selectors import search
from samverkan.foundation import clock
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.people.models import Membership
from samverkan.foundation.people.services import home
from samverkan.site.profiles import ESKILSTUNA
from samverkan.site.profiles.reading import load_profile
from tests.harness.seen import flat

pytestmark = pytest.mark.django_db


def test_letters_are_letters_and_seats_see_their_own(cast: Any, client_for: Callable[[Any], Any]) -> None:
    Place.objects.create(controller=home(), name="Åtorget", x=585000.0, y=6582000.0)
    Place.objects.create(controller=home(), name="Atorget", x=585000.0, y=6582000.0)
    plan(
        SYSTEM,
        plan=Plan(
            title="Belysning vid Åtorget",
            why="Ljusare",
            owner=Membership.objects.get(pk=cast["coordinator"].membership_id),
            due_on=clock.today() + timedelta(days=5),
        ),
    )
    found = flat(client_for(cast["coordinator"]).get("/sok/", {"q": "åtorget"}).content.decode())
    assert "Åtorget" in found and ">Atorget<" not in found and "Belysning vid Åtorget" in found
    other = client_for(cast["est_reporter"]).get("/sok/", {"q": "åtorget"}).content.decode()
    assert "Åtorget" in other and "Belysning" not in other


def test_areas_of_every_division_are_found(cast: Any, client_for: Callable[[Any], Any]) -> None:
    """The police's areas stand in the register without borders, and nothing is counted in them."""
    load_profile(ESKILSTUNA, actor=SYSTEM)
    page = client_for(cast["coordinator"]).get("/sok/", {"q": "årby"}).content.decode()
    area = Area.objects.get(name="Årby")
    assert f"/omraden/{area.public_id}/" in page
    assert [found.name for found in search(cast["coordinator"], "årby")] == [], "none of them is offered to who reports"
