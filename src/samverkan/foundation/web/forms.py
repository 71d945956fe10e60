"""Forms in our look: label above, hint under it, what is wrong and how to mend it at the field.

Any Django form is shown with ``{% form_fields form %}`` or field by field with ``{% form_field %}``.
A widget may say how it wants to be shown with attributes that never reach the page:
``data-width`` (4, 10, 20 characters) and ``data-look`` (``segments``, ``two``, ``plain``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import clock
from .written import read_day, read_time

_BOXES = (forms.CheckboxSelectMultiple, forms.RadioSelect)


@dataclass(frozen=True)
class Choice:
    """One radio button or box of a group."""

    tag: SafeString
    label: str
    id: str


@dataclass(frozen=True)
class ShownField:
    """What the field template needs to know; made from a bound field by ``shown``."""

    bound: BoundField
    kind: str
    look: str
    width: str
    input: SafeString | None
    choices: list[Choice]
    hint_id: str
    error_id: str

    @property
    def optional(self) -> bool:
        return not self.bound.field.required and self.kind not in {"check", "hidden"}

    @property
    def described_by(self) -> str:
        """The ids of the hint and the error that there are."""
        hint, error = self.bound.help_text, self.bound.errors
        return " ".join([*([self.hint_id] if hint else []), *([self.error_id] if error else [])])

    @property
    def layout(self) -> str:
        """The classes of the choices of a group."""
        return "segments" if self.look == "segments" else "choices two" if self.look == "two" else "choices"


def shown(bound: BoundField) -> ShownField:
    """Prepare a bound field: its kind, its input with the right attributes, its ids."""
    widget = bound.field.widget
    hint_id, error_id = f"{bound.auto_id}-hint", f"{bound.auto_id}-error"
    described = " ".join([*([hint_id] if bound.help_text else []), *([error_id] if bound.errors else [])])
    attrs: dict[str, Any] = {"class": "ds-input", "aria-describedby": described or None}
    attrs["aria-invalid"] = "true" if bound.errors else None
    look, width = widget.attrs.get("data-look", ""), widget.attrs.get("data-width", "")
    attrs.update({"placeholder": None, "data-look": None, "data-width": None})
    if bound.is_hidden:
        return ShownField(bound, "hidden", look, width, bound.as_widget(), [], hint_id, error_id)
    if isinstance(widget, _BOXES):
        return ShownField(bound, "group", look, width, None, list(_choices(bound)), hint_id, error_id)
    kind = "check" if isinstance(widget, forms.CheckboxInput) else "input"
    tag = bound.as_widget(attrs={key: value if value is not None else False for key, value in attrs.items()})
    return ShownField(bound, kind, look, width, tag, [], hint_id, error_id)


def _choices(bound: BoundField) -> Iterator[Choice]:
    for part in bound.subwidgets:
        data = part.data
        data["attrs"] = {**data["attrs"], "class": "ds-input", "data-look": False, "data-width": False}
        # Each button is described by its group, so that the words are read once.
        data["attrs"].pop("aria-describedby", None)
        yield Choice(part.tag(wrap_label=False), str(part.choice_label), data["attrs"].get("id", ""))


class SuggestInput(forms.TextInput):
    """A field to write in, with suggestions that the browser narrows down by what is written."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off"} | (attrs or {}))
        self.suggested: Callable[[], list[str]] = list

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        key = f"{(attrs or {}).get('id', name)}-suggestions"
        field = super().render(name, value, {**(attrs or {}), "list": key}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((label,) for label in self.suggested()))
        return format_html('{}<datalist id="{}">{}</datalist>', field, key, options)


class DateField(forms.DateField):
    """A date as :func:`read_day` reads it, shown ``2026-11-30``, with the browser's calendar beside it."""

    def __init__(self, **kwargs: Any) -> None:
        pick = {"data-width": "10", "autocomplete": "off", "data-picks": gettext_lazy("Calendar")}
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs=pick))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = gettext_lazy("Write the date like this: 2026-11-23.")

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        found = read_day(value, clock.today())
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class TimeField(forms.TimeField):
    """A time of day as :func:`read_time` reads it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TimeInput(format="%H:%M", attrs={"data-width": "4", "inputmode": "numeric"}))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = gettext_lazy("Write the time like this: 18.30.")

    def to_python(self, value: Any) -> time | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        found = read_time(value)
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class NumberField(forms.DecimalField):
    """A number with comma or point, with or without spaces."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"data-width": "10", "inputmode": "decimal"}))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = gettext_lazy("Write a number, for example 0.5.")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = (
                value.replace("\u00a0", "")
                .replace("\u202f", "")
                .replace(" ", "")
                .replace("\u2212", "-")
                .replace(",", ".")
            )
        return super().to_python(value)


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Give a field its choices, where they are known first when the form is made."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Give a field the rows to choose from, where they are known first when the form is made."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def metres(value: Any) -> float | None:
    """A coordinate as it is kept: to a tenth of a metre; None where nothing was written."""
    return None if value is None else round(float(value), 1)


@dataclass(frozen=True)
class Chip:
    """A filter as shown: its name, its value in words, and the field that changes it."""

    label: str
    value: str
    field: BoundField
    is_set: bool
    #: The address without it, for what the present address asks for.
    without: str = ""


class FilterForm(forms.Form):
    """A GET form shown as chips. The address holds all of it, so that a view can be sent."""

    #: Fields used less often, which stand behind "More filters".
    behind: frozenset[str] = frozenset()

    def chips(self) -> list[Chip]:
        return [Chip(str(f.label), self._words(f), f, bool(self._value(f))) for f in self.visible_fields()]

    @staticmethod
    def _value(bound: BoundField) -> Any:
        value = bound.value()
        return [v for v in value if v] if isinstance(value, list) else value

    def _words(self, bound: BoundField) -> str:
        value = self._value(bound)
        if not value:
            return _("all") if isinstance(bound.field, forms.ChoiceField) else ""
        if isinstance(bound.field, forms.ChoiceField):
            names = {str(key): str(name) for key, name in _flat(bound.field.choices)}
            chosen = value if isinstance(value, list) else [value]
            words = [names.get(str(v), str(v)) for v in chosen]
            return (
                words[0]
                if len(words) == 1
                else _("%(first)s and %(number)s more") % {"first": words[0], "number": len(words) - 1}
            )
        return value.isoformat() if isinstance(value, date) else str(value)


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, name in choices:
        if isinstance(name, list | tuple):
            yield from name
        else:
            yield key, name


def first_error_count(form: forms.BaseForm) -> int:
    """How many things need changing: fields with errors, and each error of the form itself."""
    return sum(1 for name in form.errors if name != "__all__") + len(form.non_field_errors())
