"""Did it help: counts, comparison places proposed and chosen, undo, the job, and who may see it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samverkan.domain.measures.models import Measure
from samverkan.domain.picture.insight import judging, services, sites, words
from samverkan.domain.picture.models import ComparisonChoice, MeasureEvaluation
from samverkan.domain.places.api import Place
from samverkan.foundation.access import SYSTEM, Actor, Refused
from samverkan.foundation.notify.models import Notice
from samverkan.foundation.people.models import Membership
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Conflict, Refusal
from tests.harness.command import clean_environment
from tests.harness.people import client_for

from .conftest import LAST, TODAY, Town

MOST_QUERIES = 25
WEEKS = 20


@pytest.fixture
def places(town: Town) -> list[Place]:
    """The measure's place first, then others at two kilometres from each other."""
    return [
        Place.objects.create(
            controller=home(),
            name=f"Torg {n}",
            kind="square",
            x=586000 + 2000 * (n % 5),
            y=6581000 + 3000 * (n // 5),
            radius_m=100,
            is_invented=True,
        )
        for n in range(6)
    ]


@pytest.fixture
def measure(town: Town, places: list[Place], make_actor: Callable[..., Actor]) -> Measure:
    owner = make_actor("measure_owner", "housing_company")
    return Measure.objects.create(
        controller=town.home,
        title="Påhittad belysning",
        why="Ljusare",
        owner=Membership.objects.get(pk=owner.membership_id),
        category_codes=["s0"],
        place=places[0],
        x=places[0].x,
        y=places[0].y,
        radius_m=100,
        due_on=TODAY,
        starts_on=TODAY - timedelta(weeks=WEEKS),
        follow_up_on=TODAY,
        status="done",
        is_invented=True,
    )


def fill(
    town: Town, places: list[Place], *, here: tuple[int, int], near: tuple[int, int] = (0, 0), others: int = 3
) -> None:
    """So many a week, before and after, at the measure's place, 250 metres from it, and at each other place."""
    for back in range(1, 2 * WEEKS + 1):
        week = LAST.plus(1 - back)
        after = back <= WEEKS
        for count, x in ((here[after], 0.0), (near[after], 250.0)):
            town.add(week, count, weekday=3, x=places[0].x + x, y=places[0].y)
        for place in places[1:]:
            town.add(week, others, weekday=3, x=place.x, y=place.y)
    town.add(LAST.plus(-110), 1)  # something is known from before


def test_fewer_at_the_place_only(town: Town, places: list[Place], measure: Measure) -> None:
    fill(town, places, here=(4, 1), near=(1, 1))
    found = services.judge(SYSTEM, measure=measure)
    rows = found.result["rows"]
    assert found.verdict == "lower" and found.result["weeks"] == WEEKS
    assert (rows[0]["before"], rows[0]["after"]) == (80, 20)
    assert (rows[1]["kind"], rows[1]["before"], rows[1]["after"]) == ("near", 20, 20)
    assert all((r["before"], r["after"]) == (60, 60) for r in rows[2:]) and len(rows) >= 5
    assert found.result["estimate"] == pytest.approx(20 - 80)
    assert "Troligen ja." in words.answer(found.result, measure) or words.answer(found.result, measure).startswith(
        "Probably yes."
    )


def test_only_the_kinds_that_were_chosen_on_the_page_are_counted(
    town: Town, places: list[Place], measure: Measure, make_actor: Callable[..., Actor]
) -> None:
    fill(town, places, here=(4, 1), near=(1, 1))
    for back in range(1, 2 * WEEKS + 1):  # of another main category, and they do not become fewer
        town.add(LAST.plus(1 - back), 5, weekday=3, x=places[0].x, y=places[0].y, category=town.subs[4])
    client = client_for(make_actor("coordinator"))
    change, anew = f"/atgarder/{measure.public_id}/andra/", f"/atgarder/{measure.public_id}/hjalpte-det/rakna-om/"
    told = {
        "title": measure.title,
        "why": measure.why,
        "type": measure.type,
        "owner": str(measure.owner.public_id),
        "due_on": TODAY.isoformat(),
        "starts_on": str(measure.starts_on),
        "follow_up_on": TODAY.isoformat(),
        "place": str(places[0].public_id),
    }
    counts = {}
    for version, (name, kinds) in enumerate({"all": [], "one": ["m0"], "both": ["m0", "m2"]}.items(), start=1):
        assert client.post(change, told | {"kinds": kinds, "version": version}).status_code == 302
        measure.refresh_from_db()
        assert measure.category_codes == kinds
        assert client.post(anew).status_code == 302
        found = MeasureEvaluation.objects.latest("pk")
        counts[name] = found.result["rows"][0]["before"], found.result["rows"][0]["after"]
    assert counts == {"all": (180, 120), "one": (80, 20), "both": (180, 120)}
    assert client.post(change, told | {"kinds": ["m1"], "version": 4}).status_code == 302
    page = client.get(f"/atgarder/{measure.public_id}/hjalpte-det/").content.decode()
    assert "Det som räknas: Skadegörelse, Trafik." in page, (
        "a stored answer says what it counted, not what has been chosen since"
    )


def test_what_moved_is_told(town: Town, places: list[Place], measure: Measure) -> None:
    fill(town, places, here=(4, 1), near=(1, 4))
    assert services.judge(SYSTEM, measure=measure).verdict == "displaced"


def test_no_change_and_more(town: Town, places: list[Place], measure: Measure) -> None:
    fill(town, places, here=(3, 3))
    assert services.judge(SYSTEM, measure=measure).verdict == "no_clear_change"


def test_it_cannot_be_told_yet(town: Town, places: list[Place], measure: Measure) -> None:
    fill(town, places, here=(4, 1))
    Measure.objects.update(starts_on=TODAY - timedelta(weeks=2), follow_up_on=TODAY + timedelta(weeks=10))
    measure.refresh_from_db()
    found = services.judge(SYSTEM, measure=measure)
    assert found.verdict == "cannot_tell" and "too_short" in found.result["reasons"]
    assert "12" in words.answer(found.result, measure)


def test_too_few_says_so(town: Town, places: list[Place], measure: Measure) -> None:
    fill(town, places, here=(0, 0))
    found = services.judge(SYSTEM, measure=measure)
    assert found.verdict == "cannot_tell" and "too_few_events" in found.result["reasons"]


def test_a_measure_over_an_area(town: Town, places: list[Place], measure: Measure) -> None:
    for back in range(1, 2 * WEEKS + 1):
        for n, area in enumerate(town.areas):
            count = 1 if n == 0 and back <= WEEKS else 4
            town.add(LAST.plus(1 - back), count, area=area)
    town.add(LAST.plus(-110), 1)
    Measure.objects.update(place=None, x=None, y=None, radius_m=None, area=town.areas[0])
    measure = Measure.objects.get()
    found = services.judge(SYSTEM, measure=measure)
    assert found.verdict == "lower"
    assert {r["name"] for r in found.result["rows"] if r["kind"] == "comparison"} <= {a.name for a in town.areas[1:]}


def test_ground_with_another_measure_is_not_proposed(town: Town, places: list[Place], measure: Measure) -> None:
    fill(town, places, here=(4, 1))
    busy = places[1]
    Measure.objects.create(
        controller=town.home,
        title="Annan",
        why="x",
        owner=measure.owner,
        category_codes=["s0"],
        place=busy,
        x=busy.x,
        y=busy.y,
        due_on=TODAY,
        starts_on=TODAY,
        is_invented=True,
    )
    found = services.judge(SYSTEM, measure=measure)
    assert str(busy.public_id) not in found.comparison.sites and found.comparison.sites


def test_overlapping_comparisons_count_nothing_twice() -> None:
    events = sites.Events(np.array([10, 10, 10]), np.array([0.0, 90.0, 200.0]), np.zeros(3), np.zeros(3, np.int64))
    two = [sites.Candidate(str(x), str(x), x, 0.0, events.within(x, 0.0, 150), False) for x in (0.0, 100.0)]
    assert [m.tolist() for m in judging._owned(two, events)] == [[True, False, False], [False, True, True]]


def test_a_choice_is_stored_with_who_and_undone(
    town: Town, places: list[Place], measure: Measure, coordinator: Actor
) -> None:
    fill(town, places, here=(4, 1))
    first = services.judge(SYSTEM, measure=measure)
    wanted = [str(places[2].public_id), str(places[3].public_id)]
    address = f"/atgarder/{measure.public_id}/hjalpte-det/"
    client = client_for(coordinator)
    answer = client.post(address, {"number": 1, "places": wanted}, follow=True)
    assert "Jämförelsen är ändrad och omräknad." in answer.content.decode() and "Version 2." in answer.content.decode()
    chosen = ComparisonChoice.objects.get(number=2)
    assert chosen.sites == wanted and chosen.by_id == coordinator.membership_id
    with pytest.raises(Conflict):
        services.choose(coordinator, measure=measure, number=1, keys=wanted)
    with pytest.raises(Refusal):
        services.choose(coordinator, measure=measure, number=2, keys=["elsewhere"])
    client.post(address + "angra/")
    last = MeasureEvaluation.objects.order_by("-pk").first()
    assert last.comparison.number == 3 and last.comparison.sites == first.comparison.sites
    assert MeasureEvaluation.objects.count() == 3
    assert client.post(address, {"number": 3, "places": []}).status_code == 422


def test_it_is_prepared_once_at_the_follow_up_date(
    town: Town, places: list[Place], measure: Measure, coordinator: Actor
) -> None:
    fill(town, places, here=(4, 1))
    Measure.objects.update(follow_up_on=TODAY + timedelta(days=1))
    assert services.prepare_due(SYSTEM) == 0
    Measure.objects.update(follow_up_on=TODAY)
    assert services.prepare_due(SYSTEM) == 1 and services.prepare_due(SYSTEM) == 0
    assert MeasureEvaluation.objects.get().prepared_for == TODAY
    # The one responsible is told by the measures, and is sent to the page that it may read.
    assert {n.membership_id for n in Notice.objects.all()} == {coordinator.membership_id} != {measure.owner_id}


def test_pages_ask_few_questions_and_draw_no_script(
    town: Town, places: list[Place], measure: Measure, coordinator: Actor
) -> None:
    fill(town, places, here=(4, 1))
    client = client_for(coordinator)
    address = f"/atgarder/{measure.public_id}/hjalpte-det/"
    for stored in (False, True):
        if stored:
            services.judge(SYSTEM, measure=measure)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        assert page.status_code == 200 and len(queries) <= MOST_QUERIES, [q["sql"][:120] for q in queries]
        text = page.content.decode()
        assert "style=" not in text and "onclick" not in text
        assert "brott" not in text.replace("anmälda brott", "").lower()
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/atgarder/{measure.public_id}/")
    assert len(queries) <= MOST_QUERIES


@pytest.mark.parametrize("role", ["est_reporter", "measure_owner", "member", "elected", "manager"])
def test_only_those_who_see_every_count_see_it(
    town: Town, places: list[Place], measure: Measure, make_actor: Callable[..., Any], role: str
) -> None:
    actor = make_actor(role)
    for address in (f"/atgarder/{measure.public_id}/hjalpte-det/", "/lagesbild/monster/"):
        assert client_for(actor).get(address).status_code in {403, 404}
    with pytest.raises(Refused):
        services.judge(actor, measure=measure)


def test_no_web_process_carries_the_compiler() -> None:
    code = (
        "import sys, django; django.setup()\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "from samverkan.domain.picture.insight import finding, judging, patterns_shown, selectors, services, views\n"
        "from samverkan.analysis.evaluate import before_after\n"
        "print(before_after(treated=(60, 22), comparisons=[(80, 78)], days=(90, 90)).verdict, 'numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment(DJANGO_SETTINGS_MODULE="samverkan.site.settings", SAMVERKAN_SECRET_KEY="x" * 60),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["lower", "False"], done.stderr[-500:]
