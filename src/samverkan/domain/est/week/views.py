"""Pages of the week: Monday, the week, the meeting, locking, and locked weeks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request
from samverkan.foundation.web.errors import Conflict, Refusal
from samverkan.foundation.weeks import Week

from ..models import Decision, Edition, EstWeek, Priority, WeekState
from ..reporting.selectors import waiting
from . import content, cycles, forms, selectors, services

PAGE_SIZE = 50
_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}


def week_of(text: str) -> Week:
    try:
        return Week.parse(text)
    except ValueError:
        raise Http404 from None


@require_GET
def monday(request: Request) -> HttpResponse:
    """What the coordinator opens on Monday morning: the week to go through, already put together."""
    actor = request.actor
    week = cycles.reported_week()
    row = selectors.look(actor, week)
    context = {
        "week": week,
        "row": row,
        "locked": row.state == WeekState.FROZEN,
        "c": content.build(actor, row, released=False),
        "waiting": waiting(actor),
        "open_decisions": selectors.still_open(actor, week),
        "outside": selectors.outside_editions(actor) if actor.may("est.lead") else [],
        "may_lead": actor.may("est.lead"),
        "may_review": actor.may("est.review"),
    }
    return render(request, "est/week/monday.html", context)


@require_http_methods(["GET", "POST"])
def week(request: Request, week: str) -> HttpResponse:
    """The week while it is put together; a locked week shows its latest edition."""
    actor, wanted = request.actor, week_of(week)
    row = selectors.look(actor, wanted)
    if row.first != wanted.index:
        return redirect("est_week", str(Week.from_index(row.first)))
    if row.state == WeekState.FROZEN:
        return redirect("est_edition", week)
    form = forms.JudgementForm(request.POST) if request.method == "POST" else _judgement(row)
    theirs = ""
    if request.method == "POST" and form.is_valid():
        try:
            row = services.open_week(actor, week=wanted)
            services.judge(actor, week=row, version=form.cleaned_data["version"], text=form.cleaned_data["judgement"])
        except Conflict as refusal:
            form.add_error("judgement", refusal.message)
            # What was typed stays; saving again replaces what the other person wrote, which the page shows.
            row = EstWeek.objects.get(pk=row.pk)
            theirs = row.judgement
            form.data = {**form.data.dict(), "version": str(row.version)}  # type: ignore[attr-defined]
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The assessment is saved."))
            return redirect("est_week", week)
    priority_form = forms.PriorityForm(actor=actor) if "prioritera" in request.GET else None
    return _week_page(request, row, form=form, theirs=theirs, priority_form=priority_form)


def _judgement(row: EstWeek) -> forms.JudgementForm:
    return forms.JudgementForm(initial={"judgement": row.judgement, "version": row.version})


def _week_page(
    request: Request,
    row: EstWeek,
    *,
    form: forms.JudgementForm,
    theirs: str = "",
    priority_form: forms.PriorityForm | None = None,
) -> HttpResponse:
    """The page of a week in progress, with what was typed in its forms."""
    actor, wanted = request.actor, Week.from_index(row.first)
    wrong = bool(form.errors or (priority_form is not None and priority_form.errors))
    context = {
        "week": wanted,
        "row": row,
        "c": content.build(actor, row, released=False),
        "form": form,
        "theirs": theirs,
        "priority_form": priority_form,
        "has_errors": wrong,
        "priorities": selectors.priorities(actor, row),
        "decisions": selectors.decisions(actor, row),
        "open_decisions": selectors.still_open(actor, wanted),
        "may_lead": actor.may("est.lead"),
        "current": Week.current(),
    }
    return render(request, "est/week/week.html", context, status=422 if wrong else 200)


def row_of(request: Request, week: str) -> EstWeek:
    """The cycle that begins with a week; stored first when something is to be done with it."""
    wanted = week_of(week)
    row = selectors.look(request.actor, wanted)
    if row.first != wanted.index:
        raise Http404
    return services.open_week(request.actor, week=wanted) if request.method == "POST" and row.pk is None else row


@require_http_methods(["GET", "POST"])
def add_priority(request: Request, week: str) -> HttpResponse:
    """Put a place or an area first. What is wrong is said at the field, with what was typed kept."""
    row = row_of(request, week)
    if request.method == "GET":  # the address of a form that was wrong, asked for anew
        return redirect(f"{reverse('est_week', args=[week])}?prioritera=1#prioritera")
    form = forms.PriorityForm(request.POST, actor=request.actor)
    if form.is_valid():
        try:
            services.put_first(request.actor, week=row, **form.cleaned_data)
        except Refusal as refusal:
            if refusal.field not in form.fields:
                messages.error(request, refusal.message)
                return redirect("est_week", week)
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("The place is prioritised."))
            return redirect("est_week", week)
    elif row.state == WeekState.FROZEN:
        return redirect("est_edition", week)
    return _week_page(request, row, form=_judgement(row), priority_form=form)


@require_POST
def drop_priority(request: Request, week: str, number: int) -> HttpResponse:
    """Take a priority away."""
    services.drop_priority(request.actor, priority=get_object_or_404(Priority, pk=number, week=row_of(request, week)))
    messages.success(request, _("The priority is taken away."))
    return redirect("est_week", week)


@require_POST
def tick_decision(request: Request, public_id: UUID) -> HttpResponse:
    """Tick off a decision of an earlier week as done."""
    services.tick(request.actor, decision=get_object_or_404(Decision, public_id=public_id), done=True)
    undo = f"{reverse('est_untick_decision', args=[public_id])}?{urlencode({'back': _back_to(request)})}"
    messages.success(request, _("The decision is done."), extra_tags=undo)
    return redirect(_back_to(request))


@require_POST
def untick_decision(request: Request, public_id: UUID) -> HttpResponse:
    """The decision is not done after all."""
    services.tick(request.actor, decision=get_object_or_404(Decision, public_id=public_id), done=False)
    messages.success(request, _("The change is undone."))
    return redirect(_back_to(request))


def _back_to(request: Request) -> str:
    """The page that one came from, when it is one of ours."""
    target = request.POST.get("back") or request.GET.get("back") or ""
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else reverse("monday")


@require_http_methods(["GET", "POST"])
def freeze(request: Request, week: str) -> HttpResponse:
    """What locking means, and the button. A locked week may get a corrected edition here."""
    actor, row = request.actor, row_of(request, week)
    form = forms.FreezeForm(request.POST or None, initial={"version": row.version, "judgement": row.judgement})
    again = row.state == WeekState.FROZEN
    if not again:
        form.fields["corrects"].widget = form.fields["corrects"].hidden_widget()
    else:
        form.fields["corrects"].required = True
        form.fields["corrects"].error_messages["required"] = _("Write what the new edition corrects.")
    if not again or (request.method == "POST" and "judgement" not in request.POST):
        del form.fields["judgement"]
    last = Week.from_index(row.first + row.weeks - 1)
    if request.method == "POST" and form.is_valid():
        try:
            edition = services.freeze(
                actor,
                week=row,
                version=form.cleaned_data["version"],
                corrects=form.cleaned_data["corrects"],
                judgement=form.cleaned_data.get("judgement"),
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("Week %(week)s is locked.") % {"week": week_of(week).number})
            return redirect("est_edition_number", week, edition.number)
    context = {"form": form, "week": week_of(week), "row": row, "again": again, "unfinished": last >= Week.current()}
    return render(request, "est/week/freeze.html", context, status=422 if form.errors else 200)


@require_GET
def editions(request: Request) -> HttpResponse:
    """Locked weeks, as page or file; those who lead also see the weeks in progress."""
    actor = request.actor
    page = Paginator(selectors.latest_editions(actor), PAGE_SIZE).get_page(request.GET.get("sida"))
    rows = [(e, Week.from_index(e.week.first)) for e in page]
    context = {
        "page": page,
        "rows": rows,
        "may_work": actor.may("est.week"),
        "present": cycles.reported_week() if actor.may("est.week") else None,
        "current": Week.current(),
        "passed_over": selectors.passed_over(actor) if actor.may("est.lead") else None,
    }
    return render(request, "est/week/editions.html", context)


def _edition(request: Request, week: str, number: int | None) -> Edition:
    try:
        return selectors.edition(request.actor, week_of(week), number)
    except Edition.DoesNotExist:
        raise Http404 from None


@require_GET
def edition(request: Request, week: str, number: int | None = None) -> HttpResponse:
    """A locked week, as everybody who takes part may see it."""
    actor, found = request.actor, _edition(request, week, number)
    context = {
        "week": week_of(week),
        "edition": found,
        "c": content.for_actor(actor, found.content),
        "others": selectors.editions(actor).filter(week=found.week).exclude(pk=found.pk),
        "may_lead": actor.may("est.lead"),
        "whole": content.fingerprint(found.content) == found.sha256,
    }
    return render(request, "est/week/edition.html", context)


@require_GET
def edition_file(request: Request, week: str, number: int, form: str) -> HttpResponse:
    """The locked week as PDF, Word, one page of HTML, or data: what the actor may see of it."""
    from .documents import render as render_document

    if form not in _TYPES:
        raise Http404
    found = _edition(request, week, number)
    shown: dict[str, Any] = {**content.for_actor(request.actor, found.content), "sha256": found.sha256}
    shown.pop("partners", None)
    shown["frozen_at"] = found.frozen_at.isoformat(timespec="seconds")
    response = HttpResponse(render_document(shown, form), content_type=_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="veckan-{week}-utgava-{number}.{form}"'
    return response
