"""From the last report reviewed to a locked week: counted in clicks and seconds, by a scripted coordinator.

The coordinator does in the demonstration what a Monday asks: reminds one who is silent, goes through the meeting,
decides on a measure, writes the assessment, puts a place first, and locks. Every press of the mouse on a link, a
button, a field or a box is a click; the arrow keys of the meeting are counted by themselves.

At commit 2e23d1a the same took 18 clicks, 6 arrow keys and 12.9 seconds on two cores.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, axe
from tests.harness.database import TestDatabases
from tests.harness.demo import loaded

pytestmark = pytest.mark.browser

WEEK = "2026-W47"
BEFORE = 18


class Hand:
    """One hand on a mouse, counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = 0

    def click(self, what: str) -> None:
        self.clicks += 1
        self.page.locator(what).first.click()
        self.page.wait_for_load_state()

    def write(self, field: str, words: str) -> None:
        self.click(field)
        self.page.keyboard.type(words)

    def onward(self) -> None:
        """To the next screen of the meeting, by the arrow key."""
        here = self.page.url
        self.keys += 1
        self.page.keyboard.press("ArrowRight")
        self.page.wait_for_url(lambda url: url != here)


def _review_everything(page: Page) -> None:
    """What comes before the measuring: every report that waits is read and accepted."""
    page.goto("/granska/")
    page.click("text=Granska den äldsta")
    while page.locator("button[value=accept]").count():
        if page.locator("button[value=strip]").count():
            page.click("button[value=strip]")
        for box in page.locator("input[name=marks_seen]").all():
            box.check()
        here = page.url
        page.click("button[value=accept]")
        page.wait_for_url(lambda url, here=here: url != here)


def _lock(page: Page) -> Hand:
    """The Monday itself, from where the last report leaves off."""
    hand = Hand(page)
    hand.click("button:has-text('Påminn')")
    assert page.url.endswith("/mandag/#vem-har-svarat"), "reminded in place"
    assert "Påmind i dag" in page.inner_text("main").replace("\u00a0", " ")
    hand.click(f"main a[href='/veckan/{WEEK}/mote/']")
    while "steg=avviker" not in page.url:
        hand.onward()
    # The pattern has filled in why, by when and the problem: what is done and by whom is said.
    assert page.input_value("#id_why") and page.input_value("#id_due_on")
    hand.write("#id_text", "Vakterna går en runda till")
    hand.write("#id_owner", "rapportör bostadsbolaget")
    hand.click("button:has-text('Spara beslutet')")
    assert "är nu en åtgärd" in page.inner_text(".meeting-decision")
    while page.locator("a[rel=next]").count():
        hand.onward()
    assert "steg=bedomning" in page.url
    hand.write("#id_judgement", "Mer än vanligt vid torget.")
    hand.click(".proposal input[type=checkbox]")
    hand.click("button[form=summary]")
    page.wait_for_url("**/las/")
    main = page.inner_text("main").replace("\u00a0", " ")
    for words in (
        "Den gemensamma bedömningen är skriven.",
        "1 plats är prioriterad.",
        "Vem får vad",
        "har inte svarat",
    ):
        assert words in main, words
    assert axe(page) == []
    hand.click("button:has-text('Lås vecka 47')")
    page.wait_for_url("**/utgava/1/", timeout=90_000)
    return hand


def test_at_most_half_the_clicks(
    chromium: Any, databases: TestDatabases, django_db_blocker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from pytest_django.live_server_helper import LiveServer

    from samverkan.domain.est.models import Edition
    from samverkan.domain.measures.api import Measure
    from samverkan.foundation.people.models import Person

    with django_db_blocker.unblock(), loaded(databases, run_jobs=True) as database, database.in_use():
        server = LiveServer("localhost")
        site = Site(server.url, chromium)
        try:
            page = site.page(person=Person.objects.get(email="samordnare@exempel.test"))
            _review_everything(page)
            assert page.url.endswith("/mandag/"), "with the last report read the week is next"
            began = time.monotonic()
            hand = _lock(page)
            seconds = time.monotonic() - began
            content = Edition.objects.order_by("-pk")[0].content
            assert content["judgement"] and len(content["priorities"]) == len(content["decisions"]) == 1
            assert Measure.objects.filter(title="Vakterna går en runda till", owner__role="est_reporter").exists()
        finally:
            for context in site.contexts:
                context.close()
            server.stop()
    with capsys.disabled():
        print(f"\nmonday: {hand.clicks} clicks ({BEFORE} before), {hand.keys} arrow keys, {seconds:.1f} s")
    assert hand.clicks * 2 <= BEFORE
