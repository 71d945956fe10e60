"""Two people change the same thing at once: the second sees what is saved now beside what was typed.

Nothing is thrown away and nothing is chosen for anybody: the form keeps what was typed, each field
that differs says what stands there now, and the version is renewed so that saving again is a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Model
from django.forms import BoundField
from django.template.defaultfilters import linebreaksbr
from django.utils.html import conditional_escape, format_html
from django.utils.translation import gettext as _

#: Who last changed a row and when, in words. Whoever keeps that tells it at start.
_tellers: list[Callable[[Model], str]] = []


def told_by(last_change: Callable[[Model], str]) -> None:
    """Let the page say who saved; ``last_change(row)`` answers in words, empty when it is not known."""
    _tellers[:] = [last_change]


def _who_last(row: Model) -> str:
    return next((tell(row) for tell in _tellers), "")


@dataclass(frozen=True)
class Both:
    """What the page says first: who saved when (empty when not known), and the fields that differ."""

    message: str
    who: str
    fields: list[BoundField]


def renew(form: forms.BaseForm, **hidden: object) -> None:
    """Let a bound form that met a Conflict be saved again: its hidden fields, the version above all, hold what is now."""
    data: Any = form.data
    form.data = data = data.copy()
    for name, value in hidden.items():
        data[name] = str(value)


def show_both(form: forms.BaseForm, row: Any, *, typed: Mapping[str, str], saved: Mapping[str, str]) -> Both:
    """Make a bound form that met a Conflict show both sides, and let it be saved again.

    ``row`` is the row as it is saved now, with its ``version``; ``typed`` and ``saved`` hold each field's value in
    words, made alike (:func:`in_words`); fields that stand in only one of them are not compared.
    """
    who = _who_last(row)
    renew(form, version=row.version)
    differing = [form[name] for name in form.fields if name in saved and name in typed and typed[name] != saved[name]]
    for bound in differing:
        stands = linebreaksbr(saved[bound.name], autoescape=True) if saved[bound.name] else _("nothing")
        words = format_html("<strong>{}</strong> {}", _("Saved now:"), stands)
        by = format_html(" ({})", who) if who else ""
        before = format_html("{}<br>", conditional_escape(bound.help_text)) if bound.help_text else ""
        bound.help_text = format_html("{}{}{}", before, words, by)
        form.add_error(bound.name, _("You wrote something else."))
    return Both(" ".join(str(error) for error in form.non_field_errors()), who, differing)


def in_words(values: Mapping[str, Any]) -> dict[str, str]:
    """Each value as it is shown to a person, so that what was typed and what is saved can be compared."""
    return {name: _words(value) for name, value in values.items()}


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "; ".join(sorted(_words(part) for part in value))
    return "\n".join(line.rstrip() for line in str(value).strip().splitlines())
