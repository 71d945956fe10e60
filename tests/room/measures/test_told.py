"""Whoever gets a measure is told, finds it, can follow it, and is sent to no page it may not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.measures import telling
from samverkan.domain.measures.api import Measure, Plan, Status, change, describe_problem, plan
from samverkan.domain.measures.forms import MeasureForm
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.notify.models import Notice
from samverkan.foundation.people.models import Membership
from samverkan.foundation.web.errors import Refusal

pytestmark = pytest.mark.django_db
Cast = dict[str, Actor]
LEAD, PARTNER, AUDITOR = "samordnare", "bostadsbolag", "revisor"


def _seat(cast: Cast, code: str) -> Membership:
    return Membership.objects.get(pk=cast[code].membership_id)


@pytest.fixture
def give(cast: Cast) -> Callable[..., Measure]:
    """``give(4)``: a measure of a partner's, due in so many days."""

    def one(due: int, *, to: str = PARTNER, **more: Any) -> Measure:
        due_on = clock.today() + timedelta(days=due)
        return plan(
            cast[LEAD],
            plan=Plan(title="Klipp häcken", why="Det syns bättre.", owner=_seat(cast, to), due_on=due_on, **more),
        )

    return one


def _told(cast: Cast, code: str = PARTNER) -> list[str]:
    rows = Notice.objects.filter(membership_id=cast[code].membership_id, template__startswith="measures.")
    return [name.removeprefix("measures.") for name in rows.order_by("pk").values_list("template", flat=True)]


def test_told_at_once_and_led_to_the_measure(
    cast: Cast, client_for: Callable[[Actor], Client], give: Callable[..., Measure]
) -> None:
    row = give(30)
    assert _told(cast) == ["given"]
    client = client_for(cast[PARTNER])
    inbox = client.get("/inkorg/").content.decode().replace("\xa0", " ")
    assert "Du ansvarar för en åtgärd: Klipp häcken" in inbox and row.due_on.isoformat() not in inbox
    notice = Notice.objects.get(template="measures.given")
    assert (
        client.get(f"/inkorg/{notice.public_id}/", follow=True).redirect_chain[-1][0] == f"/atgarder/{row.public_id}/"
    )
    # Who plans its own needs no telling, and neither does history.
    give(30, to=LEAD)
    give(-30)
    assert _told(cast, LEAD) == [] and _told(cast) == ["given"]


def test_another_owner_is_told(cast: Cast, give: Callable[..., Measure]) -> None:
    row = give(30)
    owner = _seat(cast, "skola")
    change(cast[LEAD], measure=row, version=row.version, plan=Plan(row.title, row.why, owner, row.due_on))
    assert _told(cast, "skola") == ["given"] and _told(cast) == ["given"]


def test_before_it_is_due_and_when_late_once_for_each_day(
    cast: Cast, give: Callable[..., Measure], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = give(9)
    assert telling.tell_due() == 0, "more than a week before"
    begin = clock.today()

    def on(days: int) -> int:
        monkeypatch.setenv("SAMVERKAN_TODAY", (begin + timedelta(days=days)).isoformat())
        return telling.tell_due()

    assert (on(2), on(3), on(9), on(10), on(11)) == (1, 0, 0, 1, 0)
    assert _told(cast) == ["given", "soon", "late"]
    row.refresh_from_db()
    later = Plan(row.title, row.why, row.owner, date.fromisoformat(str(row.due_on)) + timedelta(days=20))
    change(cast[LEAD], measure=row, version=row.version, plan=later)
    assert on(25) == 1 and _told(cast)[-1] == "soon", "what is put off is told of again"
    Measure.objects.update(status=Status.DONE, follow_up_on=begin + timedelta(days=40))
    assert (on(39), on(40), on(41)) == (0, 1, 0) and _told(cast)[-1] == "follow_up"


def test_partners_find_measures_in_the_menu_with_what_waits(
    cast: Cast, client_for: Callable[[Actor], Client], give: Callable[..., Measure]
) -> None:
    client = client_for(cast[PARTNER])
    row = give(1)
    Measure.objects.filter(pk=row.pk).update(due_on=clock.today() - timedelta(days=2))
    page = client.get("/inkorg/").content.decode()
    entry = re.search(r'<a [^>]*href="/atgarder/mina/".*?</a>', page, re.S)
    assert entry and "Åtgärder" in entry[0] and re.search(r">\s*1\b", entry[0])
    assert "Klipp häcken" in client.get("/atgarder/mina/").content.decode()


def test_only_seats_that_can_follow_a_measure_by_search(cast: Cast) -> None:
    form = MeasureForm(actor=cast[LEAD])
    offered = form.fields["owner"].widget.suggested()
    assert offered and not any("Revisor" in label for label in offered)
    with pytest.raises(Refusal, match="kan inte följa"):
        plan(cast[LEAD], plan=Plan("Titel", "Därför", _seat(cast, AUDITOR), clock.today()))
    owner = _seat(cast, PARTNER)
    whole = f"{owner.function}, {owner.organisation.name}"

    def said(text: str) -> tuple[Any, str]:
        data = {"title": "T", "why": "V", "due_on": "2026-12-01", "type": "situational", "owner": text}
        bound = MeasureForm(data, actor=cast[LEAD])
        bound.is_valid()
        return bound.cleaned_data.get("owner"), " ".join(bound.errors.get("owner", []))

    assert whole in offered
    for text in (whole, whole.upper(), str(owner.public_id), "bostadsbolaget, kf rap"):
        assert said(text) == (owner, ""), text
    assert "Ingen hittas så." in said("finns inte")[1]
    many = said("påhittad")[1]
    assert "Flera hittas så:" in many and many.count(";") == 4
    assert "obligatoriskt" in said("")[1] or said("")[1]


def test_nobody_is_sent_to_a_page_that_it_may_not_read(
    cast: Cast, client_for: Callable[[Actor], Client], give: Callable[..., Measure]
) -> None:
    problem = describe_problem(cast[LEAD], title="Skymd gång", causes=[("situation", "Häcken")])
    row = give(30, problem=problem, causes=tuple(problem.causes.all()))
    for code in (PARTNER, "atgardsansvarig", LEAD):
        client = client_for(cast[code])
        answer = client.get(f"/atgarder/{row.public_id}/")
        if answer.status_code != 200:
            assert code != PARTNER
            continue
        page = answer.content.decode()
        assert "Skymd gång" in page
        main = page.split("<main")[1].split("</main>")[0]
        for link in set(re.findall(r'href="(/[^"#?]*)', main)):
            assert client.get(link).status_code in (200, 302), (code, link)


def test_the_form_folds_its_many_boxes(
    cast: Cast, client_for: Callable[[Actor], Client], give: Callable[..., Measure]
) -> None:
    page = client_for(cast[LEAD]).get("/atgarder/ny/").content.decode()
    form = page.split("<main")[1]
    folded = "".join(re.findall(r"<details(?![^>]*open).*?</details>", form, re.S))
    assert form.count('type="checkbox"') == folded.count('type="checkbox"') > 10
    assert "<select" in form and 'name="owner"' in form and '<datalist id="id_owner-suggestions">' in form
