"""From who asks and what is asked to the answer: the one way to the counts.

Pages, files, the programs' interface, documents, saved views and commands all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Incident
from samverkan.domain.places.api import home_municipality
from samverkan.foundation import clock, municipality
from samverkan.foundation.access import Actor, require
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.weeks import Week

from . import dimensions, filters, released, selectors
from .answer import Picture
from .dimensions import Dimensions
from .filters import Filter
from .suppression import PERIOD_WEEKS

#: A question, or an address's parameters that say one.
Question = Filter | Mapping[str, Any]
#: The role that stands for those who see small counts hidden.
PARTNER = "est_reporter"


def ask(actor: Actor, question: Question, *, nearest: bool = False, releasing: Week | None = None) -> Picture:
    """The answer to a question for an actor. Raises Refused for who may not see the picture.

    Raises Refusal for what cannot be read, for unknown names, and for what may not be asked where small counts are
    hidden. With ``nearest``, as for a person at a page, nothing of that is refused: what nobody said is asked by
    default, and answered is the nearest question that may be asked; the picture says what was changed or wrong.

    ``releasing`` is the last week of a cycle that is being released, and so may be shown before it is.
    """
    require(actor, "picture.view")
    names, problem = dimensions.load(), None
    try:
        wanted = names.canonical(_said(actor, question, by_default=nearest))
    except Refusal as refusal:
        if not nearest:
            raise
        wanted, problem = names.canonical(_by_default(actor, Filter())), refusal
    if exact(actor):
        return Picture(actor, wanted, names, problem=problem)
    ground = default_cover()
    wanted = replace(wanted, cover=wanted.cover or ground)
    shown = released.weeks(releasing, wanted.first_week)
    fitted, notes = _coarsened(wanted, names, ground, shown.last)
    if fitted != wanted and not nearest:
        raise Refusal(" ".join(notes), code="suppressed")
    return Picture(actor, fitted, names, released=shown, notes=notes, problem=problem)


def _said(actor: Actor, question: Question, *, by_default: bool) -> Filter:
    filter_ = question if isinstance(question, Filter) else filters.parse(question)
    return _by_default(actor, filter_) if by_default else _latest(actor, filter_)


def _latest(actor: Actor, filter_: Filter) -> Filter:
    """As many of the latest weeks as are asked for: of the finished, or where small counts are hidden the released."""
    if not filter_.weeks:
        return filter_
    return filters.latest(filter_, Week.current().plus(-1) if exact(actor) else Week.from_index(released.last_week()))


def _coarsened(filter_: Filter, names: Dimensions, ground: str, released_to: int) -> tuple[Filter, list[str]]:
    """The nearest question where small counts are hidden, and in words what had to be changed.

    Answered are whole released weeks, main categories and fixed areas.
    """
    notes: list[str] = []
    plain = replace(filter_, text="", seriousness=(), observations=(), organisation=None, precisions=())
    if plain != filter_:
        notes.append(
            _(
                "Text, seriousness, observation, organisation and certainty of place cannot be chosen where small counts are hidden."
            )
        )
    if plain.municipalities:
        notes.append(_("Municipality cannot be chosen where small counts are hidden: places are shown by area."))
        plain = replace(plain, municipalities=())
    if not plain.is_whole_weeks:
        plain = replace(
            plain,
            first=plain.first_week.monday if plain.first_week else None,
            last=plain.last_week.sunday if plain.last_week else None,
        )
        notes.append(_("The period is widened to whole weeks."))
    # One ground for all counts: of two, the difference would show small counts elsewhere.
    if plain.cover not in ({ground} if ground else {"", "all"}):
        if plain.cover:
            notes.append(_("Which municipalities are counted cannot be chosen where small counts are hidden."))
        plain = replace(plain, cover=ground)
    last = Week.from_index(released_to)
    if (plain.last_week and plain.last_week > last) or (plain.first_week and plain.first_week > last):
        first = plain.first_week if plain.first_week and plain.first_week <= last else last
        plain = replace(plain, first=first.monday if plain.first else None, last=last.sunday)
        notes.append(
            _("Only finished weeks are shown.")
            if last.plus(1) == Week.current()
            else _("Only weeks that have been gone through are shown.")
        )
    if plain.categories:
        mains = names.main_keys(plain.categories)
        wanted = tuple(names.category.groups[n].key for n in names.category.find(plain.categories))
        if set(mains) != set(wanted):
            notes.append(_("Sub categories are shown as their main category."))
            plain = replace(plain, categories=mains)
    return plain, notes


@dataclass(frozen=True)
class Listed:
    """The incidents of a question one by one, the question with keys for names, and what was wrong with it."""

    rows: QuerySet[Incident]
    filter: Filter
    names: Dimensions
    problem: Refusal | None = None
    #: One's own, and all for who reads all, may be asked for in any way.
    exact: bool = True


def ask_one_by_one(actor: Actor, question: Question) -> Listed:
    """The incidents that are meant: all for who may read them, else those of one's own organisation.

    What nobody said is asked by default. What cannot be answered is kept as ``problem``, and nothing is asked.
    """
    names, problem = dimensions.load(), None
    try:
        wanted = question if isinstance(question, Filter) else filters.parse(question)
        wanted = filters.with_default_period(wanted, clock.today())
        if actor.may("incidents.view"):  # one's own are never left out
            wanted = covering(wanted)
        wanted = names.canonical(wanted)
    except Refusal as refusal:
        wanted, problem = filters.with_default_period(Filter(), clock.today()), refusal
    return Listed(selectors.incidents(actor, wanted, names), wanted, names, problem)


def exact(actor: Actor) -> bool:
    """Whether the actor sees small counts."""
    return actor.may("picture.exact")


def as_partner(actor: Actor) -> Actor:
    """The same person as if on a seat that sees small counts hidden."""
    return replace(actor, role=PARTNER, all_permissions=False) if exact(actor) else actor


def default_cover() -> str:
    """What the week and the picture count when nobody has said: "home", or empty for every municipality."""
    return "home" if municipality.get("picture.cover") == "home" and home_municipality() else ""


def covering(filter_: Filter) -> Filter:
    """The filter with the municipality's default, unless it says itself which municipalities are counted."""
    if filter_.cover or filter_.municipalities:
        return filter_
    return replace(filter_, cover=default_cover())


def _by_default(actor: Actor, filter_: Filter) -> Filter:
    """With a period and with the municipalities that are counted, where nobody has said.

    Four weeks; where small counts are hidden the latest fixed period, which shows most.
    """
    filter_ = _latest(actor, filter_)
    if exact(actor):
        return covering(filters.with_default_period(filter_, clock.today()))
    if not filter_.first and not filter_.last:
        after = Week.from_index(released.last_week() + 1).monday
        filter_ = filter_.over(*filters.latest_fixed_period(after, PERIOD_WEEKS))
    return covering(filter_)
