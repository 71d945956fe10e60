"""Places that may come first: where the week's unusual patterns are, and what is known to recur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from samverkan.domain.measures.api import Problem
from samverkan.domain.places.api import Area, Place, area_at
from samverkan.foundation.access import Actor

from ..models import EstWeek
from . import patterns as found_patterns
from . import selectors
from .content import Pattern
from .documents import words

#: So many known problems are proposed at most, beside the patterns.
_MOST_PROBLEMS = 4


@dataclass(frozen=True)
class Proposal:
    """One place or area, why it may come first, and the problem known there. ``key`` is lasting for the week."""

    key: str
    where: str
    why: str
    place: Place | None
    area: Area | None
    problem: Problem | None


def proposals(actor: Actor, row: EstWeek, patterns: Sequence[Pattern]) -> list[Proposal]:
    """The patterns first, then open problems, the newest first; without what the week puts first already."""
    present = list(selectors.priorities(actor, row))
    places = {p.place_id for p in present if p.place_id}
    problems_taken = {p.problem_id for p in present if p.problem_id}
    rows = Problem.objects.visible_to(actor).filter(closed_on__isnull=True).select_related("place__area", "area")
    problems = {p.public_id: p for p in rows.order_by("-created_at", "-pk")}
    found: list[Proposal] = []
    for number, (one, told) in enumerate(zip(patterns, found_patterns.known(actor, patterns), strict=True), 1):
        known = problems.get(told.id) if told else None
        place = known.place if known and known.place else found_patterns.place_of(actor, one)
        area = None if place else area_at(*one.circle[:2])
        taken = (place is not None and place.pk in places) or (known is not None and known.pk in problems_taken)
        if taken or (place is None and area is None):
            continue
        where = place.name if place else one.where
        found.append(Proposal(f"m{number}", where, words.pattern(one), place, area, known))
        places |= {place.pk} if place else set()
        problems_taken |= {known.pk} if known else set()
    for problem in problems.values():
        if len(found) >= len(patterns) + _MOST_PROBLEMS:
            break
        if problem.pk in problems_taken or (problem.place_id and problem.place_id in places):
            continue
        at = problem.place or problem.area
        if at is not None:
            why = _("Known problem: %(title)s.") % {"title": problem.title.rstrip(".")}
            found.append(Proposal(f"p{problem.pk}", at.name, why, problem.place, problem.area, problem))
    return found
