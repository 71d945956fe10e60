"""What people change of an incident on its page: its end, its category, and what was told wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from samverkan.domain.est.models import Report
from samverkan.domain.est.week import building
from samverkan.domain.incidents.categories import ensure_standard
from samverkan.domain.incidents.models import Category, Incident, WeekChange
from samverkan.domain.incidents.services import Draft, editing, ensure_source, record
from samverkan.domain.picture import facts, history
from samverkan.foundation import clock, geo, jobs
from samverkan.foundation.access import SYSTEM, Actor, Refused
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week

pytestmark = pytest.mark.django_db
WEEK = Week.parse("2026-W46")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-23")
    facts.forget()


@pytest.fixture
def lead(cast: Any) -> Actor:
    ensure_standard()
    return cast["coordinator"]


@pytest.fixture
def client(lead: Actor, client_for: Callable[..., Client]) -> Client:
    return client_for(lead)


@pytest.fixture
def make(lead: Actor) -> Callable[..., Incident]:
    """``make(kind=…)`` records an incident by a report, or by another kind of source."""

    def one(
        *, source_kind: str = "partners", category: str = "klotter", day: date = date(2026, 11, 11), **fields: Any
    ) -> Incident:
        source = ensure_source(SYSTEM, code=f"prov-{source_kind}", name="Provkälla", kind=source_kind, is_invented=True)
        draft = Draft(
            external_id=fields.pop("external_id", "1"),
            category=Category.objects.get(code=category),
            title=fields.pop("title", "Klotter vid skolan"),
            started_at=datetime(day.year, day.month, day.day, 18, 30, tzinfo=clock.STOCKHOLM),
            **fields,
        )
        return record(lead, source=source, drafts=[draft])[0]

    return one


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\xa0", " ").split())


def at(row: Incident, what: str = "") -> str:
    return f"/lagesbild/handelse/{row.public_id}/{what}"


def values(row: Incident, **changes: Any) -> dict[str, Any]:
    from samverkan.domain.incidents.edit_forms import initial_of

    shown = {name: value for name, value in initial_of(row).items() if value not in (None, "")}
    shown |= {name: shown[name].strftime("%H:%M") for name in ("at", "until_at") if name in shown}
    return {**shown, **changes}


def test_what_is_over_is_ended_and_leaves_what_goes_on(client: Client, make: Callable[..., Incident]) -> None:
    row = make(kind="development")
    assert [d.id for d in building.developments(SYSTEM, WEEK)] == [str(row.public_id)]
    assert "Avsluta" in words(client.get(at(row)))
    before = WeekChange.objects.get(week=WEEK.index).change
    answer = client.post(at(row, "avsluta/"), {"day": "2026-11-20", "version": row.version}, follow=True)
    assert "Det är avslutat." in words(answer) and "Öppna igen" in words(answer)
    assert "Ändrat av" in words(answer) and "inget” blev ”2026-11-20" in words(answer)
    row.refresh_from_db()
    assert row.ended_at == clock.day_span(date(2026, 11, 20))[1]
    assert building.developments(SYSTEM, WEEK) == ()
    assert WeekChange.objects.get(week=WEEK.index).change > before, "the prepared figures know that it changed"
    client.post(at(row, "oppna/"), {"version": row.version})
    row.refresh_from_db()
    assert row.ended_at is None and len(building.developments(SYSTEM, WEEK)) == 1
    assert [v.by_hand for v in history.versions(row)] == [True, True, False]


def test_a_day_that_cannot_be_the_last_is_refused_at_the_field(client: Client, make: Callable[..., Incident]) -> None:
    row = make(kind="place_feature")
    for day, said in (
        ("2026-11-10", "Det började efter den dagen"),
        ("2026-11-24", "Välj i dag eller en tidigare dag"),
    ):
        answer = client.post(at(row, "avsluta/"), {"day": day, "version": row.version})
        assert answer.status_code == 422 and said in words(answer) and f'value="{day}"' in answer.content.decode()
    assert Incident.objects.get(pk=row.pk).ended_at is None


def test_a_single_event_has_no_end_to_give(client: Client, lead: Actor, make: Callable[..., Incident]) -> None:
    row = make()
    assert at(row, "avsluta/") not in client.get(at(row)).content.decode()
    assert "En enskild händelse pågår inte" in words(client.get(at(row, "avsluta/")))
    with pytest.raises(Refusal):
        editing.end(lead, incident=row, version=row.version, day=clock.today())


def test_only_one_of_two_ends_it(client: Client, lead: Actor, make: Callable[..., Incident]) -> None:
    row = make(kind="development")
    editing.end(lead, incident=row, version=row.version, day=clock.today())
    answer = client.post(at(row, "avsluta/"), {"day": "2026-11-23", "version": row.version})
    assert answer.status_code == 422 and "Det är redan avslutat" in words(answer)
    with pytest.raises(Conflict):
        editing.end(lead, incident=row, version=row.version + 1, day=clock.today())


def test_what_was_told_wrong_is_corrected_and_stays_in_the_history(
    client: Client, make: Callable[..., Incident]
) -> None:
    row = make(seriousness=1)
    sent = values(
        row,
        title="Klotter vid biblioteket",
        category="skadegorelse",
        seriousness="3",
        day="2026-11-03",
        at="",
        until_day="",
    )
    answer = client.post(at(row, "andra/"), sent, follow=True)
    assert "Ändringen är sparad." in words(answer)
    row.refresh_from_db()
    assert (row.title, row.category.code, row.seriousness, row.time_precision) == (
        "Klotter vid biblioteket",
        "skadegorelse",
        3,
        "day",
    )
    assert clock.local(row.started_at).date() == date(2026, 11, 3) and row.week == Week.parse("2026-W45").index
    latest, first = history.versions(row)
    assert latest.by_hand and latest.by and latest.is_current and not first.by_hand
    assert {change.before for change in latest.changes} >= {"Klotter vid skolan", "1"}
    held = facts.current()
    assert int(held.offsets[-1]) == 1 and list(held.weeks[:1]) == [Week.parse("2026-W45").index], (
        "both weeks are counted anew"
    )


def test_nothing_changed_makes_no_version(client: Client, make: Callable[..., Incident]) -> None:
    row = make(ended_at=datetime(2026, 11, 11, 22, 0, tzinfo=clock.STOCKHOLM), time_precision="span")
    answer = client.post(at(row, "andra/"), values(row), follow=True)
    assert "Inget ändrades." in words(answer)
    assert Incident.objects.get(pk=row.pk).version == 1 and row.versions.count() == 0


def test_a_span_is_written_and_read_back(client: Client, make: Callable[..., Incident]) -> None:
    row = make()
    client.post(at(row, "andra/"), values(row, at="22.00", until_day="2026-11-12", until_at="06:30"))
    row.refresh_from_db()
    assert row.time_precision == "span" and row.ended_at == datetime(2026, 11, 12, 6, 30, tzinfo=clock.STOCKHOLM)
    page = client.get(at(row, "andra/")).content.decode()
    assert 'value="22:00"' in page and 'value="06:30"' in page
    answer = client.post(at(row, "andra/"), values(row, until_day="2026-11-10", until_at="06:30"))
    assert answer.status_code == 422 and "Slutet kommer före början" in words(answer)


def test_the_place_is_corrected_to_an_area_or_the_municipality(client: Client, make: Callable[..., Incident]) -> None:
    x, y = geo.current().to_metres([16.51], [59.37])
    row = make(x=float(x[0]), y=float(y[0]))
    answer = client.post(at(row, "andra/"), values(row, where="area"))
    assert answer.status_code == 422 and "Välj område" in words(answer)
    client.post(at(row, "andra/"), values(row, where="municipality"))
    row.refresh_from_db()
    assert (row.precision, row.x, row.hexagon, row.area_id) == ("municipality", None, None, None)
    assert row.versions.get().content["x"] is not None, "what it said stays: this category is not home-bound"


def test_the_second_of_two_sees_what_stands_saved(client: Client, lead: Actor, make: Callable[..., Incident]) -> None:
    row = make()
    first = editing.Correction(row.category, "Den förstas ord", None, row.started_at, None, row.time_precision)
    editing.correct(lead, incident=row, version=row.version, correction=first)
    answer = client.post(at(row, "andra/"), values(row, title="Den andras ord"))
    assert answer.status_code == 422
    assert "Den förstas ord" in words(answer) and 'value="Den andras ord"' in answer.content.decode()
    again = client.post(at(row, "andra/"), values(row, title="Den andras ord", version=2))
    assert again.status_code == 302 and Incident.objects.get(pk=row.pk).title == "Den andras ord"


def test_a_home_bound_category_takes_the_place_away_for_good(
    client: Client, lead: Actor, make: Callable[..., Incident], cast: Any
) -> None:
    x, y = geo.current().to_metres([16.51], [59.37])
    row = make(x=float(x[0]), y=float(y[0]))
    home = Category.objects.filter(is_home_bound=True, main__isnull=False)[0]
    report = Report.objects.create(
        controller_id=lead.controller_id,
        organisation_id=lead.organisation_id,
        membership_id=lead.membership_id,
        week=WEEK.index,
        started_at=row.started_at,
        x=row.x,
        y=row.y,
        category=row.category,
        incident=row,
        state="in_week",
    )
    client.post(at(row, "andra/"), values(row, title="Nytt namn"))
    row.refresh_from_db()
    assert row.versions.get().content["x"] == row.x
    answer = client.post(at(row, "andra/"), values(row, category=home.code))
    assert answer.status_code == 422 and "får tas bort för gott" in words(answer)
    assert Incident.objects.get(pk=row.pk).x is not None
    assert client.post(at(row, "andra/"), values(row, category=home.code, give_up_place="on")).status_code == 302
    jobs.run_pending()
    row.refresh_from_db()
    assert (row.x, row.hexagon, row.place_id) == (None, None, None) and row.precision in {"area", "municipality"}
    kept = {key for version in row.versions.all() for key in version.content}
    assert row.versions.count() == 2 and not kept & {"x", "y", "radius_m", "place_id"}
    report.refresh_from_db()
    assert (report.x, report.y, report.place_id) == (None, None, None)


def test_what_a_source_tells_is_only_sorted(client: Client, lead: Actor, make: Callable[..., Incident]) -> None:
    row = make(source_kind="file", kind="development")
    page = client.get(at(row, "andra/"))
    assert "berättar källan Provkälla" in words(page) and 'name="title"' not in page.content.decode()
    sent = {"category": "skadegorelse", "version": row.version, "title": "Någon annans ord", "day": "2020-01-01"}
    assert client.post(at(row, "andra/"), sent).status_code == 302
    row.refresh_from_db()
    assert (row.category.code, row.title, row.week) == ("skadegorelse", "Klotter vid skolan", WEEK.index)
    forced = editing.Correction(row.category, "Någon annans ord", 3, row.started_at + timedelta(days=1), None, "day")
    assert editing.correct(lead, incident=row, version=row.version, correction=forced).title == "Klotter vid skolan"
    again = make(source_kind="file", kind="development")
    assert again.pk == row.pk and again.category.code == "skadegorelse", "the same row read again undoes nothing"
    editing.end(lead, incident=row, version=again.version, day=clock.today())
    assert make(source_kind="file", kind="development").ended_at is not None
    said = make(source_kind="file", kind="development", title="Källans nya ord")
    assert said.title == "Källans nya ord" and [v.by_hand for v in history.versions(said)] == [False, True, True, False]


def test_a_digest_is_not_sorted(client: Client, lead: Actor, make: Callable[..., Incident]) -> None:
    row = make(source_kind="police_feed")
    Incident.objects.filter(pk=row.pk).update(is_digest=True)
    assert at(row, "andra/") not in client.get(at(row)).content.decode()
    assert "Den räknas inte" in words(client.get(at(row, "andra/")))
    assert client.post(at(row, "andra/"), {"category": "skadegorelse", "version": 1}).status_code == 422


def test_who_may_not_reaches_none_of_it(
    cast: Any, lead: Actor, client_for: Callable[..., Client], make: Callable[..., Incident]
) -> None:
    row = make(kind="development")
    police = client_for(cast["municipal_police"])
    assert police.get(at(row)).status_code == 200 and "Avsluta" not in words(police.get(at(row)))
    for what in ("andra/", "avsluta/", "oppna/"):
        assert police.post(at(row, what), {}).status_code == 403
    with pytest.raises(Refused):
        editing.end(cast["municipal_police"], incident=row, version=1, day=clock.today())
    gone = "/lagesbild/handelse/00000000-0000-4000-8000-000000000000/andra/"
    assert client_for(lead).get(gone).status_code == 404
