"""The page of the change log."""

from __future__ import annotations

import csv
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from samverkan.foundation.access import Request

from .. import clock
from ..people.models import Membership, Person
from ..tables import safe_cell
from ..web.forms import DateField, FilterForm
from . import selectors

PAGE_SIZE = 50
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
        self.fields["person"].queryset = Person.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["table"].choices = [("", _("All")), *sorted(selectors.tables().items(), key=lambda item: item[1])]  # type: ignore[attr-defined]
        self.fields["operation"].choices = [("", _("All")), *selectors.OPERATIONS.items()]  # type: ignore[attr-defined]


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
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("sida"))
    entries = list(page.object_list)
    _who(entries)
    return render(request, "audit/log.html", {"filter": form, "page": page, "entries": entries})


class _Echo:
    def write(self, value: str) -> str:
        return value


@require_GET
def log_csv(request: Request) -> StreamingHttpResponse:
    """The same entries as a file, at most a hundred thousand."""
    _form, rows = _rows(request)
    writer = csv.writer(_Echo(), delimiter=";")

    def lines() -> Any:
        yield "\ufeff" + writer.writerow(
            [_("Time"), _("Person"), _("Seat"), _("What"), _("How"), _("Rows"), _("Fields"), _("Request")]
        )
        chunk: list[Any] = []

        def flush() -> Any:
            _who(chunk)
            for e in chunk:
                cells = [
                    clock.local(e.at).isoformat(timespec="seconds"),
                    e.who,
                    e.seat,
                    e.what,
                    str(e.how),
                    e.rows,
                    ", ".join(e.fields),
                    e.request_id,
                ]
                yield writer.writerow([safe_cell(str(c)) for c in cells])
            chunk.clear()

        for entry in rows[:MAX_EXPORT].iterator(chunk_size=1000):
            chunk.append(entry)
            if len(chunk) == 1000:
                yield from flush()
        yield from flush()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="andringslogg.csv"'
    return response


@require_GET
def answered_for(request: Request) -> HttpResponse:
    """Which organisation answers for how much of what is kept."""
    return render(request, "audit/answered_for.html", {"answered": selectors.answered_for(request.actor)})
