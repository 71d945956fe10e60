"""What nearly every view does: find the row, take what was sent, say a refusal at its field, show a page of a list.

::

    row = found(selectors.meeting, request.actor, public_id)
    form = forms.MeetingForm(sent(request), initial=forms.initial_of(row))
    both = None
    if form.is_valid():
        with refusals_at(form) as met:
            services.change(request.actor, meeting=row, **form.cleaned_data)
            notices.done(request, _("The change is saved."))
            return redirect("meeting", public_id)
        if met.conflict:
            row = found(selectors.meeting, request.actor, public_id)
            both = conflict.show_both(form, row, typed=form.in_words(), saved=forms.words_of(row))
    return form_page(request, "forums/meeting.html", {"meeting": row, "form": form, "both": both})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme

from ..tables import csv_lines
from .errors import Conflict, NotFound, Refusal

PAGE_SIZE = 50

P = ParamSpec("P")
T = TypeVar("T")


def found(look: Callable[P, T | None], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a selector gives. What it does not find, or the actor may not see, answers 404."""
    try:
        row = look(*args, **kwargs)
    except (ObjectDoesNotExist, NotFound):
        row = None
    if row is None:
        raise Http404
    return row


def sent(request: HttpRequest) -> QueryDict | None:
    """What the page was sent with; None when it is only looked at, so that its form is not checked."""
    return request.POST if request.method == "POST" else None


def sent_version(request: HttpRequest) -> int:
    """The version that a button was shown for; 0 when it tells none."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = PAGE_SIZE) -> Page[Any]:
    """The page of a list that the address asks for with ``sida``: the first, or the nearest that exists."""
    return Paginator(rows, size).get_page(request.GET.get("sida"))


def back_to(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that the request names as the one to go on to (``next``), or another."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else otherwise


class refusals_at:  # noqa: N801 - read as a word in "with refusals_at(form):"
    """What is refused inside is said at its field of the form, and the view goes on.

    ``conflict`` tells afterwards whether somebody else had changed the row. A refusal where there is
    no form is raised.
    """

    def __init__(self, form: BaseForm | None) -> None:
        self.form = form
        self.conflict = False

    def __enter__(self) -> refusals_at:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, refusal: BaseException | None, at: TracebackType | None
    ) -> bool:
        if self.form is None or not isinstance(refusal, Refusal):
            return False
        self.conflict = isinstance(refusal, Conflict)
        refusal.ask(self.form)
        self.form.add_error(refusal.field if refusal.field in self.form.fields else None, refusal.message)
        return True


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page with a ``form``: 422 when something in it is wrong, by the same rule as the page's title says so."""
    form = context.get("form")
    wrong = context.get("has_errors") or (form is not None and form.errors)
    return render(request, template, context, status=422 if wrong else 200)


def ask_first(
    request: HttpRequest, *, heading: str, lead: str, verb: str, keep: str, back: str, room: str
) -> HttpResponse:
    """ "Are you sure?" before what cannot be undone: what happens (``lead``), the ``verb`` of the button, and the words
    of the way ``back``. What was sent is sent again with ``confirmed``."""
    given = [
        (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
    ]
    context = {"heading": heading, "lead": lead, "verb": verb, "keep": keep, "back_url": back, "room": room}
    return render(request, "components/confirm.html", {**context, "given": given})


def attachment(name: str, content: str | bytes, media_type: str) -> HttpResponse:
    """A file to save under a name."""
    return HttpResponse(content, media_type, headers={"Content-Disposition": content_disposition_header(True, name)})


def csv_file(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A list as a file for a spreadsheet, sent while it is read: semicolons, UTF-8 with its mark, no formulas."""
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8", headers=headers)
