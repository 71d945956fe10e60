"""The form of a setting: a field that fits its type, and from which day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..web.forms import DateField
from .settings import Declared


class SettingForm(forms.Form):
    valid_from = DateField(
        label=gettext_lazy("Holds from"), help_text=gettext_lazy("Today or a later day. What has held is not changed.")
    )
    decision = forms.CharField(
        label=gettext_lazy("Decision"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Who decided it, and where that is written."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    field_order = ("value", "valid_from", "decision")

    def __init__(self, *args: Any, entry: Declared, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = _field(entry)
        self.order_fields(self.field_order)


def _field(entry: Declared) -> forms.Field:
    label = _("New value")
    if entry.choices or entry.type is bool:
        choices = entry.choices or ((True, _("Yes")), (False, _("No")))
        values = {str(value): value for value, _words in choices}
        return forms.TypedChoiceField(
            label=label, choices=choices, coerce=lambda text: values[str(text)], widget=forms.RadioSelect
        )
    if entry.type is int:
        return forms.IntegerField(
            label=label,
            min_value=entry.least,
            max_value=entry.most,
            help_text=_bounds(entry) if entry.least is not None else "",
            widget=forms.TextInput(attrs={"data-width": "4", "inputmode": "numeric"}),
            error_messages=dict.fromkeys(("invalid", "required", "min_value", "max_value"), _bounds(entry)),
        )
    return forms.CharField(label=label, max_length=300, required=False)


def _bounds(entry: Declared) -> str:
    if entry.least is not None and entry.most is not None:
        return _("Write a whole number from {least} to {most}.").format(least=entry.least, most=entry.most)
    if entry.least is not None:
        return _("Write a whole number of {least} or more.").format(least=entry.least)
    return _("Write a whole number, for example {number}.").format(number=entry.default)
