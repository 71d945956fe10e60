"""What to look at before a week is locked, and what the lock tells to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samverkan.foundation.access import Actor, require
from samverkan.foundation.people.models import PRIVATE_KINDS
from samverkan.foundation.weeks import Week

from .. import policy
from ..models import EstWeek, Report, ReportState
from ..reporting.selectors import waiting
from . import effort, selectors
from .workflow import released_to

#: So many names are said at most.
_MOST_NAMED = 6


@dataclass(frozen=True)
class Check:
    """One line: whether it is as it should be, in words, and where it is mended (``reminds`` is done in place)."""

    key: str
    done: bool
    words: str
    url: str = ""
    do: str = ""
    reminds: bool = False


def checklist(actor: Actor, row: EstWeek, marked: int) -> list[Check]:
    """The lines, in the order they are mended. ``marked`` texts hold what looks like personal data, which stops the lock."""
    require(actor, "est.lead")
    week = Week.from_index(row.first)
    meeting = reverse("est_meeting", args=[week])
    decisions = selectors.decided(actor, row).here
    priorities = list(selectors.priorities(actor, row))
    return [
        _waiting(actor),
        _silent(week, row.weeks),
        _marks(marked),
        Check("judgement", True, _("The joint assessment is written."))
        if row.judgement
        else Check(
            "judgement",
            False,
            _("The joint assessment is missing."),
            f"{meeting}?steg=bedomning",
            _("Write the assessment"),
        ),
        Check(
            "priorities",
            True,
            ngettext("%(n)s place is prioritised.", "%(n)s places are prioritised.", len(priorities))
            % {"n": len(priorities)},
        )
        if priorities
        else Check(
            "priorities", False, _("No place is prioritised."), f"{meeting}?steg=bedomning", _("Prioritise a place")
        ),
        _decided(decisions, f"{meeting}?steg=beslut"),
    ]


def _waiting(actor: Actor) -> Check:
    count = waiting(actor)
    if not count:
        return Check("waiting", True, _("No reports wait for review."))
    told = ngettext(
        "%(n)s report waits for review and is in no locked week yet.",
        "%(n)s reports wait for review and are in no locked week yet.",
        count,
    )
    return Check("waiting", False, told % {"n": count}, reverse("review_queue"), _("Review them"))


def _silent(week: Week, weeks: int) -> Check:
    answers = effort.answers(week, weeks)
    names = sorted({r.membership.organisation.name for r, state in answers if state == effort.SILENT})
    silent = sum(1 for _r, state in answers if state == effort.SILENT)
    if not silent:
        return Check("silent", True, _("Everybody has answered."))
    told = ngettext(
        "%(n)s of %(of)s has not answered: %(names)s.", "%(n)s of %(of)s have not answered: %(names)s.", silent
    )
    shown = "; ".join(names[:_MOST_NAMED]) + ("; …" if len(names) > _MOST_NAMED else "")
    return Check(
        "silent",
        False,
        told % {"n": silent, "of": len(answers), "names": shown},
        f"{reverse('reporters')}?vecka={week}",
        _("See who they are"),
        reminds=True,
    )


def _marks(marked: int) -> Check:
    if not marked:
        return Check("marks", True, _("Nothing that looks like personal data is unanswered."))
    told = ngettext(
        "%(n)s text holds what looks like personal data.", "%(n)s texts hold what looks like personal data.", marked
    )
    return Check("marks", False, told % {"n": marked}, "#markerat", _("Answer for each"))


def _decided(decisions: list[Any], url: str) -> Check:
    nobody = [d.text for d in decisions if d.responsible_id is None]
    if not decisions:
        return Check("decisions", True, _("No decisions are noted."))
    if not nobody:
        return Check("decisions", True, _("Every decision has somebody responsible."))
    told = ngettext(
        "%(n)s decision has nobody responsible: %(texts)s",
        "%(n)s decisions have nobody responsible: %(texts)s",
        len(nobody),
    )
    return Check("decisions", False, told % {"n": len(nobody), "texts": "; ".join(nobody)}, url, _("See the decisions"))


@dataclass(frozen=True)
class Told:
    """How many persons the lock tells, of them who sees every count, and how many reports close with it."""

    everybody: int
    exact: int
    reports: int

    @property
    def others(self) -> int:
        return self.everybody - self.exact


def told(actor: Actor, row: EstWeek) -> Told:
    """What the lock does for others, counted before it is done."""
    require(actor, "est.lead")
    rows = released_to(actor).values_list("person_id", "role", "organisation__kind")
    people = {person for person, _role, _kind in rows}
    # Those who put the week together see every count, but for private bodies (article 10 GDPR).
    lead = policy.PERMISSIONS["est.week"]
    seeing = len({person for person, role, kind in rows if role in lead and kind not in PRIVATE_KINDS})
    closing = Report.objects.filter(state=ReportState.IN_WEEK, week__gte=row.first, week__lt=row.first + row.weeks)
    return Told(len(people), seeing, closing.count())
