"""A background map that is set: its tiles come as images, under our layers, and the policy lets nothing else through."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.test_style_page import ready_map

pytestmark = pytest.mark.browser
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_the_tiles_are_drawn_with_whose_they_are(site: Site, coordinator: Any, settings: Any) -> None:
    settings.MAP_TILES = "https://kartor.example.se/{z}/{x}/{y}.png"
    settings.MAP_TILES_HOST = "https://kartor.example.se"
    settings.MAP_TILES_ATTRIBUTION = "© Exempelby <b>kommun</b>"
    asked: list[Any] = []

    def tile(route: Any) -> None:
        asked.append(route.request)
        route.fulfill(body=_PIXEL, content_type="image/png", headers={"Access-Control-Allow-Origin": "*"})

    page = site.page(person=coordinator)
    page.route("https://kartor.example.se/**", tile)
    page.goto("/stil/")
    ready_map(page)
    assert asked and {request.resource_type for request in asked} == {"image"}
    assert all("referer" not in request.headers for request in asked), "the host does not learn the page's address"
    assert "© Exempelby <b>kommun</b>" in page.locator(".map-live .maplibregl-ctrl-attrib").first.inner_text()
    assert site.violations == []
