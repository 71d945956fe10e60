"""What can be done on an incident's page, for those who keep the incidents in order."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from samverkan.domain.places.api import picker
from samverkan.foundation import clock
from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.errors import Conflict
from samverkan.foundation.web.pages import form_page, found, refusals_at, sent, sent_version

from . import edit_forms, lasting, selectors
from .models import Incident
from .services import editing


def _incident(request: Request, public_id: UUID) -> Incident:
    return found(selectors.to_edit, request.actor, public_id)


@require_http_methods(["GET", "POST"])
def end(request: Request, public_id: UUID) -> HttpResponse:
    """Say that a development or a place feature is over, with its last day."""
    actor = request.actor
    row = _incident(request, public_id)
    form = edit_forms.EndForm(sent(request), initial={"day": clock.today(), "version": row.version})
    if form.is_valid():
        with refusals_at(form) as met:
            editing.end(actor, incident=row, version=form.cleaned_data["version"], day=form.cleaned_data["day"])
            notices.done(request, _("It is ended."), undo=reverse("incident_reopen", args=[public_id]))
            return redirect("picture_incident", public_id)
        if met.conflict:
            row = _incident(request, public_id)
            conflict.renew(form, version=row.version)
    context = {"form": form, "incident": row, "can_end": lasting.lasts(row) and row.ended_at is None}
    return form_page(request, "incidents/end.html", context)


@require_POST
def reopen(request: Request, public_id: UUID) -> HttpResponse:
    """Say that what was ended goes on after all."""
    row = _incident(request, public_id)
    try:
        # The message that offers to undo knows no version.
        editing.reopen(request.actor, incident=row, version=sent_version(request) or row.version)
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
    form = edit_forms.CorrectForm(sent(request), actor=actor, incident=row, initial=edit_forms.initial_of(row))
    both = None
    if form.is_valid():
        version, before = form.cleaned_data["version"], row.version
        with refusals_at(form) as met:
            done = editing.correct(actor, incident=row, version=version, correction=form.correction())
            changed = done.version != before
            notices.done(request, _("The change is saved.") if changed else _("Nothing was changed."))
            return redirect("picture_incident", public_id)
        if met.conflict:
            row = _incident(request, public_id)
            both = conflict.show_both(form, row, typed=form.in_words(), saved=edit_forms.words_of(row))
    form.ask_for_the_place()
    context = {"form": form, "incident": row, "both": both, "is_own": lasting.is_own(row)}
    if "x" in form.fields:
        context["picker"] = picker(actor, form["x"].value(), form["y"].value())
    return form_page(request, "incidents/correct.html", context)
