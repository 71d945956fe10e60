"""The style page: every part in all its states, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, axe, until

pytestmark = pytest.mark.browser

#: Axe measures what is open; parts that open in place are opened first.
OPEN_ALL = "document.querySelectorAll('main details').forEach(d => { d.open = !d.classList.contains('chip') })"


def ready_map(page: Page) -> None:
    """Wait until the living map has drawn itself."""
    expect(page.locator(".map-live").first).to_have_class(re.compile(r"\bis-ready\b"), timeout=20_000)


def send(page: Page) -> None:
    """Post the sample form and wait for the answer with its scripts."""
    with page.expect_navigation(wait_until="load"):
        page.click("#falt button[data-main]")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_accessibility_violation_in_any_state(site: Site, coordinator: Any, width: int, dark: bool) -> None:
    page = site.page(person=coordinator, width=width, dark=dark)
    page.goto("/stil/?besked=1&rad=kort")
    assert page.locator("h1").count() == 1
    page.evaluate(OPEN_ALL)
    assert axe(page) == []
    page.goto("/stil/")
    ready_map(page)
    page.fill("#id_day", "31 feb")
    send(page)
    assert page.title().startswith("Fel:")
    assert page.evaluate("document.activeElement.id") == "fel"
    assert page.input_value("#id_day") == "31 feb"
    page.evaluate(OPEN_ALL)
    page.click("main .chip summary >> nth=0")
    assert axe(page) == []


def test_errors_lead_to_their_fields(site: Site, coordinator: Any) -> None:
    page = site.page(person=coordinator)
    page.goto("/stil/")
    page.fill("#id_where", "Torget")
    send(page)
    summary = page.locator(".ds-error-summary")
    assert "4 uppgifter behöver ändras" in summary.inner_text()
    summary.get_by_role("link", name="Datum").click()
    assert page.evaluate("location.hash") == "#id_day"
    assert page.locator("#id_day").get_attribute("aria-invalid") == "true"
    described = page.locator("#id_day").get_attribute("aria-describedby") or ""
    assert {"id_day-hint", "id_day-error"} == set(described.split())


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
def test_nothing_makes_the_page_wider_than_the_screen(site: Site, coordinator: Any, width: int) -> None:
    page = site.page(person=coordinator, width=width)
    page.goto("/stil/?besked=1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_map_comes_alive_and_is_moved_by_keys(site: Site, coordinator: Any) -> None:
    page = site.page(person=coordinator)
    page.goto("/stil/")
    ready_map(page)
    canvas = page.locator(".map-live canvas")
    assert "Piltangenterna" in (canvas.get_attribute("aria-label") or "")
    label = page.locator(".map-live .map-label", has_text="Centrum").first
    before = label.bounding_box()
    canvas.focus()
    page.keyboard.press("ArrowRight")
    assert before
    until(page, lambda: (label.bounding_box() or before)["x"] < before["x"])


def test_without_webgl_the_drawing_stays(site: Site, coordinator: Any) -> None:
    page = site.page(person=coordinator)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/stil/")
    page.wait_for_load_state("networkidle")
    assert not [address for address in asked if "maplibre" in address]
    assert page.locator("svg.map").first.is_visible()
    assert page.locator(".map-live").first.is_hidden()


def test_everything_is_there_without_scripts(site: Site, coordinator: Any) -> None:
    page = site.page(person=coordinator, width=390, scripts=False)
    page.goto("/stil/")
    assert page.locator("svg.map:visible").count() == 2
    assert page.locator("nav.rail").is_hidden()
    page.get_by_role("link", name="Meny").click()
    assert page.locator("nav.rail").is_visible()
    page.locator("details.twin summary").first.click()
    assert page.get_by_role("rowheader", name="Centrum").first.is_visible()
    page.locator("main .chip summary").first.click()
    page.select_option("#id_kategori", "v")
    page.locator("main .chip-body button:visible").click()
    assert "kategori=v" in page.url
    assert "Skadegörelse" in page.locator("main .chip summary").first.inner_text()


def test_the_choice_of_appearance_holds_against_the_system(site: Site, coordinator: Any) -> None:
    page = site.page(person=coordinator)
    page.goto("/stil/")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.click("details.menu summary")
    with page.expect_navigation(wait_until="load"):
        page.click("button[name=appearance][value=dark]")
    assert page.url.endswith("/stil/")
    assert page.evaluate(ground) == "rgb(16, 24, 22)"
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.locator("nav.rail").is_hidden()


def test_the_bar_at_the_bottom_of_a_phone(site: Site, coordinator: Any) -> None:
    page = site.page(person=coordinator, width=390)
    page.goto("/stil/?rad=kort")
    box = page.locator("nav.rail").bounding_box()
    assert box and box["y"] + box["height"] == pytest.approx(900, abs=1)
    assert page.get_by_role("button", name="Meny").is_hidden()
