"""What a week tells everybody is looked through for personal data: when it is written, and all of it before the lock."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Incident
from samverkan.domain.measures.api import Measure
from samverkan.foundation import marks
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.weeks import Week

from ..models import Decision, Edition, EditionTakenOut, EstWeek, Priority


def _week(row: EstWeek) -> tuple[str, str]:
    week = Week.from_index(row.first)
    return _("Week %(week)s") % {"week": week.number}, reverse("est_week", args=[str(week)])


def _of_week(row: Decision | Priority | Edition) -> tuple[str, str]:
    return _week(row.week)


def _of_edition(row: EditionTakenOut) -> tuple[str, str]:
    return _week(row.edition.week)


def ready() -> None:
    """Name the texts, and those that are looked through elsewhere or hold nobody's words."""
    marks.fields.add("est.EstWeek", "judgement", needs="est.lead", at=_week)
    marks.fields.add("est.Priority", "why", needs="est.lead", at=_of_week)
    marks.fields.add("est.Decision", "text", needs="est.lead", at=_of_week)
    marks.fields.add("est.Edition", "corrects", needs="est.lead", at=_of_week)
    marks.fields.add("est.EditionTakenOut", "reason", needs="est.take_out", at=_of_edition)
    marks.fields.leave("est.Edition", "sha256", why="A fingerprint. The content was looked through before the lock.")
    reviewed = "Seen by the one who reported and those who review, who answer for its marks (reporting/review.py)."
    marks.fields.leave("est.Report", "text", "sent_back_because", "answer", why=reviewed)
    marks.fields.leave("est.Reporter", "group", why="How reporters are grouped: schools, housing companies.")


def told_by(week: EstWeek) -> list[Model]:
    """Every row whose texts the locked week would tell, each once."""
    from . import building

    last = week.last_week
    rows: list[Model] = [week]
    told = Measure.objects.filter(public_id__in={measure.id for measure in building.measures(SYSTEM, last)})
    if week.pk:
        priorities = list(week.priorities.select_related("problem").prefetch_related("problem__causes"))
        decisions = list(week.decisions.select_related("measure"))
        problems = {p.problem.pk: p.problem for p in priorities if p.problem}
        rows += [*priorities, *problems.values(), *decisions]
        rows += [cause for problem in problems.values() for cause in problem.causes.all()]
        told |= Measure.objects.filter(pk__in=[d.measure_id for d in decisions if d.measure_id])
    found = {measure.pk: measure for measure in told.prefetch_related("causes__problem")}
    rows += found.values()
    rows += [cause for measure in found.values() for cause in measure.causes.all()]
    rows += Incident.objects.filter(public_id__in=[d.id for d in building.developments(SYSTEM, last)])
    return list({(row._meta.label, row.pk): row for row in rows}.values())


def unanswered_marks(week: EstWeek) -> list[marks.Unanswered]:
    """Marks in all that the locked week would tell that nobody has answered for. The lock stops until there are none."""
    return marks.unanswered(told_by(week))
