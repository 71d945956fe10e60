"""Words for dates and numbers, and how fields, filters and tags become HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from samverkan.foundation.web import dates
from samverkan.foundation.web.charts import HIDDEN, MISSING
from samverkan.foundation.web.dates import date_words
from samverkan.foundation.web.forms import DateField, FilterForm, NumberField, TimeField, shown
from samverkan.foundation.web.written import read_day
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


WRITTEN = {
    "2026-11-27": ["2026-11-27", "20261127", "27/11", "27/11 2026", "27/11-26", "27.11.2026", "27.11", "27-11", "27 november",
                   "27 nov.", "fredag 27 november", "den 27:e november 2026", "27 november, 2026", "i fredags", " 27/11 "],
    "2026-11-29": ["i dag", "Idag", "29/11"],
    "2026-11-28": ["I går", "igår", "igar", "yesterday", "i lördags"],
    "2026-11-22": ["i söndags"],
    "2026-11-30": ["i morgon", "30/11"],
    "2027-01-15": ["15/1", "15 januari", "15 jan 2027"],
    "2027-02-28": ["28/2", "28 februari"],
    "2028-02-29": ["29/2 2028"],
}  # fmt: skip


@pytest.mark.parametrize(("written", "day"), [(text, day) for day, texts in WRITTEN.items() for text in texts])
def test_dates_are_understood_as_people_write_them(written: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-29")
    assert DateField().clean(written) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "written", ["11/27", "31/11", "29/2 2027", "0/1", "i gårdags", "november", "27", "2026", "27/11 26 5", "i xdagars"]
)
def test_what_is_no_date_is_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-29")
    with pytest.raises(forms.ValidationError):
        DateField().clean(written)


@given(st.dates(date(2020, 1, 1), date(2032, 12, 31)), st.integers(-180, 180))
def test_a_date_without_its_year_is_the_nearest(today: date, days: int) -> None:
    day = today + timedelta(days=days)
    assert read_day(f"{day.day}/{day.month}", today) == day
    assert read_day(date_words(day, weekday=False, year=False), today) == day
    assert read_day(date_words(day), today) == day


@pytest.mark.parametrize(
    ("written", "at"),
    [("22.30", (22, 30)), ("22:30", (22, 30)), ("2230", (22, 30)), ("22,30", (22, 30)), ("930", (9, 30)), ("0905", (9, 5)),
     ("22", (22, 0)), ("9", (9, 0)), ("kl. 22.30", (22, 30)), ("kl 22", (22, 0)), ("00:00", (0, 0)), ("22:30:00", (22, 30))],
)  # fmt: skip
def test_times_are_understood_as_people_write_them(written: str, at: tuple[int, int]) -> None:
    assert TimeField().clean(written) == time(*at)


@pytest.mark.parametrize("written", ["24.00", "22.60", "2260", "22.3", "kväll", "12345", "2.2.2"])
def test_what_is_no_time_of_day_is_refused(written: str) -> None:
    with pytest.raises(forms.ValidationError):
        TimeField().clean(written)


def test_optional_fields_say_so_and_required_ones_do_not() -> None:
    form = Sample()
    assert shown(form["hours"]).optional and not shown(form["day"]).optional


def test_each_filter_of_the_address_can_be_taken_away_by_itself() -> None:
    html = render(
        "{% filter_chips form %}",
        "/lista/?kind=a&areas=c&areas=n&q=x&sida=3",
        form=Filters(QueryDict("kind=a&areas=c&areas=n")),
    )
    assert 'href="?areas=c&amp;areas=n&amp;q=x"' in html and 'href="?kind=a&amp;q=x"' in html
    assert "chip-without" not in render(
        "{% filter_chips form %}", "/lista/?q=x&kind=", form=Filters(QueryDict("kind="))
    )


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
