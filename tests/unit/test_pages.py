"""What views have written once: what is not found, what was sent, what is refused and where one goes back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.test import RequestFactory

from samverkan.foundation.tables import csv_lines
from samverkan.foundation.web import pages
from samverkan.foundation.web.errors import Conflict, NotFound, Refusal

ask = RequestFactory()


class _Form(forms.Form):
    name = forms.CharField()


def _raise(error: Exception) -> Callable[[], Any]:
    def look() -> Any:
        raise error

    return look


@pytest.mark.parametrize("look", [_raise(ObjectDoesNotExist()), _raise(NotFound()), lambda: None])
def test_what_is_not_found_answers_404(look: Callable[[], Any]) -> None:
    with pytest.raises(Http404):
        pages.found(look)


def test_an_error_of_ours_is_not_taken_for_something_missing() -> None:
    with pytest.raises(KeyError):
        pages.found(_raise(KeyError("name")))
    assert pages.found(int, "0") == 0, "what is empty but there is found"


@pytest.mark.parametrize(
    ("refusal", "field", "conflict"),
    [
        (Refusal("Fel namn.", field="name"), "name", False),
        (Refusal("Fel.", field="elsewhere"), "__all__", False),
        (Conflict("Ändrat."), "__all__", True),
    ],
)
def test_a_refusal_is_said_at_its_field(refusal: Refusal, field: str, conflict: bool) -> None:
    form = _Form({"name": "Ett"})
    assert form.is_valid()
    with pages.refusals_at(form) as met:
        raise refusal
    assert form.errors == {field: [refusal.message]} and met.conflict is conflict


def test_other_errors_and_refusals_without_a_form_are_raised() -> None:
    form = _Form({"name": "Ett"})
    assert form.is_valid()
    with pytest.raises(ZeroDivisionError), pages.refusals_at(form):
        raise ZeroDivisionError
    with pytest.raises(Refusal), pages.refusals_at(None):
        raise Refusal("Nej.")


def test_an_empty_post_is_sent_all_the_same() -> None:
    assert pages.sent(ask.get("/")) is None
    assert _Form(pages.sent(ask.post("/"))).is_bound


@pytest.mark.parametrize(("said", "version"), [("7", 7), ("", 0), ("-1", 0), ("x", 0), ("9" * 10, 0)])
def test_the_version_that_was_sent(said: str, version: int) -> None:
    assert pages.sent_version(ask.post("/", {"version": said})) == version


@pytest.mark.parametrize("target", ["https://elders.example.com/", "//elders.example.com", "javascript:alert(1)", ""])
def test_one_is_never_led_to_another_host(target: str) -> None:
    assert pages.back_to(ask.post("/", {"next": target}), "/start/") == "/start/"
    assert pages.back_to(ask.get("/", {"next": "/veckan/?sida=2"}), "/start/") == "/veckan/?sida=2"


@pytest.mark.parametrize(("asked", "number"), [("2", 2), ("0", 2), ("x", 1), ("99", 2), (None, 1)])
def test_the_page_of_a_list(asked: str | None, number: int) -> None:
    page = pages.page_of(ask.get("/", {"sida": asked} if asked else {}), range(60))
    assert page.number == number


def test_a_file_for_a_spreadsheet_says_its_letters_and_runs_nothing() -> None:
    lines = list(csv_lines(["Namn", "Antal"], [["=1+1", -3], ["Å;ä", 2]]))
    assert lines == ["\ufeffNamn;Antal\r\n", "'=1+1;-3\r\n", '"Å;ä";2\r\n']
