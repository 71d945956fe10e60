"""Pages of newroom. A view parses, calls one service or selector, and renders."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.errors import Conflict, Refusal

from . import forms, selectors, services
from .models import Newthing
from .workflow import NEWTHING

PAGE_SIZE = 50


def _found(request: Request, public_id: UUID) -> Newthing:
    try:
        return selectors.newthing(request.actor, public_id)
    except Newthing.DoesNotExist:
        raise Http404 from None


@require_GET
def newthings(request: Request) -> HttpResponse:
    """The list."""
    page = Paginator(selectors.newthings(request.actor), PAGE_SIZE).get_page(request.GET.get("sida"))
    return render(request, "newroom/list.html", {"page": page, "may_manage": request.actor.may("newroom.manage")})


@require_GET
def newthing(request: Request, public_id: UUID) -> HttpResponse:
    """One of them, with the steps that one may take."""
    row = _found(request, public_id)
    steps = NEWTHING.open_to(request.actor, row)
    may_manage = request.actor.may("newroom.manage")
    return render(request, "newroom/newthing.html", {"row": row, "steps": steps, "may_manage": may_manage})


@require_http_methods(["GET", "POST"])
def new_newthing(request: Request) -> HttpResponse:
    """Add one."""
    form = forms.NewthingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.add(request.actor, title=form.cleaned_data["title"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            notices.done(request, _("The change is saved."))
            return redirect("newthing", row.public_id)
    return render(request, "newroom/form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def change_newthing(request: Request, public_id: UUID) -> HttpResponse:
    """Change one; when somebody else has changed it meanwhile, both are shown."""
    row = _found(request, public_id)
    form = forms.NewthingForm(request.POST or None, initial={"title": row.title, "version": row.version})
    both = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.change(request.actor, row=row, version=data["version"] or 0, title=data["title"])
        except Conflict as clash:
            row = _found(request, public_id)
            typed, saved = conflict.in_words({"title": data["title"]}), conflict.in_words({"title": row.title})
            both = conflict.show_both(form, clash, row=row, version=row.version, typed=typed, saved=saved)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            notices.done(request, _("The change is saved."))
            return redirect("newthing", public_id)
    context = {"form": form, "row": row, "both": both}
    return render(request, "newroom/form.html", context, status=422 if form.errors else 200)


@require_POST
def step_newthing(request: Request, public_id: UUID) -> HttpResponse:
    """Take a step. What is refused is told on a page of its own."""
    row, version = _found(request, public_id), request.POST.get("version", "")
    services.step(
        request.actor,
        row=row,
        version=int(version) if version.isdecimal() else 0,
        name=request.POST.get("step", ""),
    )
    notices.done(request, _("The change is saved."))
    return redirect("newthing", public_id)
