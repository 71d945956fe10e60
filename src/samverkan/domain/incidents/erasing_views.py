"""The page where words are taken out of an incident for good."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict
from samverkan.foundation.web.errors import Conflict, Refusal

from . import erasing
from .models import Incident


@require_http_methods(["GET", "POST"])
def take_out_words(request: Request, public_id: UUID) -> HttpResponse:
    """The words as they may stand; the rest is gone when it is saved."""
    actor = request.actor
    try:
        row = erasing.readable(actor, public_id)
    except Incident.DoesNotExist:
        raise Http404 from None
    initial = {"title": row.title, "description": row.description, "version": row.version}
    form = erasing.WordsForm(request.POST if request.method == "POST" else None, initial=initial)
    both = None
    if request.method == "POST" and form.is_valid():
        try:
            erasing.take_out(actor, incident=row, **form.cleaned_data)
        except Conflict as clash:
            row = erasing.readable(actor, public_id)
            typed = {name: form.cleaned_data[name] for name in ("title", "description")}
            saved = {"title": row.title, "description": row.description}
            both = conflict.show_both(
                form,
                clash,
                row=row,
                version=row.version,
                typed=conflict.in_words(typed),
                saved=conflict.in_words(saved),
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The words are taken out."))
            return redirect("picture_incident", public_id)
    context = {"incident": row, "form": form, "both": both}
    return render(request, "incidents/take_out_words.html", context, status=422 if form.errors else 200)
