"""The inbox says which report or measure a message is about, to those who may see it; the mail says nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from samverkan.domain.est.models import Report
from samverkan.domain.est.reporting.services import review
from samverkan.domain.measures.api import Plan, plan
from samverkan.domain.places.api import Place
from samverkan.foundation import clock, jobs, notify, refs
from samverkan.foundation.people.models import Membership
from samverkan.foundation.refs import Ref
from samverkan.foundation.weeks import Week

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def _inbox(client: Client) -> str:
    return client.get("/inkorg/").content.decode().replace("\xa0", " ")


def test_a_message_says_category_place_and_week_in_the_readers_language(
    world: Any, sent: Callable[..., Report], client_for: ClientFor
) -> None:
    row = sent()
    review.send_back(world["granskare"], report=row, version=1, reason="Ta bort namnet.")
    number = Week.from_index(row.week).number
    client = client_for(world["skola"])
    assert f"Din rapport behöver ändras: Klotter, Lindtorget, vecka {number}</a>" in _inbox(client)
    with translation.override("en"):
        assert refs.about(world["skola"], [Ref("report", row.public_id)]) == {
            Ref("report", row.public_id): f"Graffiti, Lindtorget, week {number}"
        }
    jobs.run_pending()
    [message] = mail.outbox
    for word in ("Klotter", "Graffiti", "Lindtorget", str(number)):
        assert word not in message.body.split("http")[0] + message.subject


def test_what_is_known_by_area_only_is_told_by_area(
    world: Any, sent: Callable[..., Report], client_for: ClientFor
) -> None:
    row = sent(category="bostadsinbrott")
    review.close(world["granskare"], report=row, version=1, answer="Polisen har den redan.")
    row.refresh_from_db()
    assert row.place is None and row.area is not None
    assert f": Inbrott i bostad, {row.area.name}, vecka" in _inbox(client_for(world["skola"]))


def test_only_those_who_may_see_it_are_told_what_it_is_about(
    world: Any, sent: Callable[..., Report], client_for: ClientFor
) -> None:
    row = sent()
    ref = Ref("report", row.public_id)
    for who in ("skola", "granskare", "samordnare"):
        assert ref in refs.about(world[who], [ref]), who
    for who in ("bostadsbolag", "atgardsansvarig", "revisor", "kommunpolis"):
        assert refs.about(world[who], [ref]) == {}, who
    notify.notify(
        membership_ids=[world["bostadsbolag"].membership_id], ref=ref, template="est.closed", data={"week": 47}
    )
    page = _inbox(client_for(world["bostadsbolag"]))
    assert "Din rapport är avslutad</a>" in page and "Lindtorget" not in page


def test_a_measure_is_named(world: Any, client_for: ClientFor) -> None:
    owner = Membership.objects.get(pk=world["atgardsansvarig"].membership_id)
    told = Plan(
        title="Klipp häcken",
        why="Det syns bättre.",
        owner=owner,
        due_on=clock.today() + timedelta(days=7),
        place=Place.objects.get(name="Lindtorget"),
    )
    measure = plan(world["samordnare"], plan=told)
    ref = Ref("measure_evaluation", measure.public_id)
    notify.notify(membership_ids=[owner.pk], ref=ref, template="picture.measure_judged")
    assert ": Klipp häcken, Lindtorget</a>" in _inbox(client_for(world["atgardsansvarig"]))
    assert refs.about(world["skola"], [ref]) == {}


def test_fifty_messages_cost_no_more_than_one(world: Any, sent: Callable[..., Report], client_for: ClientFor) -> None:
    client, seat = client_for(world["skola"]), world["skola"].membership_id
    counted = []
    for number in (1, 20):
        for _n in range(number):
            notify.notify(
                membership_ids=[seat], ref=Ref("report", sent().public_id), template="est.accepted", data={"week": 47}
            )
        client.get("/inkorg/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/inkorg/")
        counted.append(len(queries))
    assert counted[0] == counted[1]
