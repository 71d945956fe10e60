"""The address of a background map: one https host, and nothing that could widen the policy."""

from __future__ import annotations

import pytest

from samverkan.foundation.web.tiles import host_of


@pytest.mark.parametrize(
    ("template", "host"),
    [
        ("", ""),
        ("https://kartor.example.se/{z}/{x}/{y}.png", "https://kartor.example.se"),
        ("https://Kartor.example.se:8443/wmts?z={z}&x={x}&y={y}&key=abc", "https://kartor.example.se:8443"),
    ],
)
def test_the_host_is_what_the_address_says(template: str, host: str) -> None:
    assert host_of(template) == host


@pytest.mark.parametrize(
    "template",
    [
        "http://kartor.example.se/{z}/{x}/{y}.png",
        "//kartor.example.se/{z}/{x}/{y}.png",
        "kartor",
        "https://kartor.example.se/tiles.png",
        "https://kartor.example.se/{z}/{x}.png",
        "https://kartor.example.se/{z}/{x}/{y}/{y}.png",
        "https://{s}.example.se/{z}/{x}/{y}.png",
        "https://{z}.example.se/{x}/{y}.png",
        "https://user:pw@kartor.example.se/{z}/{x}/{y}.png",
        "https://*.example.se/{z}/{x}/{y}.png",
        "https://kartor.example.se/{z}/{x}/{y}.png; script-src *",
        "https://kartor.example.se/{z}/{x}/{y}{ratio}.png",
        "https://kartor.example.se /{z}/{x}/{y}.png",
    ],
)
def test_what_is_no_address_of_tiles_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="it "):
        host_of(template)
