"""What the style page shows: every part in all its states, all of it invented."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from django import forms
from django.http import HttpRequest
from django.utils.translation import pgettext, pgettext_lazy

from samverkan.foundation import clock
from samverkan.foundation.registries import RailGroup, RailItem
from samverkan.foundation.web import notices
from samverkan.foundation.web.charts import HIDDEN, MISSING, Cell, Column, Table
from samverkan.foundation.web.forms import DateField, FilterForm, NumberField
from samverkan.foundation.web.maps import to_geojson
from samverkan.foundation.web.pages import page_of, sent
from samverkan.foundation.weeks import Week

from . import samples

_TONES = [
    (pgettext_lazy("style", "Done"), "success"),
    (pgettext_lazy("style", "Ongoing"), "accent"),
    (pgettext_lazy("style", "Overdue"), "warning"),
    (pgettext_lazy("style", "Cannot receive"), "danger"),
    (pgettext_lazy("style", "Today"), ""),
]


class SampleForm(forms.Form):
    """One field of each kind."""

    where = forms.CharField(
        label=pgettext_lazy("style", "Where?"),
        help_text=pgettext_lazy("style", "An address or a place that people know."),
    )
    day = DateField(label=pgettext_lazy("style", "Date"), help_text=pgettext_lazy("style", "For example 2026-11-30."))
    hours = NumberField(label=pgettext_lazy("style", "Hours promised"), required=False)
    what = forms.ChoiceField(
        label=pgettext_lazy("style", "What is it about?"),
        choices=[
            ("a", pgettext_lazy("style", "Vandalism")),
            ("b", pgettext_lazy("style", "Disturbance")),
            ("c", pgettext_lazy("style", "Unsafe place")),
            ("d", pgettext_lazy("style", "Drugs")),
        ],
        widget=forms.RadioSelect(attrs={"data-look": "two"}),
    )
    change = forms.ChoiceField(
        label=pgettext_lazy("style", "Compared with before"),
        choices=[
            ("n", pgettext_lazy("style", "New")),
            ("u", pgettext_lazy("style", "Same")),
            ("w", pgettext_lazy("style", "Worse")),
            ("b", pgettext_lazy("style", "Better")),
        ],
        widget=forms.RadioSelect(attrs={"data-look": "segments"}),
    )
    seen_by = forms.MultipleChoiceField(
        label=pgettext_lazy("style", "Who has seen it?"),
        choices=[("s", pgettext_lazy("style", "The school")), ("g", pgettext_lazy("style", "The guards"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    area = forms.ChoiceField(
        label=pgettext_lazy("style", "Area"), choices=[("", "–"), ("c", "Centrum"), ("n", "Norr")], required=False
    )
    text = forms.CharField(
        label=pgettext_lazy("style", "Describe briefly"),
        help_text=pgettext_lazy(
            "style",
            "Write about the place and what happened. Do not write names, identity numbers or registration numbers.",
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    photo = forms.FileField(label=pgettext_lazy("style", "Photo"), required=False)
    agree = forms.BooleanField(label=pgettext_lazy("style", "I have read what happens with the report"))


class SampleFilters(FilterForm):
    kategori = forms.ChoiceField(
        label=pgettext_lazy("style", "Category"),
        choices=[("", pgettext_lazy("style", "all")), ("v", pgettext_lazy("style", "Vandalism"))],
        required=False,
    )
    omrade = forms.MultipleChoiceField(
        label=pgettext_lazy("style", "Area"),
        choices=[("c", "Centrum"), ("n", "Norr"), ("s", "Söder")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    fran = DateField(label=pgettext_lazy("style", "From"), required=False)


def _measures() -> Table:
    columns = [
        Column(pgettext("style", "Measure")),
        Column(pgettext("style", "Responsible")),
        Column(pgettext("style", "Reports"), numeric=True),
        Column(pgettext("style", "Change (%)"), numeric=True),
    ]
    rows: list[list[Cell]] = [
        [pgettext("style", "Lighting in the tunnel"), pgettext("style", "Technical office"), 57, -24],
        [pgettext("style", "Rounds at the square"), pgettext("style", "Police"), 1204, 3.5],
        [pgettext("style", "New locks"), pgettext("style", "Housing company"), HIDDEN, MISSING],
    ]
    return Table(
        pgettext("style", "Measures with the most reports"),
        columns,
        rows,
        [pgettext("style", "Whole municipality"), "–", 1264, MISSING],
    )


def _navigation(few: bool) -> list[RailGroup]:
    """The rail as a coordinator has it, or as few entries as a reporter has."""

    def item(label: str, count: int = 0, current: bool = False) -> RailItem:
        return RailItem(label, label, "/stil/", count, current)

    if few:
        return [
            RailGroup(
                "",
                [
                    item(pgettext("style", "Report"), current=True),
                    item(pgettext("style", "My reports")),
                    item(pgettext("style", "The week")),
                ],
            )
        ]
    return [
        RailGroup(
            pgettext("style", "The week"),
            [
                item(pgettext("style", "Monday")),
                item(pgettext("style", "Review"), 4),
                item(pgettext("style", "Picture"), current=True),
                item(pgettext("style", "Weekly meeting")),
            ],
        ),
        RailGroup(
            pgettext("style", "The work"),
            [item(pgettext("style", "Measures"), 2), item(pgettext("style", "Action plan"))],
        ),
    ]


def context(request: HttpRequest, week: Week | None) -> dict[str, Any]:
    """Everything the page needs. Posting validates the sample form; ``?besked`` shows the messages."""
    if request.GET.get("besked"):
        notices.done(request, pgettext("style", "The change is saved."), undo="/stil/")
        notices.warn(request, pgettext("style", "17 rows are imported. 3 rows need to be mended."))
    few = request.GET.get("rad") == "kort"
    sample = SampleForm(sent(request))
    week = week or Week.current()
    return {
        "form": sample if sample.is_bound else None,
        "sample": sample,
        "filters": SampleFilters(request.GET if set(request.GET) & set(SampleFilters.base_fields) else None),
        "tones": _TONES,
        "measures": _measures(),
        "page_obj": page_of(request, range(1204)),
        "week": week,
        "tab_entries": [
            (pgettext("style", "Tree"), "#trad", True),
            (pgettext("style", "Table"), "#tabell", False),
            (pgettext("style", "Timeline"), "#tidslinje", False),
        ],
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
        return np.column_stack(
            [17 + xy[:, 0] / (metres_per_degree * math.cos(math.radians(58))), 58 + xy[:, 1] / metres_per_degree]
        )

    return to_geojson(samples.town(suppressed), to_lonlat)
