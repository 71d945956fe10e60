"""What the week tells the rest of the house at start."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from samverkan.domain.picture.api import attention_told_by, released_by
from samverkan.foundation import notify, refs, registries
from samverkan.foundation.access import Actor
from samverkan.foundation.municipality import declare, group, weeks
from samverkan.foundation.web.maps import Attention
from samverkan.foundation.weeks import Week

from .. import policy
from . import finding, marked, telling


def _edition(actor: Actor, public_id: UUID) -> refs.Linked | None:
    from ..models import Edition

    rows = Edition.objects.visible_to(actor).defer("content").select_related("week")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        return None
    week = Week.from_index(found.week.first)
    return refs.Linked(
        _("Week %(week)s") % {"week": week.number}, reverse("est_edition_number", args=[str(week), found.number])
    )


def _last_released() -> int | None:
    from .selectors import last_released

    return last_released()


def _rings(first: date, last: date) -> list[Attention]:
    from .alarms import rings

    return rings(first, last)


def _demo(context: Any) -> None:
    from . import demo

    demo.load(context)


def _declare_limits() -> None:
    """From how seldom chance brings one as strong a pattern is told, and what it is called."""
    group("est", gettext_lazy("The week"), order=10)
    declare(
        "est.cycle_weeks",
        int,
        1,
        gettext_lazy("How many weeks one EST cycle lasts."),
        name=gettext_lazy("Length of an EST cycle"),
        least=1,
        most=8,
        unit=weeks,
    )
    declare(
        "est.told_weeks",
        int,
        4,
        gettext_lazy(
            "Patterns that chance alone brings more often than once in so many weeks are not told. The lower it is, the more patterns mean nothing."
        ),
        name=gettext_lazy("Patterns are told from"),
        least=1,
        most=520,
        unit=weeks,
    )
    declare(
        "est.unusual_weeks",
        int,
        12,
        gettext_lazy(
            "Patterns that chance alone brings at most once in so many weeks are called unusual, and those below it a little unusual."
        ),
        name=gettext_lazy("Unusual patterns from"),
        least=1,
        most=520,
        unit=weeks,
    )
    declare(
        "est.very_unusual_weeks",
        int,
        52,
        gettext_lazy("Patterns that chance alone brings at most once in so many weeks are called very unusual."),
        name=gettext_lazy("Very unusual patterns from"),
        least=1,
        most=520,
        unit=weeks,
    )


def ready() -> None:
    """Fill the registries."""
    lead, released = (policy.PERMISSIONS[name] for name in ("est.lead", "est.released"))
    group = gettext_lazy("The week")
    registries.navigation.add(
        "monday", pgettext_lazy("page", "Monday"), "monday", lead | {"municipal_police"}, group, 10
    )
    registries.navigation.add("meeting", pgettext_lazy("page", "Weekly meeting"), "est_this_meeting", lead, group, 33)
    registries.navigation.add(
        "weeks", gettext_lazy("The weeks"), "est_editions", released - {"administrator"}, group, 35
    )
    for role in sorted(lead | {"municipal_police"}):
        registries.start_pages.add(role, "monday")
    registries.overview.add("week", 10, telling.tell)
    refs.register("est_edition", _edition)
    registries.search_entries.add("week", finding.weeks, label=gettext_lazy("Weeks"), order=5)
    registries.search_entries.add(
        "decision", finding.decisions, label=gettext_lazy("Decisions and priorities"), order=30
    )
    released_by(_last_released)
    attention_told_by(_rings)
    notify.templates.register(
        "est.released",
        gettext_lazy("Week {week} is locked"),
        gettext_lazy("The week is locked and can be read as a page, PDF or Word document."),
    )
    notify.templates.register(
        "est.corrected",
        gettext_lazy("Week {week} has a corrected edition"),
        gettext_lazy(
            "The locked week has been corrected. The page says what was corrected, and the earlier edition can still be read."
        ),
    )
    marked.ready()
    _declare_limits()
    registries.demo_loaders.add(60, "weeks", _demo)
