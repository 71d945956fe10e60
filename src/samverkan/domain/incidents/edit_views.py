"""What can be done on an incident's page, for those who keep the incidents in order."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from samverkan.domain.places.api import picker
from samverkan.foundation import clock
from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.errors import Conflict, Refusal

from . import edit_forms, editing, selectors
from .models import Incident


def _incident(request: Request, public_id: UUID) -> Incident:
    found = selectors.to_edit(request.actor, public_id)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def end(request: Request, public_id: UUID) -> HttpResponse:
    """Say that a development or a place feature is over, with its last day."""
    actor = request.actor
    row = _incident(request, public_id)
    form = edit_forms.EndForm(
        request.POST if request.method == "POST" else None, initial={"day": clock.today(), "version": row.version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            editing.end(actor, incident=row, version=form.cleaned_data["version"], day=form.cleaned_data["day"])
        except Conflict as clash:
            row = _incident(request, public_id)
            form.data = {**request.POST.dict(), "version": str(row.version)}
            form.add_error(None, clash.message)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            notices.done(request, _("It is ended."), undo=reverse("incident_reopen", args=[public_id]))
            return redirect("picture_incident", public_id)
    context = {"form": form, "incident": row, "can_end": editing.lasts(row) and row.ended_at is None}
    return render(request, "incidents/end.html", context, status=422 if form.errors else 200)


@require_POST
def reopen(request: Request, public_id: UUID) -> HttpResponse:
    """Say that what was ended goes on after all."""
    row = _incident(request, public_id)
    given = request.POST.get("version", "")
    try:
        editing.reopen(
            request.actor,
            incident=row,
            version=int(given) if given.isdigit() else row.version,
        )
    except Conflict as clash:
        notices.warn(request, clash.message)
    else:
        notices.done(request, _("It is open again."))
    return redirect("picture_incident", public_id)


@require_http_methods(["GET", "POST"])
def correct(request: Request, public_id: UUID) -> HttpResponse:
    """Correct what was told wrong, or sort what a source tells in another category."""
    actor = request.actor
    row = _incident(request, public_id)
    form = edit_forms.CorrectForm(
        request.POST if request.method == "POST" else None,
        actor=request.actor,
        incident=row,
        initial=edit_forms.initial_of(row),
    )
    both = None
    if request.method == "POST" and form.is_valid():
        before = row.version
        try:
            done = editing.correct(
                actor, incident=row, version=form.cleaned_data["version"], correction=form.correction()
            )
        except Conflict as clash:
            row = _incident(request, public_id)
            both = conflict.show_both(
                form,
                clash,
                row=row,
                version=row.version,
                typed=form.in_words(),
                saved={n: w for n, w in edit_forms.words_of(row).items() if n in form.in_words()},
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            changed = done.version != before
            notices.done(request, _("The change is saved.") if changed else _("Nothing was changed."))
            return redirect("picture_incident", public_id)
    form.ask_for_the_place()
    context = {"form": form, "incident": row, "both": both, "is_own": editing.is_own(row)}
    if "x" in form.fields:
        context["picker"] = picker(actor, form["x"].value(), form["y"].value())
    return render(request, "incidents/correct.html", context, status=422 if form.errors else 200)
