"""Two locked weeks, and the week to go through on Monday with its priorities."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from samverkan.domain.measures.api import Problem
from samverkan.domain.picture.api import facts
from samverkan.foundation import jobs

from . import alarms, cycles, services

#: Weeks back, the assessment and what was decided.
_LOCKED = (
    (
        2,
        "En vanlig vecka. Störningarna i centrum följer lönehelgen.",
        "Vakterna går en runda till genom centrum sena kvällar",
    ),
    (
        1,
        "Mer än vanligt i Centrum. Gruppen vid Österskolan har blivit större.",
        "Fältgruppen är vid Österskolan på rasterna",
    ),
)


def load(context: Any) -> None:
    """The coordinator's latest weeks: two locked, one to go through."""
    facts.refresh()
    actor = context.actor("samordnare")
    present = cycles.reported_week(context.today)
    problems = {p.title: p for p in Problem.objects.select_related("place")}
    for back, text, decided in _LOCKED:
        row = services.open_week(actor, week=present.plus(-back))
        row = services.judge(actor, week=row, version=row.version, text=text)
        for problem in list(problems.values())[back : back + 1]:
            if problem.place:
                services.put_first(
                    actor, week=row, place=problem.place, problem=problem, why="Återkommer vecka efter vecka."
                )
        services.decide(actor, week=row, text=decided, due_on=context.today - timedelta(days=7 * back - 5))
        row.refresh_from_db()
        services.freeze(actor, week=row, version=row.version)
    services.open_week(actor, week=present)
    # The search carries a compiler and takes seconds: the worker does it after the start.
    jobs.defer(alarms.search_week, unique=f"est.search.{present.index}", week=present.index)
