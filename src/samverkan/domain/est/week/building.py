"""Puts a week together, for the page and for the edition.

Counts are reports and other observations, never crime. Texts in the content are Swedish or English
by the language in which the week is put together, so that a locked week reads the same for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Incident, Kind
from samverkan.domain.measures.api import due as measures_due
from samverkan.domain.picture.api import Filter, Page, Picture, Verdict, ask, covering
from samverkan.domain.picture.api import Usual as Counted
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.editions.drawings import drawn
from samverkan.foundation.people.models import Membership
from samverkan.foundation.people.selectors import home_name
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.web.maps.draw import MOST_ATTENTION
from samverkan.foundation.weeks import Week

from ..models import EstWeek
from . import alarms, around, effort
from .content import (
    FORMAT,
    Content,
    Decided,
    Development,
    Figures,
    Group,
    MeasureDue,
    Pattern,
    Prioritised,
    Usual,
)

_MOST_DEVELOPMENTS = 12
#: The causes that a measure acts on, in their order, in one query with the measure.
_CAUSES: Any = ArrayAgg(
    "causes__text", filter=Q(causes__isnull=False), order_by=("causes__order", "causes__pk"), default=Value([])
)


def build(
    actor: Actor, row: EstWeek, *, released: bool = True, page: Page | None = None, drawn: bool = True
) -> Content:
    """The whole content of a cycle for one actor; what others may see stands under ``partners`` when ``released``.

    ``page`` is the picture of the cycle where it has been made (``picture_of``). Without ``drawn`` the map and the
    charts are left out.
    """
    first, last = row.first_week, row.last_week
    page = page or picture_of(actor, first, last)
    told = alarms.shown(last, row.weeks)
    if page is not None and told.patterns and actor.may("picture.exact"):
        told = replace(told, patterns=around.added(page, told.patterns, last))
    content = Content(
        format=FORMAT,
        week=str(first),
        weeks=row.weeks,
        begins=first.monday.isoformat(),
        ends=last.sunday.isoformat(),
        put_together_at=clock.now().isoformat(timespec="seconds"),
        judgement=row.judgement,
        effort=effort.of_week(first, row.weeks),
        figures=figures(page, last, told.patterns, with_drawings=drawn),
        alarms=told,
        developments=developments(actor, last),
        measures=measures(actor, last),
    )
    if not released:
        return content
    # What an edition and a document need beside what the pages of an open week ask for themselves.
    return content.saying(
        municipality=home_name(),
        invented=bool(Incident.objects.filter(source__is_invented=True).exists()),
        priorities=_priorities(row),
        decisions=_decisions(row),
        partners=figures(picture_of(_as_partner(actor), first, last), last),
    )


def _priorities(row: EstWeek) -> tuple[Prioritised, ...]:
    if row.pk is None:
        return ()
    rows = row.priorities.select_related("place", "area", "problem").prefetch_related("problem__causes")
    return tuple(
        Prioritised(
            where=p.place.name if p.place else p.area.name if p.area else "",
            why=p.why,
            problem=p.problem.title if p.problem else "",
            causes=tuple(c.text for c in p.problem.causes.all()) if p.problem else (),
        )
        for p in rows.order_by("order", "pk")
    )


def _decisions(row: EstWeek) -> tuple[Decided, ...]:
    if row.pk is None:
        return ()
    rows = row.decisions.select_related("responsible__organisation", "measure").order_by("order", "pk")
    return tuple(
        Decided(
            text=d.text,
            who=_who(d.responsible) if d.responsible else "",
            due=d.due_on.isoformat() if d.due_on else "",
            why=d.measure.why if d.measure else "",
            measure=bool(d.measure_id),
        )
        for d in rows
    )


def _who(seat: Membership) -> str:
    return f"{seat.function}, {seat.organisation.name}"


def _as_partner(actor: Actor) -> Actor:
    """Somebody who may not see small counts, for the figures that are released to all."""
    return Actor(None, None, actor.organisation_id, "", "est_reporter", actor.controller_id)


def _usual(base: Counted | None) -> Usual | None:
    return Usual(low=base.low, middle=base.middle, high=base.high) if base else None


def picture_of(actor: Actor, first: Week, last: Week) -> Page | None:
    """The picture of a cycle; None where small counts are hidden and it is not over."""
    if last >= Week.current() and not actor.may("picture.exact"):
        return None
    return Page(ask(actor, covering(Filter().over(first, last)), releasing=last))


def figures(page: Page | None, last: Week, patterns: Sequence[Pattern] = (), *, with_drawings: bool = True) -> Figures:
    """Counts with what is usual, the map (unusual patterns ringed) and the charts. Hidden counts are None."""
    if page is None:
        why = _("Small counts are hidden, and so the figures are shown when the week is over.")
        return Figures(shown=False, why=why)
    picture, summary = page.picture, page.summary
    found = Figures(
        shown=True,
        suppressed=summary.suppressed,
        below=summary.below,
        total=summary.total,
        usual=_usual(page.usual),
        verdict=page.verdict.value,
        last_year=picture.last_year(),
        municipality_only=summary.municipality_only,
        elsewhere=page.elsewhere,
        cover=page.cover_words,
        every=page.every_query if page.not_covered else "",
        categories=_groups(picture, page, "category", last),
        areas=_groups(picture, page, "area", last, spark=False),
        sources=_groups(picture, page, "source", last, spark=False),
        new_sources=page.new_sources,
        base_years=tuple(page.base_years),
        licences=page.sources,
    )
    if not with_drawings:
        return found
    if page.map is not None:
        rings = [alarms.ring(p.where, p.circle, p.count or 0, p.days) for p in patterns[:MOST_ATTENTION]]
        found = replace(found, map=drawn(replace(page.map, attention=rings), (736, 500), (358, 420)))
    if page.weeks is not None:
        found = replace(found, over_time=drawn(page.weeks, (640,), (358,)))
    if page.hours is not None:
        found = replace(found, hours=drawn(page.hours, (640,), (358,)))
    return found


def _groups(picture: Picture, page: Page, name: str, last: Week, *, spark: bool = True) -> tuple[Group, ...] | None:
    counts = page.summary.by.get(name)
    if counts is None:
        return None
    usual = picture.usual_by(name)
    lines = _sparks(picture, name, last) if spark else {}
    rows = []
    for count in counts:
        base = usual.get(count.key)
        verdict = page.judge(count.value, base, name, count.key)
        if count.value == 0 and name != "area" and verdict is not Verdict.FEWER:
            continue
        rows.append(
            Group(
                key=count.key,
                name=count.name,
                count=count.value,
                usual=_usual(base),
                verdict=verdict.value,
                weeks=tuple(lines.get(count.key, ())),
            )
        )
    return tuple(sorted(rows, key=lambda r: (r.count is None, -(r.count or 0), r.name)))


def _sparks(picture: Picture, name: str, last: Week) -> dict[str, list[int | None]]:
    """The latest weeks of every group, by key; counted in one pass over the figures."""
    start = max(0, last.index - around.SPARK_WEEKS + 1)
    table = picture.protected(name, start, last.index)
    groups = picture.dimension(name).groups
    out: dict[str, list[int | None]] = {}
    for week in range(start, last.index + 1):
        cells = table.cells(week, week)
        for number, group in enumerate(groups):
            out.setdefault(group.key, []).append(cells[number] if number < len(cells) else 0)
    return out


def developments(actor: Actor, last: Week) -> tuple[Development, ...]:
    """Developments that go on, the worst first."""
    order = {"worse": 0, "new": 1, "unchanged": 2, "": 3, "better": 4}
    end = last.span[1]
    rows = (
        Incident.objects.visible_to(actor)
        .filter(kind=Kind.DEVELOPMENT, started_at__lt=end)
        .filter(ended_at__isnull=True)
        .select_related("category__main", "area", "place")
        .order_by("-started_at")[:100]
    )
    found = sorted(rows, key=lambda i: order.get(i.trend, 3))[:_MOST_DEVELOPMENTS]
    return tuple(
        Development(
            id=str(i.public_id),
            title=i.title,
            category=i.category.name,
            # What is told to those who see no single incident; of what goes on in homes, nothing.
            main="" if i.category.is_home_bound else (i.category.main or i.category).name,
            where=i.place.name if i.place else i.area.name if i.area else "",
            since=str(Week.containing(i.started_at)),
            trend=i.trend,
            trend_words=i.get_trend_display() if i.trend else "",
        )
        for i in found
    )


def measures(actor: Actor, last: Week) -> tuple[MeasureDue, ...]:
    """Measures due by the end of the next week, and those to be followed up."""
    if not actor.may("measures.view"):
        return ()
    today = clock.today()
    rows = measures_due(actor, until=max(last.sunday, today) + timedelta(days=7)).annotate(cause_texts=_CAUSES)[:30]
    return tuple(
        MeasureDue(
            id=str(m.public_id),
            title=m.title,
            who=_who(m.owner),
            where=m.place.name if m.place else m.area.name if m.area else "",
            causes=tuple(m.cause_texts),
            due=m.due_on.isoformat(),
            follow_up=m.follow_up_on.isoformat() if m.follow_up_on else "",
            status=m.status,
            status_words=m.get_status_display(),
            late=m.status in ("planned", "ongoing") and m.due_on < today,
        )
        for m in rows
    )


def counted_today(actor: Actor, content: Content) -> int | None:
    """What the actor counts for a locked week today, where that is another number than it was locked with.

    Reports come late, are corrected and are taken out; the edition stays as it was. None where the two are
    the same, or one of them is not shown.
    """
    if content.figures.total is None or not actor.may("picture.view"):
        return None
    try:
        now = ask(actor, covering(Filter().over(content.first, content.last))).summary(()).total
    except Refusal:  # locked before it was over, and not yet shown to others
        return None
    return now if now != content.figures.total else None
