"""Pages of newroom. A view parses, calls one service or selector, and renders."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.pages import form_page, found, page_of, refusals_at, sent, sent_version

from . import forms, selectors, services
from .workflow import NEWTHING


@require_GET
def newthings(request: Request) -> HttpResponse:
    """The list."""
    page = page_of(request, selectors.newthings(request.actor))
    return render(request, "newroom/list.html", {"page": page, "may_manage": request.actor.may("newroom.manage")})


@require_GET
def newthing(request: Request, public_id: UUID) -> HttpResponse:
    """One of them, with the steps that one may take."""
    row = found(selectors.newthing, request.actor, public_id)
    steps = NEWTHING.open_to(request.actor, row)
    may_manage = request.actor.may("newroom.manage")
    return render(request, "newroom/newthing.html", {"row": row, "steps": steps, "may_manage": may_manage})


@require_http_methods(["GET", "POST"])
def new_newthing(request: Request) -> HttpResponse:
    """Add one."""
    form = forms.NewthingForm(sent(request))
    if form.is_valid():
        with refusals_at(form):
            row = services.add(request.actor, title=form.cleaned_data["title"])
            notices.done(request, _("The change is saved."))
            return redirect("newthing", row.public_id)
    return form_page(request, "newroom/form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def change_newthing(request: Request, public_id: UUID) -> HttpResponse:
    """Change one; when somebody else has changed it meanwhile, both are shown."""
    row = found(selectors.newthing, request.actor, public_id)
    form = forms.NewthingForm(sent(request), initial={"title": row.title, "version": row.version})
    both = None
    if form.is_valid():
        data = form.cleaned_data
        with refusals_at(form) as met:
            services.change(request.actor, row=row, version=data["version"] or 0, title=data["title"])
            notices.done(request, _("The change is saved."))
            return redirect("newthing", public_id)
        if met.conflict:
            row = found(selectors.newthing, request.actor, public_id)
            typed, saved = conflict.in_words({"title": data["title"]}), conflict.in_words({"title": row.title})
            both = conflict.show_both(form, row, typed=typed, saved=saved)
    return form_page(request, "newroom/form.html", {"form": form, "row": row, "both": both})


@require_POST
def step_newthing(request: Request, public_id: UUID) -> HttpResponse:
    """Take a step. What is refused is told on a page of its own."""
    row = found(selectors.newthing, request.actor, public_id)
    services.step(request.actor, row=row, version=sent_version(request), name=request.POST.get("step", ""))
    notices.done(request, _("The change is saved."))
    return redirect("newthing", public_id)
