"""Pages of measures and problems."""

from __future__ import annotations

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation import clock
from samverkan.foundation.access import Request
from samverkan.foundation.tables import safe_cell
from samverkan.foundation.web import conflict
from samverkan.foundation.web.errors import Conflict, Refusal

from . import doors, forms, selectors, services, workflow
from .models import Measure, Problem

PAGE_SIZE = 50


def _measure(request: Request, public_id: UUID) -> Measure:
    try:
        return selectors.measure(request.actor, public_id)
    except Measure.DoesNotExist:
        raise Http404 from None


def _filtered(request: Request) -> tuple[forms.MeasureFilter, Any]:
    form = forms.MeasureFilter(request.GET)
    form.is_valid()
    chosen = {name: form.cleaned_data.get(name, "") for name in form.fields}
    rows = selectors.filtered(
        request.actor,
        text=chosen["q"],
        status=chosen["status"],
        mine=chosen["mine"] == "1",
        sort=request.GET.get("sortera") or "due",
    )
    return form, rows


@require_GET
def measures(request: Request) -> HttpResponse:
    """The list: late first, since that is where something has to happen."""
    form, rows = _filtered(request)
    late = selectors.late_count(request.actor)
    context = {
        "filter": form,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("sida")),
        "late": late,
        "may_manage": request.actor.may("measures.manage"),
        "may_see_problems": request.actor.may("measures.view_all"),
        "open_states": workflow.OPEN,
    }
    return render(request, "measures/measures.html", context)


@require_GET
def my_measures(request: Request) -> HttpResponse:
    """What waits for the one responsible, the next step first."""
    mine = selectors.mine(request.actor)
    first = next(iter(mine.order), None)
    step = workflow.next_step(first.status) if first else None
    parts = [
        (pgettext("several measures", "Late"), mine.late),
        (_("To follow up"), mine.follow_up),
        (_("To be carried out soon"), mine.soon),
        (_("Later"), mine.later),
    ]
    context = {"mine": mine, "first": first, "step": step, "parts": [part for part in parts if part[1]]}
    return render(request, "measures/mine.html", context)


@require_GET
def measures_csv(request: Request) -> HttpResponse:
    """The same rows as the list, as CSV."""
    _form, rows = _filtered(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="atgarder.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, delimiter=";")
    writer.writerow(
        [_("Measure"), _("Why"), _("Responsible"), _("Organisation"), _("Place"), _("Due"), _("Status"), _("Effect")]
    )
    for m in rows:
        where = m.place.name if m.place else m.area.name if m.area else ""
        cells = [
            m.title,
            m.why,
            m.owner.function,
            m.owner.organisation.name,
            where,
            m.due_on.isoformat(),
            m.get_status_display(),
            m.effect,
        ]
        writer.writerow([safe_cell(str(cell)) for cell in cells])
    return response


@require_http_methods(["GET", "POST"])
def measure(request: Request, public_id: UUID) -> HttpResponse:
    """One measure: what, who, by when, why; how far it has come; what was seen of its effect."""
    row = _measure(request, public_id)
    actor = request.actor
    form = forms.EffectForm(request.POST or None, initial={"version": row.version, "effect": row.effect})
    both = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        before = row.status
        try:
            services.step(
                actor,
                measure=row,
                version=data["version"],
                after=data["after"],
                note=data["note"],
                effect=data["effect"] if "effect" in request.POST else None,
            )
        except Conflict as clash:
            row = _measure(request, public_id)
            typed = {"effect": data["effect"]} if "effect" in request.POST else {}
            both = conflict.show_both(
                form,
                clash,
                row=row,
                version=row.version,
                typed=conflict.in_words(typed),
                saved=conflict.in_words(dict.fromkeys(typed, row.effect)),
            )
        except Refusal as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        else:
            back = workflow.MEASURE.find(before, data["after"])
            tags = reverse("measure_undo", args=[row.public_id]) if back and "note" not in back.demands else ""
            messages.success(request, _("The change is saved."), extra_tags=tags)
            return redirect("measure", row.public_id)
    panels = [(panel.template, panel.context(actor, row)) for panel in doors.panels.all()]
    context = {
        "measure": row,
        "form": form,
        "both": both,
        "steps": workflow.MEASURE.open_to(actor, row),
        "panels": [(template, shown) for template, shown in panels if shown is not None],
        "may_manage": actor.may("measures.manage"),
        "late": row.status in workflow.OPEN and row.due_on < clock.today(),
        "kinds": doors.event_kinds.names(row.judged_on),
    }
    return render(request, "measures/measure.html", context, status=422 if form.errors else 200)


@require_POST
def undo(request: Request, public_id: UUID) -> HttpResponse:
    """Take the last step back, by the inverse step."""
    row = _measure(request, public_id)
    last = row.changes.order_by("-pk").first()
    if last is None or not last.before or workflow.MEASURE.find(last.before, row.status) is None:
        messages.warning(request, _("The change can no longer be undone."))
    else:
        services.step(request.actor, measure=row, version=row.version, after=last.before)
        messages.success(request, _("The change is undone."))
    return redirect("measure", row.public_id)


@require_http_methods(["GET", "POST"])
def new_measure(request: Request) -> HttpResponse:
    """Plan a measure, from a problem when the address names one."""
    about = _about(request)
    initial: dict[str, Any] = {"type": "situational"}
    if about is not None:
        initial |= {"problem": about.public_id, "kinds": about.category_codes}
        initial |= (
            {"place": about.place.public_id} if about.place else {"area": about.area.public_id} if about.area else {}
        )
    form = forms.MeasureForm(request.POST or None, actor=request.actor, before=about, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            stored = services.plan(request.actor, plan=form.plan())
        except Refusal as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        else:
            messages.success(request, _("The measure is planned."))
            return redirect("measure", stored.public_id)
    return render(request, "measures/measure_form.html", {"form": form}, status=422 if form.errors else 200)


def _about(request: Request) -> Problem | None:
    """The problem that the address names, if it names one."""
    try:
        return _problem(request, UUID(request.GET["problem"]))
    except (KeyError, ValueError, Http404):
        return None


@require_http_methods(["GET", "POST"])
def change_measure(request: Request, public_id: UUID) -> HttpResponse:
    """Change what is planned."""
    row = _measure(request, public_id)
    form = forms.MeasureForm(request.POST or None, actor=request.actor, before=row, initial=forms.initial_of(row))
    both = None
    if request.method == "POST" and form.is_valid():
        try:
            services.change(
                request.actor,
                measure=row,
                version=form.cleaned_data["version"] or 0,
                plan=form.plan(row),
            )
        except Conflict as clash:
            row, typed = _measure(request, public_id), form.in_words()
            both = conflict.show_both(form, clash, row=row, version=row.version, typed=typed, saved=forms.words_of(row))
        except Refusal as problem:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        else:
            messages.success(request, _("The change is saved."))
            return redirect("measure", row.public_id)
    context = {"form": form, "measure": row, "both": both}
    return render(request, "measures/measure_form.html", context, status=422 if form.errors else 200)


def _problem(request: Request, public_id: UUID) -> Problem:
    try:
        return selectors.problem(request.actor, public_id)
    except Problem.DoesNotExist:
        raise Http404 from None


@require_GET
def problems(request: Request) -> HttpResponse:
    """Problems with causes; one without a measure is a visible gap."""
    rows = selectors.problems(request.actor, open_only=request.GET.get("alla") != "1")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("sida"))
    return render(
        request,
        "measures/problems.html",
        {"page": page, "may_manage": request.actor.may("measures.manage"), "all": request.GET.get("alla") == "1"},
    )


@require_http_methods(["GET", "POST"])
def problem(request: Request, public_id: UUID) -> HttpResponse:
    """One problem, its causes and its measures; those who may can change it."""
    actor = request.actor
    row = _problem(request, public_id)
    form = forms.ProblemForm(request.POST or None, actor=request.actor, before=row, initial=forms.problem_initial(row))
    both = None
    if request.method == "POST" and form.is_valid():
        # Saving leaves a closed problem closed; closing and opening again are buttons of their own.
        closed_on = {"close": clock.today(), "open": None}.get(request.POST.get("do", ""), row.closed_on)
        try:
            services.change_problem(
                actor, problem=row, version=form.cleaned_data["version"] or 0, closed_on=closed_on, **form.told()
            )
        except Conflict as clash:
            row, typed = _problem(request, public_id), form.in_words()
            both = conflict.show_both(
                form, clash, row=row, version=row.version, typed=typed, saved=forms.problem_words(row)
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The change is saved."))
            return redirect("problem", row.public_id)
    context = {
        "problem": row,
        "form": form,
        "both": both,
        "may_manage": actor.may("measures.manage"),
        "kinds": doors.event_kinds.names(row.category_codes),
    }
    return render(request, "measures/problem.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def new_problem(request: Request) -> HttpResponse:
    """Describe a problem with its causes."""
    form = forms.ProblemForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            stored = services.describe_problem(request.actor, **form.told())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("The problem is saved."))
            return redirect("problem", stored.public_id)
    return render(request, "measures/problem_form.html", {"form": form}, status=422 if form.errors else 200)
