"""Judging measures: prepared by itself at the follow-up date, and anew when a person asks or chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from samverkan.domain.measures.api import Measure, Status
from samverkan.foundation import clock, notify
from samverkan.foundation.access import Actor, require
from samverkan.foundation.refs import Ref
from samverkan.foundation.web.errors import Conflict, Refusal

from ..models import ComparisonChoice, MeasureEvaluation
from . import judging, sites

NEEDS = "picture.exact"
#: Earlier than this before the start is not read: two years for the level, one for dispersion and season.
_EARLIER = timedelta(weeks=2 * 52)


@dataclass(frozen=True)
class Prepared:
    """A measure with its events and ground, ready to be judged against any choice."""

    measure: Measure
    start: date
    as_of: date
    known_from: date
    events: sites.Events
    site: sites.Site
    categories: list[str]

    @property
    def proposed(self) -> list[str]:
        return judging.proposed(self.site, self.events, sites.day_number(self.start))

    def judge(self, chosen: Sequence[str]) -> dict[str, Any]:
        """Verdict, counts and what to know beside them, as plain values."""
        answer = judging.judge(
            self.site,
            self.events,
            chosen,
            start=sites.day_number(self.start),
            as_of=sites.day_number(self.as_of),
            known_from=sites.day_number(self.known_from),
        )
        first, end = sites.day_of(answer["first"]), sites.day_of(answer["end"])
        answer["companions"] = sites.companions(self.measure, first, end)
        answer["effort"] = asdict(sites.effort(first, self.start, end)) if answer["weeks"] else None
        answer["ground"] = {
            "x": self.site.x,
            "y": self.site.y,
            "radius": self.site.radius,
            "reach": self.site.reach,
            "comparisons": [
                [c.name, c.x, c.y] for c in self.site.candidates if c.key in set(chosen) and c.x is not None
            ],
        }
        return answer

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "method": "evaluate.before_after",
            "start": self.start.isoformat(),
            "as_of": self.as_of.isoformat(),
            "known_from": self.known_from.isoformat(),
            "categories": self.categories,
            "radius_m": self.site.radius,
            "buffer_m": sites.BUFFER_METRES,
            "most_weeks": judging.MOST_WEEKS,
            "level": 0.95,
        }


def prepare(actor: Actor, *, measure: Measure, as_of: date | None = None) -> Prepared | None:
    """Read what a measure is judged on; None when it has no place or area, or has not begun, or nothing is known."""
    require(actor, NEEDS)
    as_of = as_of or clock.today()
    known = sites.first_known()
    if measure.starts_on is None or known is None:
        return None
    found = sites.categories(sites.codes_of(measure))
    events = sites.load([c.pk for c in found], measure.starts_on - _EARLIER, max(as_of, measure.starts_on))
    site = sites.site_of(measure, events)
    if site is None:
        return None
    named = [c.name_sv for c in found if c.code in sites.codes_of(measure)]
    return Prepared(measure, measure.starts_on, as_of, known, events, site, named)


def _choice(measure: Measure) -> ComparisonChoice | None:
    return ComparisonChoice.objects.filter(measure=measure).order_by("-number").first()


def _add_choice(measure: Measure, keys: Sequence[str], by: int | None) -> ComparisonChoice:
    last = _choice(measure)
    try:
        with transaction.atomic():
            return ComparisonChoice.objects.create(
                measure=measure, number=last.number + 1 if last else 1, sites=list(keys), by_id=by
            )
    except IntegrityError:
        raise Conflict from None


@transaction.atomic
def judge(
    actor: Actor, *, measure: Measure, as_of: date | None = None, prepared_for: date | None = None
) -> MeasureEvaluation:
    """Judge a measure as of a day (today), against what was last chosen, else what is proposed, and store it."""
    require(actor, NEEDS)
    ready = prepare(actor, measure=measure, as_of=as_of)
    if ready is None:
        raise Refusal(_("The measure needs a place or an area, and a day when it began."))
    choice = _choice(measure) or _add_choice(measure, ready.proposed, None)
    return _store(ready, choice, prepared_for)


def _store(ready: Prepared, choice: ComparisonChoice, prepared_for: date | None = None) -> MeasureEvaluation:
    result = ready.judge(choice.sites)
    return MeasureEvaluation.objects.create(
        measure=ready.measure,
        comparison=choice,
        as_of=ready.as_of,
        prepared_for=prepared_for,
        verdict=result["verdict"],
        parameters=ready.parameters,
        result=result,
    )


@transaction.atomic
def choose(actor: Actor, *, measure: Measure, number: int, keys: Sequence[str]) -> MeasureEvaluation:
    """Choose what a measure is compared with. ``number`` is the choice that was seen; Conflict when another came between."""
    require(actor, NEEDS)
    ready = prepare(actor, measure=measure)
    if ready is None:
        raise Refusal(_("The measure needs a place or an area, and a day when it began."))
    allowed = {c.key for c in ready.site.candidates}
    wanted = [k for k in dict.fromkeys(keys) if k in allowed]
    if not wanted:
        raise Refusal(_("Choose at least one place to compare with."), field="places")
    last = _choice(measure)
    if (last.number if last else 0) != number:
        raise Conflict
    if last is None:
        _add_choice(measure, ready.proposed, None)
    return _store(ready, _add_choice(measure, wanted, actor.membership_id))


@transaction.atomic
def undo_choice(actor: Actor, *, measure: Measure) -> MeasureEvaluation:
    """Go back to the choice before the last, as a new version of it."""
    require(actor, NEEDS)
    two = list(ComparisonChoice.objects.filter(measure=measure).order_by("-number")[:2])
    ready = prepare(actor, measure=measure)
    if len(two) < 2 or ready is None:
        raise Refusal(_("The change can no longer be undone."))
    return _store(ready, _add_choice(measure, two[1].sites, two[1].by_id))


def prepare_due(actor: Actor) -> int:
    """Judge every measure whose follow-up date has come and tell the coordinators. Returns how many."""
    require(actor, NEEDS)
    today = clock.today()
    due = (
        Measure.objects.filter(
            status__in=[Status.ONGOING, Status.DONE], follow_up_on__lte=today, starts_on__isnull=False
        )
        .select_related("problem", "place", "area")
        .order_by("pk")
    )
    made = 0
    for measure in due:
        day = measure.follow_up_on
        if day is None or MeasureEvaluation.objects.filter(measure=measure, prepared_for=day).exists():
            continue
        if not (measure.place_id or measure.area_id or measure.x is not None):
            continue
        with transaction.atomic():
            if prepare(actor, measure=measure, as_of=today) is None:
                continue
            judge(actor, measure=measure, as_of=today, prepared_for=day)
            ref = Ref("measure_evaluation", measure.public_id)
            # The one responsible is told of the follow-up by the measures, with the page that it may read.
            notify.notify(function="coordinator", ref=ref, template="picture.measure_judged")
            made += 1
    return made
