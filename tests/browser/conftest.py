"""Browser tests: a site of its own on a database of its own, Debian's chromium, axe."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.harness.database import TestDatabases

HERE = Path(__file__).resolve().parent
AXE = next((HERE.parent / "vendor" / "axe-core").glob("*/axe.min.js"))
#: Of what passed, which is nearly all, neither the elements nor a report is wanted.
_RUN_AXE = (
    "async tags => (await axe.run(document,"
    " {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})).violations"
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def chromium_path() -> str | None:
    return os.environ.get("SAMVERKAN_CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the session; skipped with the reason where there is none, unless one is required."""
    path = chromium_path()
    if path is None:
        if os.environ.get("SAMVERKAN_REQUIRE_BROWSER"):
            pytest.fail("No chromium, and SAMVERKAN_REQUIRE_BROWSER is set.")
        pytest.skip("Browser tests need chromium: apt-get install chromium, or set SAMVERKAN_CHROMIUM.")
    # WebGL by software, so that the living map can be tried on a machine without a graphics card; the pages
    # themselves are put together without it, which takes half the time. No name but this computer's is known,
    # so that what a page asks of another host fails.
    flags = [
        "--no-sandbox",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--disable-gpu-compositing",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
    ]
    # playwright's synchronous loop would make Django refuse the database in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Site:
    """A running site. ``page`` opens a browser page, signed in as a person if one is given."""

    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def page(
        self,
        *,
        person: Any = None,
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
        scripts: bool = True,
        language: str = "sv",
    ) -> Page:
        """A page in a context of its own. Requests to other hosts are refused and remembered."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale="sv-SE" if language == "sv" else "en-GB",
            base_url=self.url,
        )
        self.contexts.append(context)
        if person is not None:
            context.add_cookies([self._session_cookie(person)])
        page = context.new_page()
        page.on("requestfailed", self._failed)
        page.on("console", self._heard)
        return page

    def _failed(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(request.url)

    def _heard(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            self.violations.append(message.text)

    def _session_cookie(self, person: Any) -> Any:
        from django.conf import settings
        from django.test import Client

        from samverkan.foundation.people.middleware import SECOND_STEP

        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        session[SECOND_STEP] = True
        session.save()
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        return {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}


def until(page: Page, holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what the page comes to, and no longer. (A strict policy forbids playwright's own waiting for code.)"""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        page.wait_for_timeout(50)


def axe(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA: rule, element and what is wrong; empty is good."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    violations = page.evaluate(_RUN_AXE, WCAG)
    return [
        f"{v['id']}: {node['html'][:160]} – {node['failureSummary'][:200]}" for v in violations for node in v["nodes"]
    ]


@pytest.fixture(scope="module")
def site(chromium: Browser, databases: TestDatabases, django_db_blocker: Any) -> Iterator[Site]:
    """The whole site on a clone of the migrated database. Fails if a page reached for another host."""
    from pytest_django.live_server_helper import LiveServer

    with django_db_blocker.unblock():
        name = databases.clone()
        with databases.django_on(name):
            server = LiveServer("localhost")
            found = Site(server.url, chromium)
            yield found
            for context in found.contexts:
                context.close()
            server.stop()
        databases.drop(name)
    assert found.foreign == []
    assert found.violations == []


@pytest.fixture(scope="module")
def coordinator(site: Site) -> Any:
    """A coordinator of the home municipality; all invented."""
    from samverkan.foundation.people.models import Membership, Organisation, OrganisationKind, Person

    home, _made = Organisation.objects.get_or_create(
        is_home=True, defaults={"name": "Älvhamns kommun", "kind": OrganisationKind.MUNICIPALITY, "is_invented": True}
    )
    person = Person.objects.create_user("samordnare@example.invalid", "hemligt-men-langt", name="Påhittad Person")
    Membership.objects.create(person=person, organisation=home, role="coordinator", function="Samordnare")
    return person
