"""Words for dates and numbers, and how fields, filters and tags become HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory

from samverkan.foundation.web import dates
from samverkan.foundation.web.charts import HIDDEN, MISSING
from samverkan.foundation.web.forms import DateField, FilterForm, NumberField, shown
from samverkan.foundation.weeks import Week

WEB = Path(dates.__file__).parent
DAY = date(2026, 11, 23)
MOMENT = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)


def render(source: str, path: str = "/lista/", **context: Any) -> str:
    request = RequestFactory().get(path)
    return Template("{% load samverkan %}" + source).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (dates.date_words(DAY), "måndag 23\u00a0november 2026"),
        (dates.date_words(DAY, "en"), "Monday 23\u00a0November 2026"),
        (dates.date_words(MOMENT), "måndag 23\u00a0november 2026"),
        (dates.date_table(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)), "2026-11-23"),  # Stockholm's day
        (dates.time_words(MOMENT), "kl.\u00a023.30"),
        (dates.moment_table(MOMENT), "2026-11-23 23:30"),
        (dates.near_words(DAY, today=DAY), "i dag"),
        (dates.near_words(date(2026, 11, 22), "en", today=DAY), "yesterday"),
        (dates.near_words(date(2025, 1, 2), today=DAY), "2\u00a0januari 2025"),
        (dates.span_words(DAY, date(2026, 11, 27)), "23–27\u00a0november 2026"),
        (dates.span_words(date(2026, 12, 30), date(2027, 1, 2)), "30\u00a0december 2026 – 2\u00a0januari 2027"),
        (dates.week_words(Week(2026, 47)), "vecka\u00a047, 2026"),
        (dates.week_table(DAY), "2026 v.\u00a048"),
    ],
)
def test_dates(got: str, wanted: str) -> None:
    assert got == wanted


class Sample(forms.Form):
    day = DateField(label="Day", help_text="For example")
    hours = NumberField(label="Hours", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    note = forms.CharField(
        label="Note", required=False, widget=forms.TextInput(attrs={"placeholder": "never shown", "data-width": "20"})
    )


def test_a_field_ties_its_label_hint_and_error_together() -> None:
    form = Sample({"day": "31 feb", "hours": "1 204,5", "kind": "z"})
    html = render("{% form_fields form %}", form=form)
    assert 'aria-describedby="id_day-hint id_day-error"' in html
    assert 'aria-invalid="true"' in html
    assert '<label for="id_day">' in html
    assert 'value="31 feb"' in html
    assert "placeholder" not in html and "data-width" not in html and 'class="field w-20"' in html
    assert "<legend>" in html and 'for="id_kind_0"' in html
    assert form.cleaned_data["hours"] == pytest.approx(1204.5)


def test_the_summary_counts_and_links() -> None:
    html = render("{% error_summary form %}", form=Sample({"day": "x", "kind": "a"}))
    assert 'href="#id_day"' in html and 'role="alert"' in html
    assert render("{% error_summary form %}", form=Sample({"day": "2026-11-23", "kind": "a"})).strip() == ""
    assert render("{% error_summary form %}", form=Sample()).strip() == ""


@pytest.mark.parametrize("written", ["2026-11-30", "20261130", "30/11 2026", "30.11.2026"])
def test_dates_are_understood_as_people_write_them(written: str) -> None:
    assert DateField().clean(written) == date(2026, 11, 30)


def test_optional_fields_say_so_and_required_ones_do_not() -> None:
    form = Sample()
    assert shown(form["hours"]).optional and not shown(form["day"]).optional


class Filters(FilterForm):
    kind = forms.ChoiceField(choices=[("", "All"), ("Group", [("a", "Apple")])], required=False)
    areas = forms.MultipleChoiceField(choices=[("c", "Centrum"), ("n", "Norr")], required=False)


def test_chips_say_their_value_in_words() -> None:
    chips = Filters(QueryDict("kind=a&areas=c&areas=n")).chips()
    assert [(chip.is_set, chip.value.split()[0]) for chip in chips] == [(True, "Apple"), (True, "Centrum")]
    assert not any(chip.is_set for chip in Filters(QueryDict("")).chips())


def test_sorting_turns_and_keeps_the_filters() -> None:
    source = '{% sort_header "namn" "Name" %}'
    assert 'href="?kind=a&amp;sortera=namn"' in render(source, "/l/?kind=a&sida=3")
    rising = render(source, "/l/?sortera=namn")
    assert 'aria-sort="ascending"' in rising and "sortera=-namn" in rising
    assert 'aria-sort="descending"' in render(source, "/l/?sortera=-namn")


def test_what_is_not_shown_says_so() -> None:
    for value in (HIDDEN, MISSING, None, ""):
        html = render("{{ value|shown_value }}", value=value)
        assert 'class="unshown"' in html and len(html) > len('<span class="unshown"></span>')
    assert render("{{ value|shown_value }}", value="<b>") == "&lt;b&gt;"


def test_given_of_promised_never_leaves_its_outline() -> None:
    html = render("{% given_of_promised 300 200 'h' %}")
    assert 'width="96"' in html
    assert "style=" not in html
    assert "<svg" not in render("{% given_of_promised 0 0 'h' %}")


def test_every_string_of_the_shared_pages_is_in_swedish() -> None:
    with (WEB / "locale/sv/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file)
    untranslated = [
        m.id for m in catalogue if m.id and (m.fuzzy or not all([m.string] if isinstance(m.string, str) else m.string))
    ]
    assert untranslated == []
    assert not [m.string for m in catalogue if m.id and "!" in str(m.string)]
