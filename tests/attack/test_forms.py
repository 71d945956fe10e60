"""Every form of every page, as somebody who wants to break it would fill it in."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from samverkan.foundation.access import Actor
from tests.attack import hostile
from tests.attack.hostile import Form
from tests.harness.people import client_for
from tests.harness.routes import make_rows, routes

#: These lead between them to every page that has a form.
CODES = ("samordnare", "administrator", "bostadsbolag")
_SAFE = {"csrfmiddlewaretoken"}


def _filled(form: Form, dice: random.Random) -> dict[str, list[str]]:
    """A form as a person in a hurry would send it: something in every field."""
    data = {name: [value for value in values if value] for name, values in form.values.items()}
    for name, choices in form.choices.items():
        usable = [c for c in choices if c]
        if not data.get(name) and usable:
            data[name] = [dice.choice(usable)]
    for name, values in data.items():
        if not values:
            data[name] = ["2026-11-24"] if name.endswith(("_on", "day", "from", "to")) else ["För provet"]
    return data


def _forms(client: Client, addresses: list[str], undone: Callable[..., Any]) -> list[tuple[str, Form]]:
    found: dict[tuple[str, ...], tuple[str, Form]] = {}
    for address in addresses:
        page = undone(lambda: client.get(address, follow=True))  # noqa: B023 (called at once)
        if page.status_code != 200 or not page.get("Content-Type", "").startswith("text/html"):
            continue
        for form in hostile.forms_of(page.content.decode()):
            target = form.action.split("?")[0] or page.request["PATH_INFO"]
            if form.method == "post" and not target.endswith(("/logout/", "/byt-post/")):
                # One of each kind of form is enough, whichever row it belongs to.
                kind = "".join("*" if len(part) == 36 else part + "/" for part in target.split("/"))
                found.setdefault((kind, *sorted({*form.values, *form.choices})), (target, form))
    return list(found.values())


def _post(client: Client, target: str, data: dict[str, Any]) -> str | None:
    answer = client.post(target, data)
    if answer.status_code >= 500:
        return str(answer.status_code)
    place = answer.get("Location", "")
    if place.startswith(("//", "http")) and not place.startswith("http://testserver"):
        return f"leads to {place}"
    if answer.status_code in {301, 302, 303} and place.startswith("/"):
        answer = client.get(place)
        if answer.status_code >= 500:
            return f"{answer.status_code} after it, at {place}"
    if answer.get("Content-Type", "").startswith("text/html") and hostile.would_run(answer.content.decode()):
        return "it would run"
    return None


def _attack(demo: dict[str, Actor], undone: Callable[..., Any], codes: tuple[str, ...], tries: int) -> Counter[str]:
    """Fill in every field that these people meet, with so many of the values. Gives the fields and what was tried."""
    dice = random.Random(20261123)
    rows = make_rows(demo)
    addresses = [
        rows.address(route) for route in routes() if route.name not in {"account_logout", "style", "style_week"}
    ]
    broken, counts = [], Counter[str]()
    for code in codes:
        client = client_for(demo[code])
        client.raise_request_exception = False
        for target, form in _forms(client, addresses, undone):
            names = sorted({*form.values, *form.choices} - _SAFE)
            for name in names:
                counts["fields"] += 1
                for value in dice.sample(hostile.VALUES, min(tries, len(hostile.VALUES))):
                    data: dict[str, Any] = _filled(form, dice) | {name: [value.encode("utf-8", "replace").decode()]}
                    found = undone(lambda: _post(client, target, data))  # noqa: B023
                    counts["hostile values in fields"] += 1
                    if found:
                        broken.append(f"{code} {target} {name}={value[:60]!r}: {found}")
            for name in sorted(form.files):
                for content in (
                    b"",
                    b"\x00" * 100,
                    b"<svg onload=alert(7341)>",
                    b"PK\x03\x04",
                    b"GIF89a" + b"\xff" * 50,
                ):
                    upload = SimpleUploadedFile("../../../tmp/x.<script>.jpg", content, "image/jpeg")
                    found = undone(lambda: _post(client, target, _filled(form, dice) | {name: upload}))  # noqa: B023
                    counts["hostile files"] += 1
                    if found:
                        broken.append(f"{code} {target} {name}={content[:10]!r}: {found}")
    assert broken == []
    return counts


def test_hostile_fields_are_refused_or_shown_as_text(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any], tried: Counter[str]
) -> None:
    counts = _attack(demo, undone, CODES, 2)
    assert counts.pop("fields") > 100, "the forms are read from the pages; few fields means that they were not found"
    tried.update(counts)


@pytest.mark.long
@pytest.mark.parametrize("code", CODES)
def test_every_hostile_value_in_every_field(
    demo: dict[str, Actor], quiet: None, undone: Callable[..., Any], code: str, tried: Counter[str]
) -> None:
    counts = _attack(demo, undone, (code,), len(hostile.VALUES))
    assert counts.pop("fields") > 30, "most fields were not found"
    tried.update(counts)
