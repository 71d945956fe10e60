"""How many of those expected to report did so. Silence is not calm."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Q, Value

from samverkan.foundation.weeks import Week

from ..models import NothingToReport, Report, Reporter, ReportState

REPORTED, NOTHING, SILENT = "reported", "nothing", "silent"


def expected(day: date) -> list[Reporter]:
    """Seats expected to report on a day, by group."""
    return list(
        Reporter.objects.filter(Q(from_on__lte=day), Q(until_on__isnull=True) | Q(until_on__gt=day))
        .select_related("membership__organisation", "membership__person", "membership__substitute__person")
        .order_by("group", "membership__organisation__name", "pk")
    )


def _heard(low: int, high: int) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Week index → seats that reported, and seats that said that there was nothing. One query."""
    reported: dict[int, set[int]] = defaultdict(set)
    nothing: dict[int, set[int]] = defaultdict(set)
    told = Report.objects.exclude(state=ReportState.DRAFT).filter(week__gte=low, week__lt=high)
    silent = NothingToReport.objects.filter(week__gte=low, week__lt=high)
    both = told.values_list("week", "membership_id", Value(True)).union(
        silent.values_list("week", "membership_id", Value(False))
    )
    for week, seat, something in both:
        (reported if something else nothing)[week].add(seat)
    return reported, nothing


def _state(reporter: Reporter, reported: set[int], nothing: set[int]) -> str:
    """A substitute's answer counts for the seat. A withdrawn report is no answer."""
    seats = {reporter.membership_id, reporter.membership.substitute_id}
    return REPORTED if seats & reported else NOTHING if seats & nothing else SILENT


def answers(first: Week, weeks: int) -> list[tuple[Reporter, str]]:
    """Those expected in a cycle, by group, each with reported, nothing or silent. Two queries."""
    reported, nothing = _heard(first.index, first.index + weeks)
    seats = set().union(*reported.values()), set().union(*nothing.values())
    return [(reporter, _state(reporter, *seats)) for reporter in expected(first.plus(weeks - 1).sunday)]


def states(first: Week, weeks: int) -> dict[int, str]:
    """Seat → reported, nothing or silent, for the seats expected in a cycle."""
    return {reporter.membership_id: state for reporter, state in answers(first, weeks)}


def of_week(first: Week, weeks: int) -> dict[str, Any]:
    """Numbers for a cycle, in all and by group, and who is silent (organisations, not persons)."""
    groups: dict[str, dict[str, Any]] = {}
    silent = []
    for reporter, state in answers(first, weeks):
        group = groups.setdefault(reporter.group, {"name": reporter.group, REPORTED: 0, NOTHING: 0, SILENT: 0})
        group[state] += 1
        if state == SILENT:
            silent.append(
                {
                    "seat": reporter.membership_id,
                    "reporter": str(reporter.public_id),
                    "seat_id": str(reporter.membership.public_id),
                    "name": reporter.membership.organisation.name,
                    "function": reporter.membership.function,
                    "substitute": bool(reporter.membership.substitute_id),
                }
            )
    totals = {name: sum(g[name] for g in groups.values()) for name in (REPORTED, NOTHING, SILENT)}
    return {"expected": sum(totals.values()), **totals, "groups": list(groups.values()), "silent_list": silent}


def history(last: Week, cycles: int) -> list[dict[str, int]]:
    """Answers per week for the latest weeks, so that a change in reports can be told from a change in reporting.

    Two queries however many weeks.
    """
    first = last.plus(1 - cycles)
    reported, nothing = _heard(first.index, last.index + 1)
    everybody = list(
        Reporter.objects.filter(Q(until_on__isnull=True) | Q(until_on__gt=first.sunday), from_on__lte=last.sunday).select_related(
            "membership"
        )
    )
    out = []
    for index in range(first.index, last.index + 1):
        day = Week.from_index(index).sunday
        mine = [r for r in everybody if r.from_on <= day and (r.until_on is None or r.until_on > day)]
        answered = sum(_state(r, reported[index], nothing[index]) != SILENT for r in mine)
        out.append({"week": index, "expected": len(mine), "answered": answered})
    return out
