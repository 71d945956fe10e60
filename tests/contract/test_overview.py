"""Those who follow the work meet a page that says what happened and what waits, and only what they may see."""

from __future__ import annotations

import re

import pytest

from samverkan.foundation import registries
from samverkan.foundation.access import Actor
from samverkan.foundation.notify.models import Notice
from samverkan.site.roles import FOLLOW
from tests.harness.people import client_for


@pytest.mark.parametrize("code", ["direktor", "fortroendevald", "sekreterare", "registrator", "revisor"])
def test_the_start_says_what_happened_and_every_line_leads_on(demo: dict[str, Actor], code: str) -> None:
    actor = demo[code]
    assert actor.role in FOLLOW
    client = client_for(actor)
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/oversikt/"
    page = answer.content.decode().split("<main", 1)[1]
    assert re.search(r"Vecka \d+: \d+ rapport|Vecka \d+", page)
    told = registries.overview.for_actor(actor)
    assert len(told) >= 2
    for one in told:
        assert client.get(one.url).status_code == 200, one
    assert ("ändring" in page and "sedan i går morse" in page) == (code == "revisor")


def test_what_waits_is_counted_in_the_heading(demo: dict[str, Actor]) -> None:
    actor = demo["direktor"]
    Notice.objects.filter(membership_id=actor.membership_id).update(read_at=None)
    client = client_for(actor)
    unread = Notice.objects.filter(membership_id=actor.membership_id).count()
    waits = sum(one.waits for one in registries.overview.for_actor(actor)) + bool(unread)
    page = client.get("/oversikt/").content.decode()
    words = f"{waits} sak väntar på dig" if waits == 1 else f"{waits} saker väntar på dig"
    assert words in page and f"{unread} olästa meddelanden" in page


def test_others_are_told_nothing_that_they_may_not_see(demo: dict[str, Actor]) -> None:
    page = client_for(demo["kontaktcenter"]).get("/oversikt/").content.decode()
    assert "Inget ännu." in page and "rapport" not in page.split("<main", 1)[1].lower()
