"""The page where words are taken out of an incident for good."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.pages import form_page, found, refusals_at, sent

from . import edit_forms, selectors
from .services import erasing


@require_http_methods(["GET", "POST"])
def take_out_words(request: Request, public_id: UUID) -> HttpResponse:
    """The words as they may stand; the rest is gone when it is saved."""
    actor = request.actor
    row = found(selectors.with_words, actor, public_id)
    initial = {"title": row.title, "description": row.description, "version": row.version}
    form = edit_forms.WordsForm(sent(request), initial=initial)
    both = None
    if form.is_valid():
        with refusals_at(form) as met:
            erasing.take_out(actor, incident=row, **form.cleaned_data)
            notices.done(request, _("The words are taken out."))
            return redirect("picture_incident", public_id)
        if met.conflict:
            row = found(selectors.with_words, actor, public_id)
            saved = conflict.in_words({"title": row.title, "description": row.description})
            both = conflict.show_both(form, row, typed=conflict.in_words(form.cleaned_data), saved=saved)
    return form_page(request, "incidents/take_out_words.html", {"incident": row, "form": form, "both": both})
