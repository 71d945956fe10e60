"""Every page of the demonstration in a real browser, on a real server.

Each page once, as the first of the cast who may see it: large and light, large and dark, and on a
phone. The long lane opens every page as every role.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from samverkan.foundation.access import ANONYMOUS, PUBLIC, SIGNED_IN, Actor
from samverkan.foundation.people.models import Person
from tests.browser.conftest import Site, axe
from tests.contract.test_routes import SEATS
from tests.harness.database import TestDatabases
from tests.harness.demo import loaded
from tests.harness.live import serving
from tests.harness.people import client_for
from tests.harness.routes import Rows, make_rows, routes

pytestmark = pytest.mark.browser

#: In this order the cast is asked to open a page.
ORDER = ("samordnare", "administrator", "hyresvard", "dataskyddsombud", "atgardsansvarig", "revisor")
#: Pages that sign one out, or answer programs.
_NOT_OPENED = {"account_logout", "metrics", "healthz", "readyz"}
WIDE, PHONE = (1440, 900), (390, 844)
WHOLE = slice(None)
#: What each opens at the least: nobody, the coordinator, and any other.
LEAST = {"": 5, "samordnare": 50}


@dataclass
class Everything:
    """The running demonstration, with one row of each kind."""

    site: Site
    cast: dict[str, Actor]
    rows: Rows
    errors: list[str] = field(default_factory=list)

    def page(self, code: str) -> Page:
        """A browser page of one of the cast; of nobody for an empty code."""
        page = self.site.page(width=WIDE[0], height=WIDE[1])
        if code:
            self._sign_in(page, Person.objects.get(pk=self.cast[code].person_id))
        page.on("console", lambda message: self._heard(page, message))
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        return page

    def _sign_in(self, page: Page, person: Person) -> None:
        """By the demonstration's one click, as anybody would."""
        page.goto("/konto/login/")
        with page.expect_navigation(wait_until="load"):
            page.locator(f'form[action="/logga-in/demo/{person.public_id}/"]').evaluate("form => form.submit()")
        assert "/konto/login/" not in page.url, person.email

    def _heard(self, page: Page, message: Any) -> None:
        if message.type == "error":
            self.errors.append(f"{page.url}: {message.text}")

    def addresses(self, code: str, part: slice = WHOLE) -> list[str]:
        """The addresses, or a part of them, that answer this person with a whole page."""
        actor = self.cast[code] if code else ANONYMOUS
        client = client_for(actor) if code else Client()
        found = []
        for route in routes()[part]:
            public = route.needs == PUBLIC
            allowed = public if not code else (route.needs == SIGNED_IN or public or actor.may(route.needs or ""))
            if not allowed or route.name in _NOT_OPENED or self.rows.values(route) is None:
                continue
            address = self.rows.address(route)
            answer = client.get(address)
            is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming
            whole = is_page and b"<html" in answer.content and "attachment" not in answer.get("Content-Disposition", "")
            if answer.status_code == 200 and whole:
                found.append(address)
        return found


@pytest.fixture(scope="module")
def everything(
    chromium: Browser,
    django_db_setup: None,
    databases: TestDatabases,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Everything]:
    with django_db_blocker.unblock(), loaded(databases, run_jobs=True) as demo, demo.in_use() as cast:
        rows = make_rows(cast)
        folder = tmp_path_factory.mktemp("every-page")
        with serving(databases.server.url("app", demo.name), folder) as url:
            site = Site(url, chromium)
            yield Everything(site, cast, rows)
            for context in site.contexts:
                context.close()
        # The server's own log, which is kept, holds no error from all that was opened.
        assert "Traceback" not in (folder / "serve.log").read_text("utf-8", "replace")


def _problems(page: Page, where: str) -> list[str]:
    """What is wrong with the page at the present size and appearance."""
    found = [f"{where}: {problem}" for problem in axe(page)]
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if wide > screen:
        found.append(f"{where}: {wide} px wide on a screen of {screen}")
    return found


def _look(page: Page, address: str) -> list[str]:
    """Open a page and look at it large, dark and on a phone."""
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.emulate_media(color_scheme="light")
    answer = page.goto(address)
    assert answer is not None
    if answer.status != 200:
        return [f"{address}: {answer.status}"]
    if (address == "/" and "/konto/login/" in page.url) or (
        address != "/" and urlsplit(page.url).path != urlsplit(address).path
    ):
        return [f"{address}: led to {page.url}"]
    found = []
    if page.locator("html").get_attribute("lang") != "sv":
        found.append(f"{address}: the language is not Swedish")
    if (number := page.locator("h1").count()) != 1:
        found.append(f"{address}: {number} main headings")
    if not page.title().strip():
        found.append(f"{address}: no title")
    found += _problems(page, f"{address} large")
    page.emulate_media(color_scheme="dark")
    found += _problems(page, f"{address} dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return found + _problems(page, f"{address} phone")


def _look_at_all(everything: Everything, people: tuple[str, ...], part: slice = WHOLE) -> int:
    """Open each of the pages as the first of these people who may. Gives how many there were."""
    seen: set[str] = set()
    found: list[str] = []
    for code in people:
        page = everything.page(code)
        for address in everything.addresses(code, part):
            if address not in seen:
                seen.add(address)
                found += [f"{code or 'nobody'}: {problem}" for problem in _look(page, address)]
        page.context.close()
    assert found == []
    assert everything.errors == []
    assert everything.site.foreign == [], "a page asked another host"
    assert everything.site.violations == [], "the strict policy was broken"
    return len(seen)


@pytest.mark.parametrize("half", [0, 1])
def test_every_page(everything: Everything, half: int) -> None:
    """In halves, so that a failure says more of where."""
    assert _look_at_all(everything, ("", *ORDER), slice(half, None, 2)) > 20, "most pages were not reached"


def test_every_start_page(everything: Everything) -> None:
    """What each of the cast meets first, with the rail of the role."""
    found = []
    for code in SEATS.values():
        page = everything.page(code)
        found += [f"{code}: {problem}" for problem in _look(page, "/")]
        page.context.close()
    assert found == []
    assert everything.errors == []


@pytest.mark.long
@pytest.mark.parametrize("code", ["", *SEATS.values()])
def test_every_page_as_every_role(everything: Everything, code: str) -> None:
    assert _look_at_all(everything, (code,)) > LEAST.get(code, 8), "most pages were not reached"


def test_errors_are_pages_too(everything: Everything) -> None:
    """Refused, not found: a whole page, in Swedish, that says what to do."""
    page = everything.page("hyresvard")
    found = []
    for address, status in (("/personer/", 403), ("/finns-inte/", 404)):
        answer = page.goto(address)
        assert answer is not None and answer.status == status
        assert page.locator("h1").count() == 1 and page.locator("html").get_attribute("lang") == "sv"
        found += _problems(page, address)
    assert found == []
    everything.errors.clear()  # the browser tells of each refusal
