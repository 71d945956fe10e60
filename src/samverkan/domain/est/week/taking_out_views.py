"""The page where personal data is taken out of a locked week."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from samverkan.foundation import marks
from samverkan.foundation.access import Request
from samverkan.foundation.web import notices
from samverkan.foundation.web.pages import form_page, found, refusals_at, sent
from samverkan.foundation.weeks import Week

from . import forms, selectors, services, taking_out


@require_http_methods(["GET", "POST"])
def take_out(request: Request, week: Week) -> HttpResponse:
    """Which words, and why; then the week has a corrected edition and the old content is gone."""
    edition = found(selectors.edition, request.actor, week)
    row = edition.week
    form = forms.TakeOutForm(
        sent(request), suggested=taking_out.suggested(edition.content), initial={"version": row.version}
    )
    if form.is_valid():
        with refusals_at(form):
            made = services.take_out(
                request.actor,
                week=row,
                version=form.cleaned_data["version"],
                words=form.chosen(),
                reason=form.cleaned_data["reason"],
                seen=marks.seen_in(request),
            )
            notices.done(request, _("The words are taken out. The week has a corrected edition."))
            return redirect("est_edition_number", week, made.number)
    return form_page(request, "est/week/take_out.html", {"form": form, "week": week, "edition": edition})
