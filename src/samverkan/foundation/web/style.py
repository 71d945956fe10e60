"""What the style page shows: every part in all its states, all of it invented."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import clock
from ..registries import RailGroup, RailItem
from ..weeks import Week
from . import notices, samples
from .charts import HIDDEN, MISSING, Column, Table
from .forms import DateField, FilterForm, NumberField
from .maps import to_geojson

_TONES = [
    (gettext_lazy("Done"), "success"),
    (gettext_lazy("Ongoing"), "accent"),
    (gettext_lazy("Overdue"), "warning"),
    (gettext_lazy("Cannot receive"), "danger"),
    (gettext_lazy("Today"), ""),
]


class SampleForm(forms.Form):
    """One field of each kind."""

    where = forms.CharField(label=gettext_lazy("Where?"), help_text=gettext_lazy("An address or a place that people know."))
    day = DateField(label=gettext_lazy("Date"), help_text=gettext_lazy("For example 2026-11-30."))
    hours = NumberField(label=gettext_lazy("Hours promised"), required=False)
    what = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=[("a", gettext_lazy("Vandalism")), ("b", gettext_lazy("Disturbance")), ("c", gettext_lazy("Unsafe place")), ("d", gettext_lazy("Drugs"))],
        widget=forms.RadioSelect(attrs={"data-look": "two"}),
    )
    change = forms.ChoiceField(
        label=gettext_lazy("Compared with before"),
        choices=[("n", gettext_lazy("New")), ("u", gettext_lazy("Same")), ("w", gettext_lazy("Worse")), ("b", gettext_lazy("Better"))],
        widget=forms.RadioSelect(attrs={"data-look": "segments"}),
    )
    seen_by = forms.MultipleChoiceField(
        label=gettext_lazy("Who has seen it?"),
        choices=[("s", gettext_lazy("The school")), ("g", gettext_lazy("The guards"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    area = forms.ChoiceField(label=gettext_lazy("Area"), choices=[("", "–"), ("c", "Centrum"), ("n", "Norr")], required=False)
    text = forms.CharField(
        label=gettext_lazy("Describe briefly"),
        help_text=gettext_lazy("Write about the place and what happened. Do not write names, identity numbers or registration numbers."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    photo = forms.FileField(label=gettext_lazy("Photo"), required=False)
    agree = forms.BooleanField(label=gettext_lazy("I have read what happens with the report"))


class SampleFilters(FilterForm):
    kategori = forms.ChoiceField(label=gettext_lazy("Category"), choices=[("", gettext_lazy("all")), ("v", gettext_lazy("Vandalism"))], required=False)
    omrade = forms.MultipleChoiceField(
        label=gettext_lazy("Area"), choices=[("c", "Centrum"), ("n", "Norr"), ("s", "Söder")], required=False, widget=forms.CheckboxSelectMultiple
    )
    fran = DateField(label=gettext_lazy("From"), required=False)


def _measures() -> Table:
    columns = [Column(_("Measure")), Column(_("Responsible")), Column(_("Reports"), numeric=True), Column(_("Change (%)"), numeric=True)]
    rows = [
        [_("Lighting in the tunnel"), _("Technical office"), 57, -24],
        [_("Rounds at the square"), _("Police"), 1204, 3.5],
        [_("New locks"), _("Housing company"), HIDDEN, MISSING],
    ]
    return Table(_("Measures with the most reports"), columns, rows, [_("Whole municipality"), "–", 1264, MISSING])


def _navigation(few: bool) -> list[RailGroup]:
    """The rail as a coordinator has it, or as few entries as a reporter has."""

    def item(label: str, count: int = 0, current: bool = False) -> RailItem:
        return RailItem(label, label, "/stil/", count, current)

    if few:
        return [RailGroup("", [item(_("Report"), current=True), item(_("My reports")), item(_("The week"))])]
    return [
        RailGroup(_("The week"), [item(_("Monday")), item(_("Review"), 4), item(_("Picture"), current=True), item(_("Weekly meeting"))]),
        RailGroup(_("The work"), [item(_("Measures"), 2), item(_("Action plan"))]),
    ]


def context(request: HttpRequest, week_text: str = "") -> dict[str, Any]:
    """Everything the page needs. Posting validates the sample form; ``?besked`` shows the messages."""
    if request.GET.get("besked"):
        notices.done(request, _("The change is saved."), undo="/stil/")
        notices.warn(request, _("17 rows are imported. 3 rows need to be mended."))
    few = request.GET.get("rad") == "kort"
    sample = SampleForm(request.POST if request.method == "POST" else None)
    try:
        week = Week.parse(week_text) if week_text else Week.current()
    except ValueError as error:
        raise Http404 from error
    return {
        "form": sample if sample.is_bound else None,
        "sample": sample,
        "filters": SampleFilters(request.GET if set(request.GET) & set(SampleFilters.base_fields) else None),
        "tones": _TONES,
        "measures": _measures(),
        "page_obj": Paginator(range(1204), 50).get_page(request.GET.get("sida")),
        "week": week,
        "tab_entries": [(_("Tree"), "#trad", True), (_("Table"), "#tabell", False), (_("Timeline"), "#tidslinje", False)],
        "line": samples.weeks_chart(),
        "bars": samples.category_chart(),
        "heat": samples.heat_chart(),
        "heat_merged": samples.heat_chart(suppressed=True),
        "interval": samples.interval_chart(),
        "spark": samples.sparkline("spark-a"),
        "spark_calm": samples.sparkline("spark-b", stands_out=False),
        "town": samples.town(),
        "town_partner": samples.town(suppressed=True),
        "now": clock.now(),
        "navigation": _navigation(few),
    }


def town_geojson(suppressed: bool) -> dict[str, Any]:
    """The invented town's layers, laid out on the globe where nothing is."""
    metres_per_degree = 111_320.0

    def to_lonlat(points: Any) -> Any:
        xy = np.asarray(points, dtype=float)
        return np.column_stack([17 + xy[:, 0] / (metres_per_degree * math.cos(math.radians(58))), 58 + xy[:, 1] / metres_per_degree])

    return to_geojson(samples.town(suppressed), to_lonlat)
