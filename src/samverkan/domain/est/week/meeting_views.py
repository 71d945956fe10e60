"""The meeting's pages: one screen at a time, decisions written beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from samverkan.foundation import clock, marks
from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.pages import form_page, found, refusals_at, sent
from samverkan.foundation.weeks import Week

from ..models import Decision, EstWeek, WeekState
from . import alarms, building, cycles, forms, meeting, patterns, proposals, selectors, services
from .views import row_of


@require_http_methods(["GET", "POST"])
def show(request: Request, week: Week) -> HttpResponse:
    """One screen of the meeting; posted to, a decision is noted, or what the meeting comes to."""
    actor, row = request.actor, row_of(request, week)
    if row.state == WeekState.FROZEN:
        return redirect("est_edition", week)
    if "judgement" in request.POST:
        return _summed_up(request, week, row)
    if row.state == WeekState.OPEN and request.method == "POST":
        # Looking changes nothing; the first decision tells that the meeting has begun.
        row = services.meet(actor, week=row)
    asked = {
        "steg": request.GET.get("steg") or request.POST.get("steg") or "",
        "del": request.GET.get("del") or request.POST.get("del") or "",
    }
    form = forms.DecisionForm(sent(request), actor=actor) if request.method == "POST" else None
    if form is not None and form.is_valid() and _decided(request, row, form):
        query = meeting.Stop(asked["steg"] if asked["steg"] in meeting.STEPS else "beslut", asked["del"], "").query
        return redirect(reverse("est_meeting", args=[week]) + query)
    return form_page(request, "est/week/meeting.html", _screen(request, row, asked, form))


def _summed_up(request: Request, week: Week, row: EstWeek) -> HttpResponse:
    """Keep the assessment and what comes first, and go on to the lock."""
    offered = proposals.proposals(request.actor, row, alarms.shown(row.last_week, row.weeks).patterns)
    form = forms.SummaryForm(request.POST, proposals=offered)
    both = None
    if form.is_valid():
        text, version = form.cleaned_data["judgement"], form.cleaned_data["version"]
        seen = marks.seen_in(request)
        with refusals_at(form) as met:
            services.sum_up(request.actor, week=row, version=version, judgement=text, first=form.chosen(), seen=seen)
            notices.done(request, _("The assessment is saved."))
            return redirect("est_freeze", week)
        if met.conflict:
            row = EstWeek.objects.get(pk=row.pk)
            typed, saved = conflict.in_words({"judgement": text}), conflict.in_words({"judgement": row.judgement})
            both = conflict.show_both(form, row, typed=typed, saved=saved)
    context = _screen(request, row, {"steg": "bedomning", "del": ""}, None, summary=form)
    return form_page(request, "est/week/meeting.html", {**context, "both": both, "has_errors": bool(form.errors)})


def _decided(request: Request, row: EstWeek, form: forms.DecisionForm) -> bool:
    """Note a decision; what is refused is said at its field."""
    data = form.cleaned_data
    act = (
        services.Act(owner=data["owner"], due_on=data["due_on"], why=data["why"], problem=data["problem"])
        if data["owner"] and data["due_on"] and data["why"]
        else None
    )
    with refusals_at(form):
        services.decide(request.actor, week=row, text=data["text"], act=act, seen=marks.seen_in(request))
        noted = _("The decision is saved.") if act is None else _("The decision is saved and is now a measure.")
        notices.done(request, noted)
        return True
    return False


def _screen(
    request: Request,
    row: EstWeek,
    asked: dict[str, str],
    form: forms.DecisionForm | None,
    summary: forms.SummaryForm | None = None,
) -> dict[str, Any]:
    """What one screen shows. ``form`` and ``summary`` are what was sent, where something was wrong with it."""
    actor, first = request.actor, row.first_week
    last = row.last_week
    page = building.picture_of(actor, first, last)
    put = building.build(actor, row, released=False, page=page, drawn=False)
    found = meeting.stops(put)
    at = meeting.at(found, asked["steg"], asked["del"])
    stop = found[at]
    if form is None:
        (problem,) = patterns.known(actor, [stop.pattern]) if stop.pattern else (None,)
        form = forms.DecisionForm(actor=actor, initial=meeting.proposed(stop, problem))
    if stop.step == "bedomning" and summary is None:
        initial = {"judgement": row.judgement, "version": row.version}
        summary = forms.SummaryForm(proposals=proposals.proposals(actor, row, put.alarms.patterns), initial=initial)
    decided = selectors.decided(actor, row)
    large = request.GET.get("karta") == "stor"
    size = meeting.LARGE if large else meeting.CUT_OUT
    drawn = meeting.cut_out(page, stop.pattern, last, large=large) if stop.pattern and page else None
    return {
        "week": first,
        "row": row,
        "c": put,
        "form": form,
        "summary": summary,
        "priorities": selectors.priorities(actor, row) if summary is not None else (),
        "now": clock.local(clock.now()),
        "stop": stop,
        "heading": meeting.heading(stop, put, len(decided.left), len(decided.here)),
        "agenda": [
            (key, words, meeting.STEPS.index(key) < meeting.STEPS.index(stop.step)) for key, words in meeting.agenda()
        ],
        "number": meeting.STEPS.index(stop.step) + 1,
        "patterns": len(put.alarms.patterns),
        "pattern_number": put.alarms.patterns.index(stop.pattern) + 1 if stop.pattern else 0,
        "previous": found[at - 1] if at else None,
        "next": found[at + 1] if at + 1 < len(found) else None,
        "map": drawn,
        "map_size": size,
        "large": large and drawn is not None,
        "curve": meeting.curve(stop.pattern, last) if stop.pattern and not large else None,
        "decisions": decided.here,
        "open_decisions": decided.left,
    }


def this_meeting(request: Request) -> HttpResponse:
    """The meeting of the cycle that is gone through now."""
    return show(request, cycles.reported_week())


@require_POST
def leave(request: Request, week: Week) -> HttpResponse:
    """End the meeting without locking."""
    row = row_of(request, week)
    if row.state == WeekState.MEETING:
        services.leave(request.actor, week=row)
    return redirect("est_week", week)


@require_POST
def drop_decision(request: Request, week: Week, public_id: UUID) -> HttpResponse:
    """Take back a decision noted by mistake."""
    services.drop_decision(
        request.actor, decision=found(Decision.objects.get, public_id=public_id, week=row_of(request, week))
    )
    notices.done(request, _("The decision is taken back."))
    return redirect(reverse("est_meeting", args=[week]) + "?steg=beslut")
