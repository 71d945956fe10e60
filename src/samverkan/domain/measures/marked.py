"""Texts of problems and measures, which everybody who takes part reads, are looked through for personal data."""

from __future__ import annotations

from django.urls import reverse

from samverkan.foundation import marks

from .models import Cause, CooperatingActor, Measure, Problem, StatusChange


def _problem(row: Problem) -> tuple[str, str]:
    return row.title, reverse("problem", args=[row.public_id])


def _cause(row: Cause) -> tuple[str, str]:
    return _problem(row.problem)


def _measure(row: Measure) -> tuple[str, str]:
    return row.title, reverse("measure", args=[row.public_id])


def _of_measure(row: CooperatingActor | StatusChange) -> tuple[str, str]:
    return _measure(row.measure)


def ready() -> None:
    """Name the texts."""
    marks.fields.add("measures.Problem", "title", "description", needs="measures.manage", at=_problem)
    marks.fields.add("measures.Cause", "text", needs="measures.manage", at=_cause)
    marks.fields.add("measures.Measure", "title", "why", "effect", needs="measures.manage", at=_measure)
    marks.fields.add("measures.CooperatingActor", "contribution", needs="measures.manage", at=_of_measure)
    marks.fields.add("measures.StatusChange", "note", needs="measures.manage", at=_of_measure)
