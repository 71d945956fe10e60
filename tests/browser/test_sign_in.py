"""The pages for signing in, in our own look: clean to axe, and passkeys work under the policy."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, axe

pytestmark = pytest.mark.browser

OPEN_PAGES = ["/konto/login/", "/konto/password/reset/", "/konto/password/reset/done/", "/finns-inte/"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_outside_are_accessible(site: Site, dark: bool) -> None:
    page = site.page(dark=dark, width=390 if dark else 1440)
    for path in OPEN_PAGES:
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        assert axe(page) == [], path
    page.goto("/konto/login/")
    with page.expect_navigation(wait_until="load"):
        page.click("form.fields button")
    assert page.title().startswith("Fel:")
    assert axe(page) == []


def sign_in(page: Page) -> None:
    page.goto("/konto/login/")
    page.fill("#id_login", "samordnare@example.invalid")
    page.fill("#id_password", "hemligt-men-langt")
    with page.expect_navigation(wait_until="load"):
        page.click("form.fields button")


def test_a_passkey_is_added_and_signs_in(site: Site, coordinator: Any) -> None:
    page = site.page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page)
    page.goto("/konto/2fa/")
    assert axe(page) == []
    page.goto("/konto/2fa/totp/activate/")
    assert axe(page) == []
    page.goto("/konto/2fa/webauthn/add/")
    assert axe(page) == []
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    assert axe(page) == []
    assert page.locator(".codes li").count() == 10
    for path in (
        "/konto/2fa/",
        "/konto/2fa/webauthn/",
        "/konto/2fa/recovery-codes/generate/",
        "/konto/password/change/",
        "/konto/logout/",
    ):
        page.goto(path)
        assert axe(page) == [], path
    page.locator("main form button").click()
    page.goto("/konto/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda address: "/konto/login/" not in address)
    page.goto("/stil/")
    assert page.locator("details.menu summary").is_visible()


def test_the_second_step_asks_for_a_code(site: Site, coordinator: Any) -> None:
    """Runs after a passkey was added above: the password alone does not let in."""
    page = site.page(width=390)
    sign_in(page)
    assert page.url.endswith("/konto/2fa/authenticate/")
    assert axe(page) == []
