"""The page of the change log."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from samverkan.foundation.access import Request

from .. import clock
from ..people.models import Membership, Person
from ..web.forms import DateField, FilterForm, offer, offer_rows
from ..web.pages import csv_file, page_of
from . import selectors

MAX_EXPORT = 100_000


class AuditFilter(FilterForm):
    person = forms.ModelChoiceField(
        label=gettext_lazy("Person"), queryset=Person.objects.none(), required=False, to_field_name="public_id"
    )
    table = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    operation = forms.ChoiceField(label=gettext_lazy("How"), required=False)
    first = DateField(label=gettext_lazy("From"), required=False)
    last = DateField(label=gettext_lazy("To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "person", Person.objects.order_by("name"))
        offer(self, "table", [("", _("All")), *sorted(selectors.tables().items(), key=lambda item: item[1])])
        offer(self, "operation", [("", _("All")), *selectors.OPERATIONS.items()])


def _rows(request: Request) -> tuple[AuditFilter, Any]:
    form = AuditFilter(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    person = chosen.get("person")
    return (
        form,
        selectors.entries(
            request.actor,
            person_id=person.pk if person else None,
            table=chosen.get("table") or "",
            operation=chosen.get("operation") or "",
            first=chosen.get("first"),
            last=chosen.get("last"),
            row=request.GET.get("rad", "")[:36],
        ),
    )


def _who(rows: list[Any]) -> None:
    """Give each entry its person and seat in words, in two queries for the page."""
    doers = {r.pk: int(r.first_id) if selectors.is_sign_in(r) else r.person_id for r in rows}
    people = Person.objects.in_bulk({person for person in doers.values() if person})
    seats = Membership.objects.select_related("organisation").in_bulk(
        {r.membership_id for r in rows if r.membership_id}
    )
    names = selectors.tables()
    for row in rows:
        person, seat = people.get(doers[row.pk] or 0), seats.get(row.membership_id)
        row.who = person.name if person else _("The system")
        row.seat = f"{seat.function}, {seat.organisation.name}" if seat else ""
        row.what = names.get(row.table, row.table)
        row.fields = selectors.fields(row.table, row.columns)
        row.how = _("Signed in") if selectors.is_sign_in(row) else selectors.OPERATIONS[row.operation]


@require_GET
def log(request: Request) -> HttpResponse:
    """Who did what and when, on everything. Content is never shown, since it is never stored."""
    form, rows = _rows(request)
    page = page_of(request, rows)
    page.object_list = list(page.object_list)
    _who(page.object_list)
    return render(request, "audit/log.html", {"filter": form, "page": page, "export_url": reverse("audit_log_csv")})


@require_GET
def log_csv(request: Request) -> StreamingHttpResponse:
    """The same entries as a file, at most a hundred thousand."""
    _form, rows = _rows(request)
    head = [_("Time"), _("Person"), _("Seat"), _("What"), _("How"), _("Rows"), _("Fields"), _("Request")]
    return csv_file("andringslogg.csv", head, _cells(rows[:MAX_EXPORT].iterator(chunk_size=1000)))


def _cells(entries: Iterator[Any]) -> Iterator[list[object]]:
    """The file's rows, a thousand at a time, so that people and seats are asked for a thousand at a time too."""
    while chunk := list(islice(entries, 1000)):
        _who(chunk)
        for e in chunk:
            at = clock.local(e.at).isoformat(timespec="seconds")
            yield [at, e.who, e.seat, e.what, e.how, e.rows, ", ".join(e.fields), e.request_id]


@require_GET
def answered_for(request: Request) -> HttpResponse:
    """Which organisation answers for how much of what is kept."""
    return render(request, "audit/answered_for.html", {"answered": selectors.answered_for(request.actor)})
