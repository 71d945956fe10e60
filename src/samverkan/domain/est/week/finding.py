"""Weeks and what they decided in the search box."""

from __future__ import annotations

import re

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samverkan.foundation.access import Actor
from samverkan.foundation.postgres.functions import holding
from samverkan.foundation.registries import Hit
from samverkan.foundation.text import rank, shortened
from samverkan.foundation.web.dates import week_words
from samverkan.foundation.weeks import Week

from ..models import Decision, Edition, EstWeek, Priority

#: "vecka 47", "v. 47 2026", "2026-W47", "47".
_WRITTEN = re.compile(
    r"(?:(?P<before>\d{4})[- ]?)?(?:vecka|veckan|week|v\.?|w)? ?(?P<number>\d{1,2})(?:,? (?P<after>\d{4}))?"
)
MOST = 10
SHORTENED = 120


def weeks(actor: Actor, text: str) -> list[Hit]:
    """Weeks by number, the latest first: locked ones, and those under way for who works with them."""
    asked = _WRITTEN.fullmatch(text)
    if asked is None:
        return []
    numbers, year = int(asked["number"]), asked["before"] or asked["after"]
    locked = {
        Week.from_index(first)
        for first in Edition.objects.visible_to(actor).values_list("week__first", flat=True).distinct()
    }
    open_ = {Week.from_index(first) for first in EstWeek.objects.visible_to(actor).values_list("first", flat=True)}
    if not actor.may("est.week"):
        open_ = set()
    found = [w for w in locked | open_ if w.number == numbers and (year is None or w.year == int(year))]
    language = get_language() or "sv"
    return [
        Hit(
            week_words(week, language),
            reverse("est_edition" if week in locked else "est_week", args=[str(week)]),
            _("Locked") if week in locked else _("Under way"),
            order,
        )
        for order, week in enumerate(sorted(found, reverse=True)[:MOST])
    ]


def decisions(actor: Actor, text: str) -> list[Hit]:
    """Decisions and priorities of the weekly meetings that hold the text, the latest first."""
    if not actor.may("est.week"):
        return []
    language = get_language() or "sv"
    rows: list[tuple[Week, str, str]] = []
    for model, field in ((Decision, "text"), (Priority, "why")):
        found = model.objects.visible_to(actor).filter(holding(text, field)).select_related("week")
        for row in found.order_by("-week__first", "order", "pk")[:MOST]:
            rows.append((Week.from_index(row.week.first), getattr(row, field), str(model._meta.verbose_name)))
    rows.sort(key=lambda row: (rank(text, row[1]), -row[0].index))
    return [
        Hit(
            shortened(words, SHORTENED),
            reverse("est_week", args=[str(week)]),
            f"{kind}, {week_words(week, language)}",
            order,
        )
        for order, (week, words, kind) in enumerate(rows[:MOST])
    ]
