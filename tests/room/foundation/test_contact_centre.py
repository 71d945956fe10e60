"""The contact centre's start page says what can be done there, and leads to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from samverkan.foundation.access import Actor
from samverkan.foundation.municipality.models import Contact

pytestmark = pytest.mark.django_db


def test_it_leads_to_all_that_the_role_may_reach(cast: Any, client_for: Callable[[Actor], Client]) -> None:
    client = client_for(cast["kontaktcenter"])
    assert client.get("/")["Location"] == "/kontaktcenter/"
    page = client.get("/kontaktcenter/").content.decode()
    assert "Slå upp en plats" in page and "ringa 112" in page
    for address in ("/platser/", "/omraden/", "/sok/?q=torg"):
        assert client.get(address).status_code == 200, address
        assert f'"{address.split("?")[0]}"' in page, address
    for hidden in ("/lagesbild/", "/atgarder/", "/veckan/", "/rapportera/", "/granska/"):
        assert client.get(hidden).status_code in (403, 404), hidden
        assert f'href="{hidden}"' not in page, hidden


def test_services_are_told_in_the_municipalitys_order_with_when_to_turn_to_them(
    cast: Any, client_for: Callable[[Actor], Client]
) -> None:
    Contact.objects.all().delete()
    client = client_for(cast["kontaktcenter"])
    assert "Inga verksamheter är registrerade" in client.get("/kontaktcenter/").content.decode()
    Contact.objects.create(code="b", name="Påhittad jour", help="När det brådskar.", phone="00-11 22", position=2)
    Contact.objects.create(
        code="a", name="Påhittad reception", email="reception@exempel.test", address="Påhittad gata 1", position=1
    )
    page = client.get("/kontaktcenter/").content.decode()
    assert page.index("Påhittad reception") < page.index("Påhittad jour")
    for words in (
        "När det brådskar.",
        '<a href="tel:001122">00-11 22</a>',
        "mailto:reception@exempel.test",
        "Påhittad gata 1",
    ):
        assert words in page


def test_others_have_their_own_pages(cast: Any, client_for: Callable[[Actor], Client]) -> None:
    assert client_for(cast["skola"]).get("/kontaktcenter/").status_code == 403
    assert client_for(cast["samordnare"]).get("/kontaktcenter/").status_code == 200
