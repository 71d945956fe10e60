"""Forms of the pages of places and areas."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from samverkan.foundation.web import conflict
from samverkan.foundation.web.forms import DateField, FilterForm, NumberField, offer

from .models import AreaScheme, Place, PlaceKind


class PlaceFilter(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)


class AreaFilter(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    scheme = forms.ChoiceField(label=_("Division"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = AreaScheme.objects.order_by("name").values_list("code", "name")
        offer(self, "scheme", [("", _("All")), *rows])


class PlaceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    also_called = forms.CharField(label=_("Also called"), max_length=300, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=PlaceKind.choices)
    x = NumberField(label=_("East, metres"), help_text=_("In the installation's coordinate system."))
    y = NumberField(label=_("North, metres"))
    radius_m = forms.IntegerField(label=_("How far it reaches, metres"), min_value=1, max_value=5000, initial=75)
    valid_to = DateField(label=_("Ended"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def initial_of(place: Place) -> dict[str, Any]:
    """The form's values for a place that exists."""
    names = ("name", "also_called", "kind", "x", "y", "radius_m", "valid_to", "version")
    return {name: getattr(place, name) for name in names}


def in_words(values: dict[str, Any]) -> dict[str, str]:
    """The form's values, typed or saved, in words."""
    told = {name: value for name, value in values.items() if name != "version"}
    numbers = {name: f"{float(told[name]):.10g}".replace(".", ",") for name in ("x", "y")}
    return conflict.in_words({**told, **numbers, "kind": str(PlaceKind(told["kind"]).label)})
