"""The list of texts with marks that wait, and the answer, given there or on a page of a room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ..access import Request
from ..web import notices
from ..web.pages import back_to, page_of
from . import looking


@dataclass(frozen=True)
class MarkedRow:
    """The marks of one row as a page shows them, with what answers for them."""

    title: str
    url: str
    model: str
    pk: int
    marks: list[looking.Unanswered]

    @property
    def can_take_out(self) -> bool:
        entry = looking.fields.get(self.model)
        return entry is not None and entry.take_out is not None


def by_row(marks: Iterable[looking.Unanswered]) -> list[MarkedRow]:
    """Marks gathered by the row they stand in; for ``marks/_rows.html``."""
    found: dict[tuple[str, Any], MarkedRow] = {}
    for mark in marks:
        key = mark.row._meta.label, mark.row.pk
        found.setdefault(key, MarkedRow(mark.title, mark.url, *key, [])).marks.append(mark)
    return list(found.values())


@require_GET
def queue(request: Request) -> HttpResponse:
    """Texts from files with marks that nobody has answered for."""
    actor = request.actor
    page = page_of(request, looking.waiting(actor), 20)
    rows = looking.rows_of(actor, page)
    marked = by_row(mark for one in page if one.pk in rows for mark in rows[one.pk][1])
    return render(request, "marks/queue.html", {"page": page, "rows": marked, "count": page.paginator.count})


@require_POST
def answer(request: Request) -> HttpResponse:
    """The marks of one row may stand, or are taken out."""
    actor, sent = request.actor, request.POST
    model, pk = sent.get("model", ""), sent.get("row", "")
    if not pk.isdecimal() or len(pk) > 18 or looking.fields.get(model) is None:
        raise Http404
    if sent.get("do") == "out":
        done = looking.take_out(actor, model=model, pk=int(pk))
    else:
        done = looking.let_stand(actor, model=model, pk=int(pk), tokens=sent.getlist("mark"))
    if not done:
        raise Http404
    notices.done(request, _("What was marked is taken out.") if sent.get("do") == "out" else _("It may stand."))
    return redirect(back_to(request, reverse("marks")))
