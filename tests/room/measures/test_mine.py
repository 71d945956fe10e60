"""The start page of the one responsible for a measure: what waits, the next step first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.measures import selectors
from samverkan.domain.measures.api import Measure, Plan, Status, plan, step
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Membership
from tests.harness.seen import flat

pytestmark = pytest.mark.django_db
Cast = dict[str, Actor]
LEAD, OWNER = "samordnare", "atgardsansvarig"


@pytest.fixture
def make(cast: Cast) -> Callable[..., Measure]:
    """``make("Klipp häcken", due=4)``: a measure of the owner's, due in so many days, in a state."""

    def one(
        title: str, *, due: int, state: str = Status.PLANNED, follow: int | None = None, owner: str = OWNER
    ) -> Measure:
        seat, today = Membership.objects.get(pk=cast[owner].membership_id), clock.today()
        told = Plan(
            title=title,
            why="Det syns bättre.",
            owner=seat,
            due_on=today + timedelta(days=due),
            starts_on=today - timedelta(days=90),
            follow_up_on=today + timedelta(days=follow) if follow is not None else None,
        )
        row = plan(cast[LEAD], plan=told)
        Measure.objects.filter(pk=row.pk).update(status=state, effect="Färre.")
        row.refresh_from_db()
        return row

    return one


def _page(client: Client) -> str:
    answer = client.get("/atgarder/mina/")
    assert answer.status_code == 200
    return flat(answer.content.decode()).replace("\xa0", " ")


def test_it_is_where_the_one_responsible_starts(cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    client = client_for(cast[OWNER])
    assert client.get("/")["Location"] == "/atgarder/mina/"
    page = _page(client)
    assert (
        "Du har inget att göra just nu" in page
        and 'aria-current="page"' in page
        and "ds-button" not in page.split("<main")[1]
    )


def test_what_is_late_comes_first_with_its_next_step(
    cast: Cast, client_for: Callable[[Actor], Client], make: Callable[..., Measure]
) -> None:
    soon = make("Laga lampan", due=4, state=Status.ONGOING)
    later = make("Måla väggen", due=60)
    late = make("Klipp häcken", due=-3)
    followed = make("Låst entré", due=-80, state=Status.DONE, follow=-1)
    waits = make("Bytta lås", due=-80, state=Status.DONE, follow=30)
    make("Avslutad", due=-80, state=Status.CHECKED)
    make("Avbruten", due=-80, state=Status.STOPPED)
    make("Någon annans", due=-80, owner="bostadsbolag")
    mine = selectors.mine(cast[OWNER])
    assert (mine.late, mine.follow_up, mine.soon, mine.later) == ([late], [followed], [soon], [waits, later])
    client = client_for(cast[OWNER])
    page = _page(client)
    assert "1 av dina åtgärder är försenad" in page and "Nästa: Klipp häcken." in page
    assert page.index("Klipp häcken") < page.index("Låst entré") < page.index("Laga lampan") < page.index("Måla väggen")
    assert not [title for title in ("Avslutad<", "Avbruten<", "Någon annans") if title in page]
    assert f'class="ds-button" href="/atgarder/{late.public_id}/#hur-langt">Börja åtgärden' in page
    assert 'id="hur-langt"' in client.get(f"/atgarder/{late.public_id}/").content.decode()
    assert selectors.waiting(cast[OWNER]) == 2, "late, and to be followed up"


@pytest.mark.parametrize(
    ("state", "due", "button"),
    [
        (Status.PLANNED, 5, "Börja åtgärden"),
        (Status.ONGOING, 5, "Markera som genomförd"),
        (Status.DONE, -30, "Anteckna effekten"),
    ],
)
def test_the_button_is_the_step_that_the_measure_waits_for(
    cast: Cast, client_for: Callable[[Actor], Client], make: Callable[..., Measure], state: str, due: int, button: str
) -> None:
    row = make("Klipp häcken", due=due, state=state)
    page = _page(client_for(cast[OWNER]))
    assert f'#hur-langt">{button}' in page
    after = {Status.PLANNED: Status.ONGOING, Status.ONGOING: Status.DONE, Status.DONE: Status.CHECKED}[Status(state)]
    step(cast[OWNER], measure=row, version=row.version, after=after)
    if after == Status.CHECKED:
        assert "Du har inget att göra just nu" in _page(client_for(cast[OWNER]))


def test_who_is_responsible_for_nothing_may_look_too(cast: Cast, client_for: Callable[[Actor], Client]) -> None:
    statuses: dict[str, Any] = {
        who: client_for(cast[who]).get("/atgarder/mina/").status_code
        for who in ("hyresvard", "samordnare", "kontaktcenter", "revisor")
    }
    assert statuses == {"hyresvard": 200, "samordnare": 200, "kontaktcenter": 403, "revisor": 403}
