"""How many of those expected to report did so. Silence is not calm."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from samverkan.foundation.weeks import Week

from ..models import NothingToReport, Report, Reporter, ReportState


def expected(day: date) -> list[Reporter]:
    """Seats expected to report on a day, by group."""
    return list(
        Reporter.objects.filter(Q(from_on__lte=day), Q(until_on__isnull=True) | Q(until_on__gt=day))
        .select_related("membership__organisation", "membership__person", "membership__substitute__person")
        .order_by("group", "membership__organisation__name", "pk")
    )


def states(first: Week, weeks: int) -> dict[int, str]:
    """Seat → reported, nothing or silent, for the seats expected in a cycle.

    A report by any seat of the same organisation counts for the seat that is expected.
    """
    low, high = first.index, first.index + weeks
    reported = set(
        Report.objects.exclude(state=ReportState.DRAFT).filter(week__gte=low, week__lt=high).values_list("membership_id", "organisation_id")
    )
    seats = {seat for seat, _organisation in reported}
    nothing = set(NothingToReport.objects.filter(week__gte=low, week__lt=high).values_list("membership_id", flat=True))
    out = {}
    for reporter in expected(first.plus(weeks - 1).sunday):
        seat = reporter.membership_id
        substitute = reporter.membership.substitute_id
        if seat in seats or substitute in seats:
            out[seat] = "reported"
        elif seat in nothing or substitute in nothing:
            out[seat] = "nothing"
        else:
            out[seat] = "silent"
    return out


def of_week(first: Week, weeks: int) -> dict[str, Any]:
    """Numbers for a cycle, in all and by group, and who is silent (organisations, not persons)."""
    found = states(first, weeks)
    groups: dict[str, dict[str, Any]] = {}
    silent = []
    for reporter in expected(first.plus(weeks - 1).sunday):
        state = found.get(reporter.membership_id, "silent")
        group = groups.setdefault(reporter.group, {"name": reporter.group, "reported": 0, "nothing": 0, "silent": 0})
        group[state] += 1
        if state == "silent":
            silent.append(
                {
                    "seat": reporter.membership_id,
                    "name": reporter.membership.organisation.name,
                    "function": reporter.membership.function,
                    "substitute": bool(reporter.membership.substitute_id),
                }
            )
    totals = {name: sum(g[name] for g in groups.values()) for name in ("reported", "nothing", "silent")}
    return {"expected": sum(totals.values()), **totals, "groups": list(groups.values()), "silent_list": silent}


def history(last: Week, cycles: int) -> list[dict[str, int]]:
    """Answers per week for the latest weeks, so that a change in reports can be told from a change in reporting."""
    out = []
    for back in range(cycles - 1, -1, -1):
        week = last.plus(-back)
        answers = list(states(week, 1).values())
        out.append({"week": week.index, "expected": len(answers), "answered": sum(a != "silent" for a in answers)})
    return out
