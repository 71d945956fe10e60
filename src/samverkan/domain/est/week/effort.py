"""How many of those expected to report did so, beside the cycle before, and how many came late. Silence is not calm."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, IntegerField, Q, Value

from samverkan.foundation.weeks import Week

from ..models import NothingToReport, Report, Reporter, ReportState
from .content import Answers, Before, Effort, Late, Silent

REPORTED, NOTHING, SILENT = "reported", "nothing", "silent"
#: Cycles before that tell how many reports usually come late, and the fewest reports to tell from.
LATE_CYCLES, LATE_FEWEST = 8, 20


@dataclass
class Heard:
    """What seats said in a span of weeks: who reported, who had nothing, and how many reports came late."""

    reported: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    nothing: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    reports: Counter[int] = field(default_factory=Counter)
    late: Counter[int] = field(default_factory=Counter)

    def state(self, reporter: Reporter, weeks: Iterable[int]) -> str:
        """A substitute's answer counts for the seat. A withdrawn report is no answer."""
        seats = {reporter.membership_id, reporter.membership.substitute_id}
        among = list(weeks)
        if any(seats & self.reported[w] for w in among):
            return REPORTED
        return NOTHING if any(seats & self.nothing[w] for w in among) else SILENT


def _expected(first: date, last: date) -> list[Reporter]:
    """Seats expected to report on any day of a span, by group. One query."""
    return list(
        Reporter.objects.filter(Q(from_on__lte=last), Q(until_on__isnull=True) | Q(until_on__gt=first))
        .select_related("membership__organisation", "membership__person", "membership__substitute__person")
        .order_by("group", "membership__organisation__name", "pk")
    )


def _on(reporters: list[Reporter], day: date) -> list[Reporter]:
    return [r for r in reporters if r.from_on <= day and (r.until_on is None or r.until_on > day)]


def _heard(first: Week, weeks: int, cycles: int) -> Heard:
    """What was heard in a cycle and in as many before it. One query."""
    found = Heard()
    late = Q(pk__in=[])
    for back in range(cycles + 1):
        begins = first.plus(-back * weeks)
        ends = begins.plus(weeks).span[0]
        late |= Q(week__gte=begins.index, week__lt=begins.index + weeks, submitted_at__gte=ends)
    span = {"week__gte": first.plus(-cycles * weeks).index, "week__lt": first.index + weeks}
    none = Value(0, output_field=IntegerField())
    told = (
        Report.objects.exclude(state=ReportState.DRAFT).filter(**span).order_by().values_list("week", "membership_id")
    )
    counted = told.annotate(n=Count("pk"), late=Count("pk", filter=late))
    silent = NothingToReport.objects.filter(**span).order_by().values_list("week", "membership_id", none, none)
    for week, seat, reports, came_late in counted.union(silent):
        (found.reported if reports else found.nothing)[week].add(seat)
        found.reports[week] += reports
        found.late[week] += came_late
    return found


def answers(first: Week, weeks: int) -> list[tuple[Reporter, str]]:
    """Those expected in a cycle, by group, each with reported, nothing or silent. Two queries."""
    day = first.plus(weeks - 1).sunday
    heard, span = _heard(first, weeks, 0), range(first.index, first.index + weeks)
    return [(reporter, heard.state(reporter, span)) for reporter in _on(_expected(day, day), day)]


def states(first: Week, weeks: int) -> dict[int, str]:
    """Seat → reported, nothing or silent, for the seats expected in a cycle."""
    return {reporter.membership_id: state for reporter, state in answers(first, weeks)}


def of_week(first: Week, weeks: int) -> Effort:
    """Numbers for a cycle, in all and by group, and who is silent (organisations, not persons).

    ``before`` is the cycle before, so that a change in reports can be told from a change in reporting,
    and ``late`` the reports that came when the cycle was over. Two queries.
    """
    last, before = first.plus(weeks - 1).sunday, first.plus(-1).sunday
    everybody, heard = _expected(before, last), _heard(first, weeks, LATE_CYCLES)
    span = range(first.index, first.index + weeks)
    answered = [(reporter, heard.state(reporter, span)) for reporter in _on(everybody, last)]
    by_group: dict[str, Counter[str]] = {}
    for reporter, state in answered:
        by_group.setdefault(reporter.group, Counter())[state] += 1
    total = Counter(state for _reporter, state in answered)
    return Effort(
        expected=len(answered),
        reported=total[REPORTED],
        nothing=total[NOTHING],
        silent=total[SILENT],
        weeks=weeks,
        groups=tuple(
            Answers(name=name, reported=n[REPORTED], nothing=n[NOTHING], silent=n[SILENT])
            for name, n in by_group.items()
        ),
        silent_list=tuple(_silent(reporter) for reporter, state in answered if state == SILENT),
        before=_before(heard, _on(everybody, before), range(first.index - weeks, first.index)),
        late=_late(heard, span),
    )


def _silent(reporter: Reporter) -> Silent:
    seat = reporter.membership
    return Silent(
        seat=reporter.membership_id,
        reporter=str(reporter.public_id),
        seat_id=str(seat.public_id),
        name=seat.organisation.name,
        function=seat.function,
        substitute=bool(seat.substitute_id),
    )


def _before(heard: Heard, expected: list[Reporter], weeks: range) -> Before:
    told = Counter(heard.state(reporter, weeks) for reporter in expected)
    return Before(expected=len(expected), reported=told[REPORTED], nothing=told[NOTHING], silent=told[SILENT])


def _late(heard: Heard, weeks: range) -> Late:
    """How many of the cycle's reports came when it was over, and how many in a hundred usually do (None: too few)."""
    late, reports = (sum(counts[w] for w in weeks) for counts in (heard.late, heard.reports))
    usual, of = heard.late.total() - late, heard.reports.total() - reports
    return Late(late=late, reports=reports, usually=round(100 * usual / of) if of >= LATE_FEWEST else None)
