"""A partner reports on the phone, a reviewer accepts, the partner sees what became of it. With axe, light and dark."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import Site, axe

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def people(site: Site) -> dict[str, Any]:
    """The demonstration's people and places on the site's own database."""
    from samverkan.domain.est.reporting.services import duty
    from samverkan.domain.incidents.api import ensure_standard
    from samverkan.domain.places import demo as ground
    from samverkan.foundation import clock
    from samverkan.foundation.people import demo
    from samverkan.foundation.people.models import Membership, Person
    from samverkan.site import demo as site_demo

    context = demo.Context(today=clock.today())
    site_demo.load_profile(context)
    demo.load_cast(context)
    ensure_standard()
    ground.load(context)
    for code in ("skola", "skola.soder"):
        seat = Membership.objects.get(person__email=f"{code}@exempel.test")
        duty.expect(context.actor("samordnare"), seat=seat, group="Skolor", from_on=date(2024, 1, 1))
    return {
        code: Person.objects.get(email=f"{code}@exempel.test")
        for code in ("skola", "granskare", "samordnare", "hyresvard")
    }


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), "grey").save(out, "JPEG")
    return out.getvalue()


def test_from_the_phone_to_the_week_and_back(site: Site, people: dict[str, Any]) -> None:
    phone = site.page(person=people["skola"], width=390, height=844)
    phone.goto("/rapportera/")
    assert axe(phone) == []
    # Sent empty: what is missing is told at the fields, and what was chosen stays.
    phone.fill("#id_text", "En moped, ABC 12X, stod kvar.")
    phone.fill("#id_text", "En moped, ABC 12X, stod kvar. Ring Xhemajl på 070-174 06 05.")
    phone.wait_for_selector("[data-report-marks] li:nth-child(3)")
    assert [line.split(" ser ut som ")[1] for line in phone.locator("[data-report-marks] li").all_inner_texts()] == [
        "ett registreringsnummer",
        "ett namn",
        "ett telefonnummer",
    ]
    phone.set_input_files("#id_photos", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}])
    phone.click("text=Skicka in rapporten")
    phone.wait_for_selector(".ds-error-summary")
    assert phone.title().startswith("Fel:") and phone.locator(".field.has-error").count() == 2
    assert axe(phone) == []
    phone.click("label.choice:has-text('Skadegörelse')")
    phone.click("summary:has-text('Visa alla')")
    phone.click("label.choice:has-text('Klotter')")
    phone.fill("#id_where", "Lindtorget")
    phone.locator("#id_where").blur()
    phone.wait_for_selector("[data-report-map] [data-span]:not([hidden])")
    phone.click("label.choice:has-text('Värre')")
    phone.click("text=Skicka in rapporten")
    phone.wait_for_url("**/rapportera/kvitto/**")
    assert "Tack." in phone.inner_text("h1")
    assert axe(phone) == []
    phone.click("text=Se rapporten")
    assert phone.locator(".photos img").count() == 1
    assert axe(phone) == []

    # Withdrawn by mistake, and undone.
    phone.click("text=Dra tillbaka rapporten")
    phone.click(".message button:has-text('Ångra')")
    assert "väntar på granskning" in phone.inner_text(".lead")

    desk = site.page(person=people["granskare"], width=1440, dark=True)
    desk.goto("/granska/")
    assert axe(desk) == []
    desk.click("text=Granska den äldsta")
    assert desk.inner_text(".raw mark").startswith("ABC 12X")
    assert axe(desk) == []
    desk.focus("#id_text")
    with desk.expect_navigation(wait_until="load"):
        desk.keyboard.press("Control+Shift+Enter")
    assert "ABC" not in desk.input_value("#id_text")
    desk.fill("#id_answer", "Vi tar upp det på mötet.")
    desk.focus("#id_text")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/granska/")
    assert "Inga rapporter väntar" in desk.inner_text("h1")

    phone.goto("/mina-rapporter/")
    assert axe(phone) == []
    phone.click("th a")
    assert "Vi tar upp det på mötet." in phone.inner_text("main") and "ABC" not in phone.inner_text("main")
    assert phone.locator(".photos img").count() == 0
    phone.goto("/inkorg/")
    assert "Din rapport är granskad" in phone.inner_text("main")

    # A second partner sees nothing of it.
    other = site.page(person=people["hyresvard"], width=390)
    other.goto("/mina-rapporter/")
    assert "Inga rapporter än" in other.inner_text("main")
    assert axe(other) == []


def test_one_tap_without_scripts(site: Site, people: dict[str, Any]) -> None:
    phone = site.page(person=people["hyresvard"], width=390, scripts=False)
    phone.goto("/rapportera/")
    phone.click("text=Inget att rapportera den här veckan")
    assert "Noterat: inget att rapportera" in phone.inner_text("main")
    phone.click(".message button:has-text('Ångra')")
    assert phone.locator("text=Inget att rapportera den här veckan").is_visible()
    phone.click("label.choice:has-text('Störningar')")
    phone.fill("#id_where", "Björkplan")
    phone.click("label.choice:has-text('I går')")
    phone.click("text=Skicka in rapporten")
    assert "Tack." in phone.inner_text("h1")


def test_without_a_connection_the_report_waits_and_is_stored_once(site: Site, people: dict[str, Any]) -> None:
    from samverkan.domain.est.models import Report

    before = Report.objects.count()
    phone = site.page(person=people["skola"], width=390)
    phone.goto("/rapportera/")
    phone.click("label.choice:has-text('Störningar')")
    phone.fill("#id_where", "Björkplan")
    phone.locator("#id_where").blur()
    phone.context.set_offline(True)
    phone.click("text=Skicka in rapporten")
    phone.wait_for_selector("text=Du har ingen anslutning")
    phone.context.set_offline(False)
    phone.wait_for_url("**/rapportera/kvitto/**")
    assert Report.objects.count() == before + 1


def test_who_has_answered(site: Site, people: dict[str, Any]) -> None:
    for width, dark in ((1440, False), (390, True)):
        page = site.page(person=people["samordnare"], width=width, dark=dark)
        for path in ("/rapportorer/", "/rapportorer/ny/", "/granska/?visa=granskade"):
            page.goto(path)
            assert page.locator("h1").count() == 1 and axe(page) == [], path
    page.goto("/rapportorer/")
    page.click("text=Påminn dem som inte har svarat")
    assert "påmin" in page.inner_text(".messages")
    page.click("td a:has-text('Skriv in åt dem')")
    assert axe(page) == []
