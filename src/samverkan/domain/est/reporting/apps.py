"""What reporting and review tell the rest of the house at start."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from samverkan.foundation import notify, refs, registries
from samverkan.foundation.access import Actor
from samverkan.foundation.municipality import WEEKDAYS, days, declare
from samverkan.foundation.weeks import Week


def _report(actor: Actor, public_id: UUID) -> refs.Linked | None:
    """A report is seen by its own organisation and by those who review; photos follow it."""
    from .. import policy
    from ..models import Report

    found = Report.objects.visible_to(actor).filter(public_id=public_id)
    if found.filter(policy.own_reports(actor)).exists():
        return refs.Linked(_("Report"), reverse("own_report", args=[public_id]))
    return refs.Linked(_("Report"), reverse("review_report", args=[public_id])) if found.exists() else None


def _about(actor: Actor, ids: list[UUID]) -> dict[UUID, str]:
    """Category, place and week of the reports that the actor may see."""
    from ..models import Report

    found = Report.objects.visible_to(actor).filter(public_id__in=ids).select_related("category", "place", "area")
    return {row.public_id: _in_words(row) for row in found}


def _in_words(row: Any) -> str:
    where = row.place.name if row.place else row.area.name if row.area else ""
    week = _("week %(week)s") % {"week": Week.from_index(row.week).number}
    return ", ".join(part for part in (row.category.name, where, week) if part)


def _reporter(actor: Actor, public_id: UUID) -> refs.Linked | None:
    """A reminder leads to the page where one reports."""
    return refs.Linked(_("Report"), reverse("report")) if actor.may("est.report") else None


def _demo(context: Any) -> None:
    from .demo import load

    load(context)


def ready() -> None:
    """Fill the registries."""
    from . import cast, handlers, retention, selectors, tasks  # noqa: F401 (they declare themselves)

    cast.ready()
    group = gettext_lazy("The week")
    registries.navigation.add(
        "report", pgettext_lazy("verb", "Report"), "report", {"est_reporter", "municipal_police"}, group, 12
    )
    registries.navigation.add(
        "own_reports", gettext_lazy("My reports"), "own_reports", {"est_reporter", "municipal_police"}, group, 14
    )
    registries.navigation.add(
        "review", gettext_lazy("Review"), "review_queue", {"coordinator", "reviewer"}, group, 20, selectors.waiting
    )
    registries.navigation.add("reporters", gettext_lazy("Reporters"), "reporters", {"coordinator"}, group, 36)
    registries.start_pages.add("est_reporter", "report")
    registries.start_pages.add("reviewer", "review_queue")
    refs.register("report", _report, _about)
    refs.register("est_reporter", _reporter)
    add = notify.templates.register
    add(
        "est.reminder",
        gettext_lazy("We miss the report for week {week}"),
        gettext_lazy("If you have nothing to report, one tap is enough."),
    )
    add(
        "est.accepted",
        gettext_lazy("Your report is reviewed"),
        gettext_lazy("The report is part of week {week}. See what became of it."),
    )
    add(
        "est.sent_back",
        gettext_lazy("Your report needs to be changed"),
        gettext_lazy("The reviewer has written what needs to be changed before the report can be part of week {week}."),
    )
    add(
        "est.closed",
        gettext_lazy("Your report is closed"),
        gettext_lazy("The report for week {week} is not used. Read the answer."),
    )
    declare(
        "est.reminder_weekday",
        int,
        4,
        gettext_lazy("The weekday when those who have not reported are reminded."),
        name=gettext_lazy("Day of the reminder"),
        choices=WEEKDAYS,
    )
    declare(
        "retention.raw_reports_days",
        int,
        90,
        gettext_lazy("How many days drafts and reports sent back are kept."),
        name=gettext_lazy("Drafts and reports sent back"),
        least=7,
        most=3650,
        unit=days,
        needs="settings.operate",
    )
    registries.retention_rules.add(
        "est.raw_reports",
        meaning=gettext_lazy("Drafts and reports sent back that nobody sent again"),
        ground="GDPR art. 5.1 e",
        setting="retention.raw_reports_days",
        due=retention.due,
        dispose=retention.dispose,
    )
    declare(
        "retention.waiting_reports_days",
        int,
        180,
        gettext_lazy("How many days a report waits for review before it is disposed of."),
        name=gettext_lazy("Reports that wait for review"),
        least=30,
        most=3650,
        unit=days,
        needs="settings.operate",
    )
    registries.retention_rules.add(
        "est.waiting_reports",
        meaning=gettext_lazy("Reports that nobody has reviewed"),
        ground="GDPR art. 5.1 e",
        setting="retention.waiting_reports_days",
        due=retention.waiting_due,
        dispose=retention.dispose_waiting,
    )
    registries.demo_loaders.add(50, "reports", _demo)
