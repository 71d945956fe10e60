"""Pages of those who review: the queue, and one report at a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.domain.places.api import names_here, picker
from samverkan.foundation import files, privacy
from samverkan.foundation.access import Request
from samverkan.foundation.privacy.kinds import KINDS
from samverkan.foundation.refs import Ref
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.pages import form_page, found, page_of, refusals_at

from ..models import Report, ReportState
from . import pictures, review_forms, selectors
from .services import review


@require_GET
def queue(request: Request) -> HttpResponse:
    """What waits, the oldest first; and what has been reviewed."""
    actor = request.actor
    done = request.GET.get("visa") == "granskade"
    rows = selectors.handled(actor) if done else selectors.queue(actor)
    page = page_of(request, rows)
    context = {
        "page": page,
        "done": done,
        "waiting": page.paginator.count if not done else selectors.waiting(actor),
        "first": page.object_list[0] if not done and page.object_list else None,
    }
    return render(request, "est/reporting/queue.html", context)


@require_http_methods(["GET", "POST"])
def review_report(request: Request, public_id: UUID) -> HttpResponse:
    """One report: what looks like personal data is marked, the person decides."""
    actor = request.actor
    row = _row(request, public_id)
    photos = files.files_of(actor, Ref("report", row.public_id))
    act = request.POST.get("act", "")
    here = names_here()
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None and act == "strip":
        # Without scripts the marks are taken out here; nothing is stored until the review is done.
        for name in review_forms.LOOKED_THROUGH:
            if review_forms.fits(data, name):
                data[name] = privacy.stripped(data.get(name, ""), privacy.find(data.get(name, ""), here))
    form = review_forms.ReviewForm(data, actor=actor, report=row, photos=photos, initial=review_forms.initial_of(row))
    clashed, both = False, None
    if act in {"accept", "send_back", "close"} and form.is_valid():
        with refusals_at(form) as met:
            _act(request, act, row, form)
            return _onward(request, row)
        if met.conflict:
            clashed, row = True, _row(request, public_id)
            if row.state == ReportState.SUBMITTED:
                # The one who reported has changed it: what it says now stands beside what was written here.
                typed, saved = review_forms.told_in_words(form, row)
                both = conflict.show_both(form, row, typed=typed, saved=saved)
    waits = row.state == ReportState.SUBMITTED
    context: dict[str, Any] = {
        "report": row,
        "form": form if waits or data is not None else None,
        "waits": waits,
        "conflict": clashed,
        "both": both,
        "photos": photos,
        "pieces": [
            (words, KINDS.get(kind, "")) for words, kind in privacy.pieces(row.text, privacy.find(row.text, here))
        ],
        "marks": sum(
            len(privacy.find(form[name].value() or "", here))
            for name in review_forms.LOOKED_THROUGH
            if data is None or review_forms.fits(data, name)
        ),
        "map": pictures.of_report(actor, row),
        "picker": picker(actor, form["x"].value() or row.x, form["y"].value() or row.y)
        if waits and not row.category.is_home_bound
        else None,
        "left": selectors.waiting(actor),
    }
    return form_page(request, "est/reporting/review.html", context)


def _row(request: Request, public_id: UUID) -> Report:
    return found(selectors.reviewable, request.actor, public_id)


def _act(request: Request, act: str, row: Report, form: review_forms.ReviewForm) -> None:
    actor, data = request.actor, form.cleaned_data
    if act == "accept":
        review.accept(actor, report=row, version=data["version"], cleaned=form.cleaned())
        notices.done(request, _("The report is accepted. The one who reported is told."))
    elif act == "send_back":
        review.send_back(actor, report=row, version=data["version"], reason=data["reason"])
        undo = reverse("recall_report", args=[row.public_id])
        notices.done(request, _("The report is sent back."), undo=undo)
    else:
        review.close(actor, report=row, version=data["version"], answer=data["answer"])
        notices.done(request, _("The report is closed. The one who reported is told."))


def _onward(request: Request, row: Report) -> HttpResponse:
    """To the next in the queue, so that one can go on with the keyboard."""
    following = selectors.queue(request.actor).exclude(pk=row.pk).first()
    if following:
        return redirect("review_report", following.public_id)
    # With the last one read the week is next, for those who put it together.
    return redirect("monday" if request.actor.may("est.lead") else "review_queue")


@require_POST
def recall(request: Request, public_id: UUID) -> HttpResponse:
    """Undo that a report was sent back."""
    row = _row(request, public_id)
    review.recall(request.actor, report=row, version=row.version)
    notices.done(request, _("The change is undone."))
    return redirect("review_report", row.public_id)
