"""Pages of measures and problems."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation import clock, marks
from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.pages import csv_file, form_page, found, page_of, refusals_at, sent

from . import doors, forms, selectors, services, workflow
from .models import Measure, Problem


def _measure(request: Request, public_id: UUID) -> Measure:
    return found(selectors.measure, request.actor, public_id)


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
        "page": page_of(request, rows),
        "late": late,
        "may_manage": request.actor.may("measures.manage"),
        "may_see_problems": request.actor.may("measures.view_all"),
        "open_states": workflow.OPEN,
        "export_url": reverse("measures_csv"),
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
def measures_csv(request: Request) -> StreamingHttpResponse:
    """The same rows as the list, as CSV."""
    head = [_("Measure"), _("Why"), _("Responsible"), _("Organisation"), _("Place"), _("Due"), _("Status"), _("Effect")]
    return csv_file("atgarder.csv", head, (_cells(m) for m in _filtered(request)[1]))


def _cells(m: Measure) -> list[object]:
    where = m.place or m.area
    return [
        m.title,
        m.why,
        m.owner.function,
        m.owner.organisation.name,
        where.name if where else "",
        m.due_on.isoformat(),
        m.get_status_display(),
        m.effect,
    ]


@require_http_methods(["GET", "POST"])
def measure(request: Request, public_id: UUID) -> HttpResponse:
    """One measure: what, who, by when, why; how far it has come; what was seen of its effect."""
    row = _measure(request, public_id)
    actor = request.actor
    form = forms.EffectForm(sent(request), initial={"version": row.version, "effect": row.effect})
    both = None
    if form.is_valid():
        data = form.cleaned_data
        before = row.status
        with refusals_at(form) as met:
            services.step(
                actor,
                measure=row,
                version=data["version"],
                after=data["after"],
                note=data["note"],
                effect=data["effect"] if "effect" in request.POST else None,
                seen=marks.seen_in(request),
            )
            back = workflow.MEASURE.find(before, data["after"])
            undo_at = reverse("measure_undo", args=[row.public_id]) if back and "note" not in back.demands else ""
            notices.done(request, _("The change is saved."), undo=undo_at)
            return redirect("measure", row.public_id)
        if met.conflict:
            row = _measure(request, public_id)
            typed = conflict.in_words({"effect": data["effect"]} if "effect" in request.POST else {})
            both = conflict.show_both(form, row, typed=typed, saved=conflict.in_words({"effect": row.effect}))
    panels = [(panel.template, panel.context(actor, row)) for panel in doors.panels.all()]
    context = {
        "measure": row,
        "form": form,
        "both": both,
        "steps": workflow.MEASURE.open_to(actor, row),
        "panels": [(template, shown) for template, shown in panels if shown is not None],
        "may_manage": actor.may("measures.manage"),
        "may_see_problems": actor.may("measures.view_all"),
        "late": row.status in workflow.OPEN and row.due_on < clock.today(),
        "kinds": doors.event_kinds.names(row.judged_on),
    }
    return form_page(request, "measures/measure.html", context)


@require_POST
def undo(request: Request, public_id: UUID) -> HttpResponse:
    """Take the last step back, by the inverse step."""
    row = _measure(request, public_id)
    last = row.changes.order_by("-pk").first()
    if last is None or not last.before or workflow.MEASURE.find(last.before, row.status) is None:
        notices.warn(request, _("The change can no longer be undone."))
    else:
        services.step(request.actor, measure=row, version=row.version, after=last.before)
        notices.done(request, _("The change is undone."))
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
    initial |= _told(request)
    form = forms.MeasureForm(sent(request), actor=request.actor, before=about, initial=initial)
    if form.is_valid():
        with refusals_at(form):
            stored = services.plan(request.actor, plan=form.plan(), seen=marks.seen_in(request))
            notices.done(request, _("The measure is planned."))
            return redirect("measure", stored.public_id)
    return form_page(request, "measures/measure_form.html", {"form": form} | form.chosen())


def _told(request: Request) -> dict[str, Any]:
    """What the address fills in: why, kinds of events, and a place or an area. What is not offered is not chosen."""
    told = {
        "why": request.GET.get("varfor", "")[:1000],
        "place": request.GET.get("plats"),
        "area": request.GET.get("omrade"),
    }
    kinds = request.GET.getlist("typ")
    return {name: value for name, value in {**told, "kinds": kinds}.items() if value}


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
    form = forms.MeasureForm(sent(request), actor=request.actor, before=row, initial=forms.initial_of(row))
    both = None
    if form.is_valid():
        with refusals_at(form) as met:
            version = form.cleaned_data["version"] or 0
            seen = marks.seen_in(request)
            services.change(request.actor, measure=row, version=version, plan=form.plan(row), seen=seen)
            notices.done(request, _("The change is saved."))
            return redirect("measure", row.public_id)
        if met.conflict:
            row = _measure(request, public_id)
            both = conflict.show_both(form, row, typed=form.in_words(), saved=forms.words_of(row))
    context = {"form": form, "measure": row, "both": both} | form.chosen()
    return form_page(request, "measures/measure_form.html", context)


def _problem(request: Request, public_id: UUID) -> Problem:
    return found(selectors.problem, request.actor, public_id)


@require_GET
def problems(request: Request) -> HttpResponse:
    """Problems with causes; one without a measure is a visible gap."""
    rows = selectors.problems(request.actor, open_only=request.GET.get("alla") != "1")
    page = page_of(request, rows)
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
    form = forms.ProblemForm(sent(request), actor=request.actor, before=row, initial=forms.problem_initial(row))
    both = None
    if form.is_valid():
        # Saving leaves a closed problem closed; closing and opening again are buttons of their own.
        closed_on = {"close": clock.today(), "open": None}.get(request.POST.get("do", ""), row.closed_on)
        with refusals_at(form) as met:
            services.change_problem(
                actor,
                problem=row,
                version=form.cleaned_data["version"] or 0,
                closed_on=closed_on,
                seen=marks.seen_in(request),
                **form.told(),
            )
            notices.done(request, _("The change is saved."))
            return redirect("problem", row.public_id)
        if met.conflict:
            row = _problem(request, public_id)
            both = conflict.show_both(form, row, typed=form.in_words(), saved=forms.problem_words(row))
    context = {
        "problem": row,
        "form": form,
        "both": both,
        "may_manage": actor.may("measures.manage"),
        "kinds": doors.event_kinds.names(row.category_codes),
    }
    return form_page(request, "measures/problem.html", context)


@require_http_methods(["GET", "POST"])
def new_problem(request: Request) -> HttpResponse:
    """Describe a problem with its causes."""
    form = forms.ProblemForm(sent(request), actor=request.actor)
    if form.is_valid():
        with refusals_at(form):
            stored = services.describe_problem(request.actor, seen=marks.seen_in(request), **form.told())
            notices.done(request, _("The problem is saved."))
            return redirect("problem", stored.public_id)
    return form_page(request, "measures/problem_form.html", {"form": form})
