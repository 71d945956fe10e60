"""The filter as a form of chips, in an ordinary GET form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from samverkan.domain.incidents.api import DIGESTS, Observation
from samverkan.domain.places.api import home_municipality
from samverkan.foundation.web.dates import week_table
from samverkan.foundation.web.forms import FilterForm
from samverkan.foundation.weeks import Week

from .answer import Picture
from .asking import Listed, default_cover
from .dimensions import Dimension
from .filters import Filter

_WHEN = _("A week (2026-W47) or a date (2026-11-23).")


def _text(label: Any, hint: Any = "", width: str = "10") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=False, widget=forms.TextInput(attrs={"data-width": width})
    )


class PictureFilter(FilterForm):
    """Shows what is chosen. ``typed`` is the address, shown anew where it is wrong. Reading it is ``asking``'s."""

    behind = frozenset({"kind", "municipality", "cover", "precision", "seriousness", "observation", "text"})

    def __init__(
        self,
        asked: Picture | Listed,
        typed: Mapping[str, Any],
        *,
        partner: bool = False,
    ) -> None:
        shown, names, exact, problem = asked.filter, asked.names, asked.exact, asked.problem
        super().__init__(typed if problem is not None else None, initial=_initial(shown))
        add = self.fields
        add["from"] = _text(_("From"), _WHEN)
        add["to"] = _text(_("To"), _WHEN)
        add["base"] = _text(_("Compare with"), _("Years, for example 2023-2025. Empty: the three years before."))
        # Digests are never counted; only an address that already asks for them shows them.
        parts = next((main.ids for main in names.main_category.groups if main.key == DIGESTS), frozenset())
        digests = {group.key for group in names.category.groups if group.ids & parts} - set(shown.categories)
        add["category"] = _choices(
            _("Category"), names.category if exact else names.main_category, shown.categories, without=digests
        )
        add["area"] = _choices(_("Area"), names.area, shown.areas)
        add["source"] = _choices(_("Source"), names.source, shown.sources)
        add["kind"] = _choices(_("Kind"), names.kind, shown.kinds)
        if exact and len(names.municipality.groups) > 2:
            add["municipality"] = _choices(_("Municipality"), names.municipality, shown.municipalities)
        if exact and (shown.cover or default_cover()):
            add["cover"] = forms.ChoiceField(
                label=_("Counted"),
                required=False,
                choices=[
                    ("home", _("Only %(name)s") % {"name": home_municipality()}),
                    ("all", _("Every municipality")),
                ],
            )
        if exact:
            add["precision"] = _choices(_("Certainty of place"), names.precision, shown.precisions)
            add["seriousness"] = forms.MultipleChoiceField(
                label=_("Seriousness"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[("1", _("Low")), ("2", _("Middle")), ("3", _("High"))],
            )
            add["observation"] = forms.MultipleChoiceField(
                label=_("Observed"), required=False, widget=forms.CheckboxSelectMultiple, choices=Observation.choices
            )
            add["text"] = _text(_("Words"), _("In the heading or the description."), "20")
        if partner:
            add["som"] = forms.CharField(widget=forms.HiddenInput, initial="partner")
        if problem is not None:
            self.is_valid()
            self.add_error(problem.field if problem.field in add else None, problem.message)

    def _words(self, bound: BoundField) -> str:
        value = self._value(bound)
        if bound.name == "base" and not value:
            return str(_("earlier years"))
        if bound.name in {"from", "to"} and value:
            try:
                return week_table(Week.parse(str(value)), get_language())
            except ValueError:
                return str(value)
        return super()._words(bound)


def _choices(
    label: Any, dimension: Dimension, chosen: Collection[str], without: Collection[str] = ()
) -> forms.MultipleChoiceField:
    used = [(group.key, group.name) for group in dimension.groups[1:] if group.key not in without]
    if dimension.groups[0].key:
        used.append((dimension.groups[0].key, dimension.groups[0].name))
    # What is chosen stands first, however long the list.
    used.sort(key=lambda choice: choice[0] not in chosen)
    return forms.MultipleChoiceField(label=label, required=False, choices=used, widget=forms.CheckboxSelectMultiple)


def _initial(shown: Filter) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in shown.parameters():
        if name in {"from", "to", "base", "text", "cover"}:
            values[name] = value
        else:
            values.setdefault(name, []).append(value)
    return values
