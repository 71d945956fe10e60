"""Two change the same place: the second sees what is saved now beside what was typed, and may save again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client

from samverkan.domain.places import services
from samverkan.foundation.access import Actor

Cast = Mapping[str, Actor]


def test_the_second_sees_both_and_may_save_again(cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    row = services.add(
        cast["samordnare"], name="Torget", also_called="", kind="square", x=585_000.5, y=6_580_000, radius_m=50
    )
    address = f"/platser/{row.public_id}/"
    told: dict[str, Any] = {
        "name": "Torget",
        "also_called": "",
        "kind": "square",
        "x": "585000,5",
        "y": "6580000",
        "radius_m": "50",
        "version": "1",
    }
    first, second = client_for(cast["administrator"]), client_for(cast["samordnare"])
    assert first.get(address).status_code == 200
    assert (
        first.post(address, told | {"kind": "park", "x": "585100,25", "also_called": "Gamla <torget>"}).status_code
        == 302
    )
    answer = second.post(address, told | {"name": "Stora torget"})
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert 'value="Stora torget"' in page and "Sparat nu:</strong> Torget (" in page
    assert "Sparat nu:</strong> 585100,25 (" in page and "Sparat nu:</strong> Gamla &lt;torget&gt; (" in page
    assert page.count("Sparat nu:") == 4, "the name, the other name, the kind and the east; the north is the same"
    assert "Senast ändrat av" in page and 'name="version" value="2"' in page
    row.refresh_from_db()
    assert (row.name, row.version) == ("Torget", 2)
    assert second.post(address, told | {"name": "Stora torget", "version": "2"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.x, row.version) == ("Stora torget", 585_000.5, 3)


def test_a_version_that_makes_no_sense_keeps_what_was_typed(cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    row = services.add(
        cast["samordnare"], name="Torget", also_called="", kind="square", x=585_000, y=6_580_000, radius_m=50
    )
    told = {"name": "Stora torget", "kind": "square", "x": "585000", "y": "6580000", "radius_m": "50", "version": ""}
    answer = client_for(cast["samordnare"]).post(f"/platser/{row.public_id}/", told)
    assert answer.status_code == 422 and 'value="Stora torget"' in answer.content.decode()
