"""Two people change one measure: the second sees both texts side by side and decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.browser.conftest import Site, axe

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def measure(site: Site) -> dict[str, Any]:
    """An invented measure, and two who may change it."""
    from samverkan.domain.measures.api import Plan, plan
    from samverkan.foundation import clock
    from samverkan.foundation.people import demo
    from samverkan.foundation.people.models import Membership, Person
    from samverkan.site import demo as site_demo

    context = demo.Context(today=clock.today())
    site_demo.load_profile(context)
    demo.load_cast(context)
    owner = Membership.objects.get(person__email="bostadsbolag@exempel.test")
    row = plan(
        context.actor("samordnare"),
        plan=Plan(
            title="Klipp häcken vid torget",
            why="Det syns bättre.",
            owner=owner,
            due_on=clock.today() + timedelta(days=7),
        ),
    )
    people = {code: Person.objects.get(email=f"{code}@exempel.test") for code in ("samordnare", "kommunpolis")}
    return {"row": row, **people}


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_the_second_compares_and_saves_knowingly(site: Site, measure: dict[str, Any], width: int, dark: bool) -> None:
    row = measure["row"]
    address = f"/atgarder/{row.public_id}/andra/"
    first = site.page(person=measure["kommunpolis"])
    second = site.page(person=measure["samordnare"], width=width, height=844, dark=dark)
    first.goto(address)
    second.goto(address)
    first.fill("#id_why", f"Polisens skäl {width}.")
    first.click("text=Spara åtgärden")
    first.wait_for_url(f"**/atgarder/{row.public_id}/")
    second.fill("#id_why", f"Samordnarens skäl {width}.")
    second.click("text=Spara åtgärden")
    second.wait_for_selector(".ds-error-summary")
    assert second.title().startswith("Fel:")
    assert second.evaluate("document.activeElement.id") == "fel", "what happened is read out first"
    assert "Någon annan ändrade samtidigt" in second.inner_text(".ds-error-summary")
    second.click(".ds-error-summary a:has-text('Varför')")
    assert second.evaluate("document.activeElement.id") == "id_why"
    described = second.get_attribute("#id_why", "aria-describedby") or ""
    read_out = " ".join(second.inner_text(f"#{part}") for part in described.split())
    assert f"Sparat nu: Polisens skäl {width}. (Kommunpolis, i dag kl." in read_out.replace("\u00a0", " ")
    assert second.input_value("#id_why") == f"Samordnarens skäl {width}."
    assert second.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(second) == []
    second.click("text=Spara åtgärden")
    second.wait_for_url(f"**/atgarder/{row.public_id}/#id_why")
    row.refresh_from_db()
    assert row.why == f"Samordnarens skäl {width}."
