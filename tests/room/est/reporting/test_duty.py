"""Who is expected to report, who is silent, and reminders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from samverkan.domain.est.models import EstWeek, NothingToReport, Reminder, Report, Reporter, WeekState
from samverkan.domain.est.reporting import retention, services, tasks
from samverkan.domain.est.reporting.services import duty
from samverkan.domain.est.week import effort
from samverkan.domain.est.week.content import Before, Late
from samverkan.foundation import clock
from samverkan.foundation.access import Refused
from samverkan.foundation.notify.models import Notice
from samverkan.foundation.people.models import Membership
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

NOW = Week.parse("2026-W48")


@pytest.fixture
def register(world: Any) -> dict[str, Reporter]:
    """Four seats expected for long; the housing company's has a substitute."""
    return {
        code: duty.expect(
            world["samordnare"],
            seat=Membership.objects.get(pk=world[code].membership_id),
            group=group,
            from_on=date(2026, 1, 1),
        )
        for code, group in (
            ("skola", "Skolor"),
            ("skola.soder", "Skolor"),
            ("bostadsbolag", "Bostadsbolag"),
            ("fritid", "Fritid"),
        )
    }


def states(week: Week = NOW) -> dict[str, str]:
    by_seat = effort.states(week, 1)
    return {
        m.person.email.split("@")[0]: by_seat[m.pk]
        for m in Membership.objects.filter(pk__in=by_seat).select_related("person")
    }


def late_of(week: Week, weeks: int) -> int:
    told = effort.of_week(week, weeks).late
    assert told is not None
    return told.late


def test_reported_nothing_and_silent_are_three_things(world: Any, register: Any, sent: Callable[..., Report]) -> None:
    assert set(states().values()) == {"silent"}
    sent("skola")
    duty.nothing(world["fritid"])
    sent("bostadsbolag.ersattare")  # a substitute's answer counts
    assert states() == {"skola": "reported", "skola.soder": "silent", "bostadsbolag": "reported", "fritid": "nothing"}
    numbers = effort.of_week(NOW, 1)
    assert (numbers.expected, numbers.reported, numbers.nothing, numbers.silent) == (4, 2, 1, 1)
    assert sum(g.reported + g.nothing + g.silent for g in numbers.groups) == 4
    assert numbers.before == Before(expected=4, reported=0, nothing=0, silent=4)
    after = effort.of_week(NOW.plus(1), 1)
    assert (after.reported, after.before) == (0, Before(expected=4, reported=2, nothing=1, silent=1))


def test_a_withdrawn_report_is_no_answer(world: Any, register: Any, sent: Callable[..., Report]) -> None:
    row = sent("skola")
    services.withdraw(world["skola"], report=row, version=1)
    assert states()["skola"] == "silent"


def test_the_numbers_cost_two_queries(register: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert effort.of_week(NOW, 1).expected == 4


def test_who_came_or_left_is_expected_only_in_its_cycles(world: Any, register: Any) -> None:
    Reporter.objects.filter(pk=register["skola"].pk).update(from_on=NOW.monday)
    Reporter.objects.filter(pk=register["fritid"].pk).update(until_on=NOW.monday)
    numbers = effort.of_week(NOW, 1)
    assert numbers.before and (numbers.expected, numbers.before.expected) == (3, 3)
    before = effort.of_week(NOW, 2).before
    assert before and before.expected == 3


def test_reports_that_came_when_the_week_was_over_are_counted(
    world: Any, register: Any, sent: Callable[..., Report]
) -> None:
    rows = [sent("skola"), sent("fritid"), sent("skola.soder")]
    Report.objects.filter(pk=rows[0].pk).update(submitted_at=NOW.plus(1).span[0])
    assert effort.of_week(NOW, 1).late == Late(late=1, reports=3)
    Report.objects.filter(pk=rows[1].pk).update(submitted_at=NOW.plus(1).span[0] - timedelta(seconds=1))
    assert late_of(NOW, 1) == 1
    # In a cycle of two weeks it came while the cycle went on.
    assert late_of(NOW, 2) == 0
    assert effort.of_week(NOW.plus(1), 1).late == Late()


def test_reminders_once_a_day_and_then_the_substitute(
    world: Any, register: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty.nothing(world["skola"])
    assert duty.remind(world["samordnare"]) == 3
    assert duty.remind(world["samordnare"]) == 0
    assert set(Notice.objects.values_list("template", flat=True)) == {"est.reminder"}
    assert world["skola"].membership_id not in set(Notice.objects.values_list("membership_id", flat=True))
    Reminder.objects.update(at=clock.now() - timedelta(days=1))
    assert duty.remind(world["samordnare"]) == 4
    assert Reminder.objects.filter(to_substitute=True).get().membership_id == world["bostadsbolag"].membership_id
    assert Notice.objects.filter(membership_id=world["bostadsbolag.ersattare"].membership_id).count() == 1


def test_the_clock_reminds_on_the_weekday_decided(world: Any, register: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tasks.remind.func(timestamp=0) == 0  # a Wednesday
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-27")
    assert tasks.remind.func(timestamp=0) == 4


def test_only_the_coordinator_answers_for_others(world: Any, register: dict[str, Reporter], seen: Any) -> None:
    seat = register["skola"].membership
    for code in ("skola.soder", "granskare", "kommunpolis"):
        with pytest.raises(Refused):
            duty.nothing(world[code], seat=seat)
        with pytest.raises(Refused):
            services.submit(world[code], seen=seen(), seat=seat, channel="call")
        with pytest.raises(Refused):
            duty.remind(world[code])
    row = services.submit(world["samordnare"], seen=seen(), seat=seat, channel="email")
    assert row.organisation_id == seat.organisation_id and states()["skola"] == "reported"


def test_a_locked_week_is_not_answered(world: Any, register: Any) -> None:
    EstWeek.objects.create(controller=home(), first=NOW.index - 1, state=WeekState.FROZEN)
    with pytest.raises(Refusal):
        duty.nothing(world["skola"], week=NOW.plus(-1))
    with pytest.raises(Refusal):
        duty.nothing(world["skola"], week=NOW.plus(-3))
    assert NothingToReport.objects.count() == 0


@pytest.mark.parametrize(
    "days,locked,week", [(0, False, 0), (1, False, 0), (3, False, -1), (3, True, 0), (30, False, 0)]
)
def test_a_report_belongs_to_the_week_it_happened_while_that_is_open(
    sent: Callable[..., Report], days: int, locked: bool, week: int
) -> None:
    if locked:
        EstWeek.objects.create(controller=home(), first=NOW.index - 1, state=WeekState.FROZEN)
    row = sent("skola", started_at=clock.now() - timedelta(days=days, minutes=1))
    assert row.week == NOW.index + week


def test_the_register_is_added_to_grouped_ended_and_reopened(world: Any, register: dict[str, Reporter]) -> None:
    row, actor = register["skola"], world["samordnare"]
    with pytest.raises(Refusal):
        duty.expect(actor, seat=row.membership, group="Skolor")
    row = duty.regroup(actor, reporter=row, version=1, group="Grundskolor")
    row = duty.end(actor, reporter=row, version=2)
    assert row.until_on == clock.today() and "skola" not in states()
    row = duty.reopen(actor, reporter=row, version=3)
    assert states()["skola"] == "silent" and row.group == "Grundskolor"


def test_raw_words_nobody_sends_again_are_disposed_of(world: Any, sent: Callable[..., Report]) -> None:
    draft, waiting = sent("skola"), sent("skola")
    services.withdraw(world["skola"], report=draft, version=1)
    Report.objects.update(created_at=datetime(2026, 8, 1, tzinfo=clock.STOCKHOLM))
    assert retention.due(date(2026, 8, 2)) == 1 and retention.due(date(2026, 8, 1)) == 0
    assert retention.dispose(date(2026, 8, 2)) == 1
    assert list(Report.objects.all()) == [waiting]
