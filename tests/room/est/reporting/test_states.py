"""A report's states: only the steps of the table, by those named in it, whatever is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from samverkan.domain.est.models import EstWeek, Report, ReportState
from samverkan.domain.est.reporting import selectors, services, workflow
from samverkan.domain.est.reporting.services import review
from samverkan.domain.est.week import selectors as week_selectors
from samverkan.domain.est.week import services as week_services
from samverkan.domain.incidents.api import Incident
from samverkan.foundation.access import Actor, Refused
from samverkan.foundation.people.models import Membership
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week

STEPS = ("submit", "withdraw", "send_back", "recall", "accept", "close", "change", "discard")


def cleaned(row: Report, **fields: Any) -> review.Cleaned:
    values = {
        "category": row.category,
        "title": "Rubrik",
        "text": "Efter granskning.",
        "kind": row.kind,
        "trend": row.trend,
        "observation": row.observation,
    }
    return review.Cleaned(**{**values, **fields})


def take(step: str, actor: Actor, row: Report, seen: Callable[..., services.Seen]) -> None:
    at: dict[str, Any] = {"report": row, "version": row.version}
    {
        "submit": lambda: services.send(actor, **at),
        "withdraw": lambda: services.withdraw(actor, **at),
        "discard": lambda: services.discard(actor, **at),
        "change": lambda: services.change(actor, **at, seen=seen()),
        "send_back": lambda: review.send_back(actor, **at, reason="Ta bort namnet."),
        "recall": lambda: review.recall(actor, **at),
        "accept": lambda: review.accept(actor, **at, cleaned=cleaned(row)),
        "close": lambda: review.close(actor, **at, answer="Vi har redan uppgiften."),
    }[step]()


@pytest.mark.parametrize("first", STEPS)
def test_two_steps_in_any_order_follow_the_table(
    world: Any, sent: Callable[..., Report], seen: Callable[..., services.Seen], first: str
) -> None:
    """Every pair of steps, tried by the one whose step it is: the state moves by the table or not at all."""
    for second in STEPS:
        pk = sent("skola").pk
        for step in (first, second):
            _try(world, pk, step, seen)


def _try(world: Any, pk: int, step: str, seen: Callable[..., services.Seen]) -> None:
    found = Report.objects.filter(pk=pk).first()
    if found is None:
        return
    who = world["granskare"] if step in {"send_back", "recall", "accept", "close"} else world["skola"]
    expected, before = workflow.REPORT.find(step, found.state), found.state
    try:
        take(step, who, found, seen)
    except (Refusal, Report.DoesNotExist):
        assert Report.objects.get(pk=pk).state == before
        assert expected is None and (step != "discard" or before != ReportState.DRAFT)
        return
    after = Report.objects.filter(pk=pk).values_list("state", flat=True).first()
    if step == "discard":
        assert before == ReportState.DRAFT and after is None
    else:
        assert expected is not None and after == expected.after


def test_the_table_is_whole() -> None:
    assert {s.before for s in workflow.REPORT.steps} | {s.after for s in workflow.REPORT.steps} == set(
        ReportState.values
    )
    assert len({(s.name, s.before) for s in workflow.REPORT.steps}) == len(workflow.REPORT.steps)


def test_nobody_takes_anothers_step(
    world: Any, sent: Callable[..., Report], seen: Callable[..., services.Seen]
) -> None:
    row = sent("skola")
    for code in (
        "skola.soder",
        "hyresvard",
        "ordningsvakt",
        "kommunpolis",
        "revisor",
        "fortroendevald",
        "dataskyddsombud",
    ):
        for step in STEPS:
            with pytest.raises((Refused, Report.DoesNotExist)):
                take(step, world[code], row, seen)
    row.refresh_from_db()
    assert row.state == ReportState.SUBMITTED and row.version == 1


def test_two_reviewers_at_once(world: Any, sent: Callable[..., Report], client_for: Any) -> None:
    row = sent("skola")
    review.accept(world["samordnare"], report=row, version=1, cleaned=cleaned(row))
    with pytest.raises(Conflict):
        review.accept(world["granskare"], report=row, version=1, cleaned=cleaned(row, text="Den andra texten."))
    form = {
        "version": 1,
        "title": "Rubrik",
        "text": "Det jag hann skriva.",
        "category": "klotter",
        "kind": "event",
        "precision": "as_reported",
        "trend": "new",
        "observation": "observed",
        "act": "accept",
    }
    page = client_for(world["granskare"]).post(f"/granska/{row.public_id}/", form)
    assert page.status_code == 422 and "Det jag hann skriva." in page.content.decode()
    assert Incident.objects.get().description == "Efter granskning."


def test_a_report_that_is_changed_while_it_is_reviewed_shows_what_it_says_now(
    world: Any, sent: Callable[..., Report], seen: Callable[..., services.Seen], client_for: Any
) -> None:
    row = sent("skola")
    services.change(
        world["skola"], report=row, version=1, seen=seen("skadegorelse", text="Rutan är krossad <b>.", trend="worse")
    )
    form = {
        "version": 1,
        "title": "Rubrik",
        "text": "Det jag hann skriva.",
        "category": "klotter",
        "kind": "event",
        "precision": "as_reported",
        "trend": "worse",
        "observation": "observed",
        "act": "accept",
    }
    reviewer = client_for(world["granskare"])
    answer = reviewer.post(f"/granska/{row.public_id}/", form)
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422 and not Incident.objects.exists()
    assert "Det jag hann skriva.</textarea>" in page and 'value="Rubrik"' in page
    assert "Sparat nu:</strong> Rutan är krossad &lt;b&gt;. (" in page and "Sparat nu:</strong> Skadegörelse (" in page
    assert page.count("Sparat nu:") == 2 and "Någon annan ändrade samtidigt." in page
    assert 'name="version" value="2"' in page
    assert reviewer.post(f"/granska/{row.public_id}/", {**form, "version": 2}).status_code == 302
    assert Incident.objects.get().description == "Det jag hann skriva."


def test_a_report_on_a_development_updates_it(world: Any, sent: Callable[..., Report]) -> None:
    first = sent("skola", kind="development")
    review.accept(world["granskare"], report=first, version=1, cleaned=cleaned(first, text="Det började."))
    known = Incident.objects.get()
    second = sent("skola", kind="development", development=known, trend="worse")
    review.accept(
        world["granskare"], report=second, version=1, cleaned=cleaned(second, merge_into=known, text="Nu är det värre.")
    )
    known = Incident.objects.get()
    assert (known.description, known.trend, known.version) == ("Nu är det värre.", "worse", 2)
    assert [v.content["description"] for v in known.versions.all()] == ["Det började."]
    with pytest.raises(Refused):
        sent("skola.soder", kind="development", development=known)


def test_the_lock_ends_the_reports_of_every_week_of_its_cycle_and_of_no_other(
    world: Any, sent: Callable[..., Report]
) -> None:
    """A cycle may be longer than when its reports were sent, so that they name a week in the midst of it."""
    first = Week.current().plus(-3)
    row = EstWeek.objects.create(controller=home(), first=first.index, weeks=2)
    places = {first.plus(n).index: sent("skola") for n in (-1, 0, 1, 2)}
    for index, report in places.items():
        Report.objects.filter(pk=report.pk).update(week=index)
    late = Report.objects.get(pk=places[first.index + 1].pk)
    for report in Report.objects.exclude(pk=late.pk):
        review.accept(world["granskare"], report=report, version=1, cleaned=cleaned(report))
    week_services.freeze(world["samordnare"], week=row, version=row.version)
    states = dict(Report.objects.values_list("week", "state"))
    inside, outside = ReportState.CLOSED, ReportState.IN_WEEK
    assert states == {
        first.index - 1: outside,
        first.index: inside,
        first.index + 1: ReportState.SUBMITTED,
        first.index + 2: outside,
    }
    done = review.accept(world["granskare"], report=late, version=1, cleaned=cleaned(late))
    assert done.state == ReportState.REVIEWED, "its cycle is locked although it begins a week before"
    row.refresh_from_db()
    week_services.freeze(world["samordnare"], week=row, version=row.version, corrects="En sen rapport.")
    late.refresh_from_db()
    assert late.state == ReportState.CLOSED


#: What is chosen from a list is not written.
CHOSEN = {"kind", "trend", "observation", "precision"}
WRITTEN = [field.name for field in fields(review.Cleaned) if field.type == "str" and field.name not in CHOSEN]


@pytest.mark.parametrize("name", WRITTEN)
def test_everything_written_is_looked_through_before_a_report_is_accepted(
    world: Any, sent: Callable[..., Report], name: str
) -> None:
    row = sent("skola")
    at: dict[str, Any] = {"report": row, "version": row.version}
    telling = {name: "Ring 070-174 06 05 om det."}
    with pytest.raises(Refusal) as refusal:
        review.accept(world["granskare"], **at, cleaned=cleaned(row, **telling))
    assert (refusal.value.field, refusal.value.code) == ("marks_seen", "marked")
    assert Report.objects.get(pk=row.pk).state == ReportState.SUBMITTED
    accepted = review.accept(world["granskare"], **at, cleaned=cleaned(row, **telling, marks_seen=True))
    assert accepted.state == ReportState.IN_WEEK


def test_reports_outside_the_editions_are_told_of_every_week_of_a_cycle(
    world: Any, sent: Callable[..., Report]
) -> None:
    first = Week.current().plus(-9)
    EstWeek.objects.create(controller=home(), first=first.index, weeks=2, state="frozen")
    for n in (-1, 0, 1, 1, 2):
        Report.objects.filter(pk=sent("skola").pk).update(week=first.plus(n).index, state=ReportState.REVIEWED)
    told = week_selectors.outside_editions(world["samordnare"])
    assert told == [{"week": first, "reports": 3}]


def test_developments_to_add_to_are_those_of_the_organisation(world: Any, sent: Callable[..., Report]) -> None:
    """Others' are not offered, cannot be added to, and neither can they by who writes in for another seat."""
    made = {}
    for code in ("skola", "bostadsbolag"):
        row = sent(code, kind="development")
        row = review.accept(world["granskare"], report=row, version=row.version, cleaned=cleaned(row))
        made[code] = row.incident
        # In the store they are the municipality's, told of by the organisation.
        Incident.objects.filter(pk=row.incident_id).update(organisation=None)
    own, others = made["skola"], made["bostadsbolag"]
    assert list(selectors.developments(world["skola"])) == [own]
    lead, seat = world["samordnare"], Membership.objects.get(pk=world["skola"].membership_id)
    assert list(selectors.developments(lead, seat=seat)) == [own]
    assert list(selectors.developments(lead)) == []
    with pytest.raises(Refused):
        sent("skola", kind="development", development=others)
    assert sent("skola", kind="development", development=own).development == own
    with pytest.raises(Refused):
        selectors.developments(world["skola"], seat=seat)


def test_categories_offered_first_are_those_the_organisation_reports(world: Any, sent: Callable[..., Report]) -> None:
    offered = selectors.categories()
    odd = [c for c in offered if not c.is_home_bound][-1]
    for _n in range(3):
        sent("bostadsbolag", category=odd.code)
    assert selectors.usual(world["bostadsbolag"], offered)[0] == odd.pk
    assert odd.pk not in selectors.usual(world["skola"], offered)
