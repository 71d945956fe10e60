"""What can be read about measures that were judged and patterns that were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from samverkan.domain.measures.api import Measure
from samverkan.foundation.access import Actor, require

from ..models import ComparisonChoice, Insight, MeasureEvaluation
from . import services, sites

#: So many grounds to compare with are offered; the nearest in level and those already chosen.
_OFFERED = 12


@dataclass(frozen=True)
class Offer:
    """One ground that can be chosen: its level in the two years before, and why one should think twice."""

    key: str
    name: str
    level: int
    busy: bool
    chosen: bool


@dataclass(frozen=True)
class Judged:
    """The latest that can be said of a measure. ``stored`` is None when it was counted for this page only."""

    measure: Measure
    stored: MeasureEvaluation | None
    choice: ComparisonChoice | None
    result: dict[str, Any] | None
    categories: list[str]
    offers: list[Offer]


def latest(actor: Actor, measure: Measure) -> MeasureEvaluation | None:
    """The latest stored evaluation, with who chose the comparison."""
    require(actor, services.NEEDS)
    return (
        MeasureEvaluation.objects.visible_to(actor)
        .filter(measure=measure)
        .select_related("comparison__by")
        .order_by("-pk")
        .first()
    )


def judged(actor: Actor, measure: Measure) -> Judged:
    """The latest evaluation with what could be chosen instead; counted anew where none is stored."""
    stored = latest(actor, measure)
    ready = services.prepare(actor, measure=measure)
    # What a stored answer counted, whatever kinds the measure has been given since.
    counted: list[str] = stored.parameters.get("categories", []) if stored else ready.categories if ready else []
    if ready is None:
        return Judged(measure, stored, None, stored.result if stored else None, counted, [])
    choice = stored.comparison if stored else None
    chosen = choice.sites if choice else ready.proposed
    result = stored.result if stored else ready.judge(chosen)
    start = sites.day_number(ready.start)
    earlier = ready.events.between(start - 2 * 364, start)
    own = int((ready.site.here & earlier).sum())
    offers = [
        Offer(c.key, c.name, int((c.mask & earlier).sum()), c.busy, c.key in chosen) for c in ready.site.candidates
    ]
    offers.sort(key=lambda o: (not o.chosen, o.busy, abs(o.level - own), o.name))
    taken = sum(o.chosen for o in offers)
    return Judged(measure, stored, choice, result, counted, offers[: max(_OFFERED, taken)])


def insights(actor: Actor) -> dict[str, Insight]:
    """The latest of each kind of pattern."""
    require(actor, services.NEEDS)
    return {row.kind: row for row in Insight.objects.order_by("kind", "-week").distinct("kind")}
