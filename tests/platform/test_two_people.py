"""Two people at once: the second is told, keeps what was written, and nothing is lost or doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from samverkan.domain.est.models import Edition, EstWeek, Report, ReportState, WeekState
from samverkan.domain.est.week import services as week_services
from samverkan.domain.incidents.api import Category, Incident
from samverkan.domain.incidents.importing import import_files
from samverkan.domain.incidents.importing.mapping import from_dict
from samverkan.domain.incidents.models import WeekChange
from samverkan.domain.measures.api import Measure, Problem
from samverkan.domain.picture import facts
from samverkan.domain.picture.models import SavedView
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.editions import fingerprint
from samverkan.foundation.web.errors import Conflict
from samverkan.foundation.weeks import Week
from tests.attack.hostile import Form, forms_of
from tests.harness.database import TestDatabases
from tests.harness.demo import DemoDatabase, loaded
from tests.harness.people import client_for


@pytest.fixture(scope="module")
def demo_database(django_db_setup: None, databases: TestDatabases, django_db_blocker: Any) -> Iterator[DemoDatabase]:
    """A demonstration in which transactions really commit, shared by this file's tests."""
    with django_db_blocker.unblock(), loaded(databases) as found:
        yield found


@pytest.fixture
def people(demo_database: DemoDatabase, django_db_blocker: Any) -> Iterator[dict[str, Actor]]:
    with django_db_blocker.unblock(), demo_database.in_use() as cast:
        yield cast


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make the calls in threads that begin together; gives each answer, or what it raised."""
    answers: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(number: int) -> None:
        try:
            gate.wait()
            answers[number] = calls[number]()
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _form_with(client: Any, address: str, field: str) -> dict[str, Any]:
    """What the page's form with a field would send untouched."""
    page = client.get(address)
    assert page.status_code == 200
    form: Form = next(f for f in forms_of(page.content.decode()) if field in f.values and f.method == "post")
    return {name: values for name, values in form.values.items() if values}


def _second_is_told(people: dict[str, Actor], address: str, field: str, extra: dict[str, str] | None = None) -> str:
    """Two who coordinate open the same page, both save. Gives the page that the second gets."""
    first, second = client_for(people["samordnare"]), client_for(people["samordnare"])
    one, other = _form_with(first, address, field), _form_with(second, address, field)
    assert first.post(address, one | {field: "Den första skrev detta."} | (extra or {})).status_code == 302
    answer = second.post(address, other | {field: "Den andra skrev detta."} | (extra or {}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Någon annan" in page
    assert "Den andra skrev detta." in page
    return page


def test_the_assessment_is_kept_and_shows_what_the_other_wrote(people: dict[str, Actor]) -> None:
    week = week_services.open_week(SYSTEM, week=Week.parse("2026-W47"))
    page = _second_is_told(people, "/veckan/2026-W47/", "judgement")
    assert "Den första skrev detta." in page
    week.refresh_from_db()
    assert week.judgement == "Den första skrev detta."


def test_a_measure(people: dict[str, Actor]) -> None:
    row = Measure.objects.order_by("pk")[0]
    _second_is_told(people, f"/atgarder/{row.public_id}/andra/", "why")
    row.refresh_from_db()
    assert row.why == "Den första skrev detta."


def test_a_problem(people: dict[str, Actor]) -> None:
    row = Problem.objects.order_by("pk")[0]
    _second_is_told(people, f"/problem/{row.public_id}/", "description")
    row.refresh_from_db()
    assert row.description == "Den första skrev detta."


def test_a_category(people: dict[str, Actor]) -> None:
    row = Category.objects.filter(main__isnull=False).order_by("pk")[0]
    _second_is_told(people, f"/kategorier/kategori/{row.code}/", "name_sv")
    row.refresh_from_db()
    assert row.name_sv == "Den första skrev detta."


def test_a_review(people: dict[str, Actor]) -> None:
    row = Report.objects.filter(state=ReportState.SUBMITTED, category__is_home_bound=False).order_by("pk")[0]
    address = f"/granska/{row.public_id}/"
    first, second = client_for(people["samordnare"]), client_for(people["granskare"])
    one, other = _form_with(first, address, "text"), _form_with(second, address, "text")
    assert first.post(address, one | {"act": "send_back", "reason": "Den första skrev detta."}).status_code == 302
    answer = second.post(address, other | {"act": "accept", "text": "Den andra skrev detta."})
    assert answer.status_code == 422
    assert "Den andra skrev detta." in answer.content.decode()
    row.refresh_from_db()
    assert row.sent_back_because == "Den första skrev detta."
    assert not Incident.objects.filter(external_id=str(row.public_id)).exists()


def test_one_report_is_accepted_once(people: dict[str, Actor]) -> None:
    row = Report.objects.filter(state=ReportState.SUBMITTED, category__is_home_bound=False).order_by("-pk")[0]
    address = f"/granska/{row.public_id}/"
    browsers = [client_for(people[code]) for code in ("samordnare", "granskare")]
    forms = [_form_with(browser, address, "text") | {"act": "accept", "marks_seen": "on"} for browser in browsers]
    answers = at_once(*(lambda b=b, f=f: b.post(address, f) for b, f in zip(browsers, forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [302, 422], answers
    row.refresh_from_db()
    assert row.state == ReportState.IN_WEEK
    assert Incident.objects.filter(external_id=str(row.public_id)).count() <= 1


def test_a_view_saved_twice_at_once_under_one_name_is_one_view(people: dict[str, Actor]) -> None:
    """Both are the seat's own: the later filter holds under the name."""
    browsers = [client_for(people["samordnare"]) for _ in range(2)]
    answers = at_once(
        *(
            lambda b=b, w=w: b.post("/lagesbild/vyer/", {"name": "Samma namn", "address": f"from={w}&to={w}"})
            for b, w in zip(browsers, ("2026-W40", "2026-W41"), strict=True)
        )
    )
    assert [answer.status_code for answer in answers] == [302, 302], answers
    assert SavedView.objects.filter(name="Samma namn", owner_id=people["samordnare"].membership_id).count() == 1


def test_locking_at_once_makes_one_edition(people: dict[str, Actor]) -> None:
    week = week_services.open_week(SYSTEM, week=Week.parse("2026-W30"))
    lead = people["samordnare"]
    answers = at_once(*[lambda: week_services.freeze(lead, week=week, version=week.version)] * 3)
    assert sum(isinstance(answer, Edition) for answer in answers) == 1, answers
    assert sum(isinstance(answer, Conflict) for answer in answers) == 2
    edition = Edition.objects.get(week=week)
    assert fingerprint(edition.content) == edition.sha256
    week.refresh_from_db()
    assert week.state == WeekState.FROZEN


def test_a_decision_made_while_the_week_is_locked_is_in_it_or_refused(people: dict[str, Actor]) -> None:
    week = week_services.open_week(SYSTEM, week=Week.parse("2026-W29"))
    lead = people["samordnare"]
    locked, noted = at_once(
        lambda: week_services.freeze(lead, week=week, version=week.version),
        lambda: week_services.decide(lead, week=week, text="Mitt i låsningen"),
    )
    assert isinstance(locked, Edition), locked
    assert ("Mitt i låsningen" in str(locked.content)) == (not isinstance(noted, Exception))


def test_a_week_opened_at_once_is_one_row(people: dict[str, Actor]) -> None:
    rows = at_once(*[lambda: week_services.open_week(SYSTEM, week=Week.parse("2026-W20")).pk] * 4)
    assert len(set(rows)) == 1, rows
    assert EstWeek.objects.filter(first=Week.parse("2026-W20").index).count() == 1


def test_one_file_imported_at_once_is_imported_once(people: dict[str, Actor], tmp_path: Path) -> None:
    mapping = from_dict(
        {
            "source": {"code": "tva-samtidigt", "name": "Två samtidigt"},
            "columns": {"id": "id", "started": "when", "category": "what"},
        }
    )
    path = tmp_path / "rader.csv"
    lines = [f"{n % 3000},2026-10-{n % 28 + 1:02d} 12:00,Klotter\n" for n in range(3000)]
    path.write_text("id,when,what\n" + "".join(lines), "utf-8")
    answers = at_once(*[lambda: import_files(SYSTEM, paths=[path], mapping=mapping)] * 3)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert sum(counts.created for counts in answers) == 3000
    assert sum(counts.unchanged for counts in answers) == 6000
    stored = Incident.objects.filter(source__code="tva-samtidigt")
    assert stored.count() == 3000
    assert set(stored.values_list("version", flat=True)) == {1}
    facts.forget()
    assert facts.current().rows == Incident.objects.filter(is_digest=False).count()
    assert set(Incident.objects.values_list("week", flat=True)) <= set(
        WeekChange.objects.values_list("week", flat=True)
    )
