"""The coordinator's Monday to the lock, and a partner who reads the locked week on a phone.

First the week of an installation where nothing has come in and nobody is to report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, axe

pytestmark = pytest.mark.browser

TODAY = date(2026, 11, 23)  # a Monday: week 47 is gone through
WEEK = "2026-W47"


@pytest.fixture(scope="module", autouse=True)
def _monday() -> Iterator[None]:
    before = os.environ.get("SAMVERKAN_TODAY")
    os.environ["SAMVERKAN_TODAY"] = TODAY.isoformat()
    yield
    if before is None:
        del os.environ["SAMVERKAN_TODAY"]
    else:
        os.environ["SAMVERKAN_TODAY"] = before


@pytest.fixture(scope="module")
def people(_monday: None, site: Site) -> dict[str, Any]:
    """The invented people of an installation that nobody has reported to."""
    from samverkan.domain.incidents.api import ensure_standard
    from samverkan.foundation.people import demo
    from samverkan.foundation.people.models import Person
    from samverkan.site import demo as site_demo

    context = demo.Context(today=TODAY)
    site_demo.load_profile(context)
    demo.load_cast(context)
    ensure_standard()
    wanted = ("samordnare", "hyresvard", "skola", "kommunpolis")
    return {"context": context, **{code: Person.objects.get(email=f"{code}@exempel.test") for code in wanted}}


@pytest.fixture(scope="module")
def town(people: dict[str, Any]) -> dict[str, Any]:
    """The same with places, one who is to report, and a dozen invented incidents last week."""
    from samverkan.domain.est.reporting.services import duty
    from samverkan.domain.incidents.api import Draft, Lookup, ensure_source, record
    from samverkan.domain.picture import facts
    from samverkan.domain.places import demo as ground
    from samverkan.foundation import clock
    from samverkan.foundation.access import SYSTEM
    from samverkan.foundation.people.models import Membership

    context = people["context"]
    ground.load(context)
    seat = Membership.objects.get(person__email="skola@exempel.test")
    duty.expect(context.actor("samordnare"), seat=seat, group="Skolor", from_on=date(2024, 1, 1))
    lookup = Lookup()
    drafts = [
        Draft(
            external_id=f"prov-{n}",
            category=lookup.find("klotter"),
            title="Påhittat klotter",
            started_at=datetime.combine(TODAY - timedelta(days=1 + n % 6), time(20), clock.STOCKHOLM),
        )
        for n in range(12)
    ]
    record(SYSTEM, source=ensure_source(SYSTEM, code="prov", name="Prov", is_invented=True), drafts=drafts)
    facts.refresh()
    return people


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus, as one without a mouse would."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("s => !!document.activeElement && document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab on {page.url}")


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_week_of_an_empty_installation(site: Site, people: dict[str, Any]) -> None:
    desk = site.page(person=people["samordnare"])
    desk.goto("/mandag/")
    assert desk.inner_text("h1") == "Vecka 47 är klar att gå igenom"
    assert "Börja med att lägga till dem som ska rapportera." in desk.inner_text(".lead")
    main = desk.inner_text("main")
    assert main.count("Ingen väntas rapportera än.") == 1
    for words in ("Inget har kommit in för veckan.", "Inget är kvar från tidigare veckor.", "Inga åtgärder"):
        assert words in main, words
    assert axe(desk) == []
    desk.goto(f"/veckan/{WEEK}/")
    assert desk.inner_text("h1").replace("\u00a0", " ").startswith("Vecka 47")
    assert desk.inner_text("main").count("Ingen väntas rapportera än.") == 1
    assert axe(desk) == []
    for step in ("svar", "avviker", "pagar", "forra", "beslut", "bedomning"):
        desk.goto(f"/veckan/{WEEK}/mote/?steg={step}")
        assert axe(desk) == [], step
    desk.goto("/mandag/")
    desk.click("text=Lägg till en rapportör")
    assert desk.url.endswith("/rapportorer/ny/")
    phone = site.page(person=people["hyresvard"], width=390, height=844)
    phone.goto("/veckan/")
    assert "Ingen vecka är låst än" in phone.inner_text("main") and axe(phone) == [] and _fits(phone)


def test_from_monday_to_the_partners_phone(site: Site, town: dict[str, Any], tmp_path: Path) -> None:
    desk = site.page(person=town["samordnare"])
    desk.goto("/mandag/")
    assert "1 rapportör har inte svarat" in desk.inner_text(".lead").replace("\u00a0", " ")
    _tab_to(desk, f"main a[href='/veckan/{WEEK}/']")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/veckan/{WEEK}/")
    assert "12" in desk.inner_text("h1")

    _tab_to(desk, "#id_judgement")
    desk.keyboard.type("Mer klotter än vanligt i centrum.")
    _tab_to(desk, "button:not(.link)")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".message")
    assert desk.input_value("#id_judgement") == "Mer klotter än vanligt i centrum."

    # A priority without its reason: the error is at the field and the choice is kept.
    _tab_to(desk, "a[href='?prioritera=1#prioritera']")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#id_place")
    desk.select_option("#id_place", label="Lindtorget")
    chosen = desk.input_value("#id_place")
    desk.click("text=Prioritera platsen")
    desk.wait_for_selector(".ds-error-summary")
    assert desk.title().startswith("Fel:") and desk.locator(".field.has-error #id_why").count() == 1
    assert desk.input_value("#id_place") == chosen
    assert axe(desk) == []
    desk.click(".ds-error-summary a")
    assert desk.evaluate("document.activeElement.id") == "id_why"
    desk.keyboard.type("Det återkommer vecka efter vecka.")
    desk.click("text=Prioritera platsen")
    desk.wait_for_url(f"**/veckan/{WEEK}/")
    assert "Lindtorget" in desk.inner_text("main")

    # The meeting, by the keys alone.
    _tab_to(desk, f"a[href='/veckan/{WEEK}/mote/']")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/mote/")
    for step in ("avviker", "pagar", "forra", "beslut"):
        desk.keyboard.press("ArrowRight")
        desk.wait_for_url(f"**/mote/?steg={step}")
    desk.keyboard.press("ArrowLeft")
    desk.wait_for_url("**/mote/?steg=forra")
    desk.keyboard.press("b")
    assert desk.evaluate("document.activeElement.id") == "id_text"
    desk.keyboard.type("Laga lampan vid torget")
    due = TODAY + timedelta(days=7)
    _tab_to(desk, "#id_due_on")
    desk.keyboard.type(due.isoformat())
    _tab_to(desk, ".meeting-decision .actions button")
    desk.keyboard.press("Enter")
    # A date alone makes no measure: who and why are asked for, and what was typed stays.
    desk.wait_for_selector(".field.has-error #id_owner")
    assert (
        desk.input_value("#id_text") == "Laga lampan vid torget" and desk.input_value("#id_due_on") == due.isoformat()
    )
    assert axe(desk) == []
    _tab_to(desk, "#id_owner")
    desk.keyboard.type("rapportör bostadsbolaget")
    _tab_to(desk, "#id_why")
    desk.keyboard.type("Det är mörkt där.")
    _tab_to(desk, ".meeting-decision .actions button")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(".message")
    assert "är nu en åtgärd" in desk.inner_text(".messages") or "åtgärd" in desk.inner_text(".messages")
    desk.goto(f"/veckan/{WEEK}/mote/?steg=beslut")
    assert "Åtgärden som beslutet blev finns kvar." in desk.inner_text(".meeting-now")
    assert axe(desk) == []

    # The assessment is there already, and the last step leads to the lock with what is left to do.
    desk.keyboard.press("ArrowRight")
    desk.wait_for_url("**/mote/?steg=bedomning")
    assert desk.input_value("#id_judgement") == "Mer klotter än vanligt i centrum."
    _tab_to(desk, "button[form=summary]")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/las/")
    assert axe(desk) == []
    _tab_to(desk, "main form button.ds-button")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/veckan/{WEEK}/utgava/1/", timeout=90_000)
    assert axe(desk) == []

    # A private landlord, who reports nothing, is told and reads it on the phone.
    phone = site.page(person=town["hyresvard"], width=390, height=844)
    phone.goto("/inkorg/")
    assert "Vecka 47 är låst" in phone.inner_text("main").replace("\u00a0", " ")
    phone.click("main a:has-text('är låst')")
    phone.wait_for_url("**/utgava/1/")
    main = phone.inner_text("main")
    for words in ("Mer klotter än vanligt i centrum.", "Lindtorget", "Laga lampan vid torget", "12 rapporter"):
        assert words in main.replace("\u00a0", " "), words
    assert _fits(phone) and axe(phone) == []
    with phone.expect_download() as download:
        phone.click("text=Ladda ner PDF")
    path = tmp_path / "vecka.pdf"
    download.value.save_as(path)
    assert download.value.suggested_filename == f"veckan-{WEEK}-utgava-1.pdf" and path.read_bytes().startswith(b"%PDF-")
    # What is being put together is not the landlord's, and neither is the meeting.
    assert phone.goto(f"/veckan/{WEEK}/mote/").status == 403  # type: ignore[union-attr]

    # A week later the decision is still there for the coordinator, until the measure is done.
    os.environ["SAMVERKAN_TODAY"] = (TODAY + timedelta(days=7)).isoformat()
    try:
        desk.goto("/mandag/")
        assert "Laga lampan vid torget" in desk.inner_text("section:has(h2:text('Kvar från tidigare veckor'))")
    finally:
        os.environ["SAMVERKAN_TODAY"] = TODAY.isoformat()


def test_filters_are_applied_at_once_and_taken_away_one_by_one(town: dict[str, Any], site: Site) -> None:
    page = site.page(person=town["samordnare"])
    page.goto("/lagesbild/lista/")
    area = page.locator("details.chip", has=page.locator("summary", has_text="Område"))
    area.locator("summary").click()
    boxes = area.locator("input[type=checkbox]")
    boxes.nth(1).check()
    boxes.nth(2).check()
    assert "area=" not in page.url, "several may be ticked before the list is closed"
    with page.expect_navigation():
        page.locator("h1").click()
    assert page.url.count("area=") == 2
    # What is chosen stands first, and goes with one click.
    area.locator("summary").click()
    assert [boxes.nth(n).is_checked() for n in range(3)] == [True, True, False]
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.locator(".chip-without").last.click()
    assert "area=" not in page.url
    assert axe(page) == []


def test_a_date_can_be_chosen_in_the_browsers_calendar(town: dict[str, Any], site: Site) -> None:
    page = site.page(person=town["skola"], width=390, height=844)
    page.goto("/rapportera/")
    page.locator('input[name="when"][value="other"]').check(force=True)
    day = page.locator('input[name="day"]')
    beside = page.locator(".picks", has=day)
    assert beside.locator("button").inner_text() == "Kalender"
    beside.locator("input[type=date]").evaluate(
        "field => { field.value = '2026-11-20'; field.dispatchEvent(new Event('change')); }"
    )
    assert day.input_value() == "2026-11-20"
