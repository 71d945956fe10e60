"""Pages of the week: Monday, the week, the meeting, locking, and locked weeks."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation import marks
from samverkan.foundation.access import Request
from samverkan.foundation.documents import MEDIA_TYPES
from samverkan.foundation.marks.views import by_row
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.pages import attachment, back_to, form_page, found, page_of, refusals_at, sent
from samverkan.foundation.weeks import Week

from ..models import Decision, Edition, EstWeek, Priority, WeekState
from ..reporting.selectors import waiting
from . import building, checklist, content, cycles, forms, patterns, selectors, services, workflow
from .marked import unanswered_marks


@require_GET
def monday(request: Request) -> HttpResponse:
    """What the coordinator opens on Monday morning: the week to go through, already put together."""
    actor = request.actor
    week = cycles.reported_week()
    row, passed_over = selectors.look_back(actor, week)
    put = building.build(actor, row, released=False)
    context = {
        "week": week,
        "row": row,
        "locked": row.state == WeekState.FROZEN,
        "c": put,
        "known": patterns.known(actor, put.alarms.patterns),
        "passed_over": passed_over if actor.may("est.lead") else None,
        "reminded": selectors.reminded_today(actor, week) if actor.may("est.lead") else set(),
        "may_plan": actor.may("measures.manage"),
        "waiting": waiting(actor),
        "open_decisions": selectors.decided(actor, row).left,
        "outside": selectors.outside_editions(actor) if actor.may("est.lead") else [],
        "may_lead": actor.may("est.lead"),
        "may_review": actor.may("est.review"),
    }
    return render(request, "est/week/monday.html", context)


@require_http_methods(["GET", "POST"])
def week(request: Request, week: Week) -> HttpResponse:
    """The week while it is put together; a locked week shows its latest edition."""
    actor, row = request.actor, selectors.look(request.actor, week)
    if row.first != week.index:
        return redirect("est_week", Week.from_index(row.first))
    if row.state == WeekState.FROZEN:
        return redirect("est_edition", week)
    form = forms.JudgementForm(request.POST) if request.method == "POST" else _judgement(row)
    both = None
    if form.is_valid():
        text = form.cleaned_data["judgement"]
        with refusals_at(form) as met:
            row = services.open_week(actor, week=week)
            version, seen = form.cleaned_data["version"], marks.seen_in(request)
            services.judge(actor, week=row, version=version, text=text, seen=seen)
            notices.done(request, _("The assessment is saved."))
            return redirect("est_week", week)
        if met.conflict:
            row = EstWeek.objects.get(pk=row.pk)
            typed, saved = conflict.in_words({"judgement": text}), conflict.in_words({"judgement": row.judgement})
            both = conflict.show_both(form, row, typed=typed, saved=saved)
    priority_form = forms.PriorityForm(actor=actor) if "prioritera" in request.GET else None
    return _week_page(request, row, form=form, both=both, priority_form=priority_form)


def _judgement(row: EstWeek) -> forms.JudgementForm:
    return forms.JudgementForm(initial={"judgement": row.judgement, "version": row.version})


def _week_page(
    request: Request,
    row: EstWeek,
    *,
    form: forms.JudgementForm,
    both: conflict.Both | None = None,
    priority_form: forms.PriorityForm | None = None,
) -> HttpResponse:
    """The page of a week in progress, with what was typed in its forms."""
    actor, wanted = request.actor, Week.from_index(row.first)
    decided = selectors.decided(actor, row)
    wrong = bool(form.errors or (priority_form is not None and priority_form.errors))
    context = {
        "week": wanted,
        "row": row,
        "c": building.build(actor, row, released=False),
        "form": form,
        "both": both,
        "priority_form": priority_form,
        "has_errors": wrong,
        "priorities": selectors.priorities(actor, row),
        "decisions": decided.here,
        "open_decisions": decided.left,
        "may_lead": actor.may("est.lead"),
        "current": Week.current(),
    }
    return form_page(request, "est/week/week.html", context)


def row_of(request: Request, week: Week) -> EstWeek:
    """The cycle that begins with a week; stored first when something is to be done with it."""
    row = selectors.look(request.actor, week)
    if row.first != week.index:
        raise Http404
    return services.open_week(request.actor, week=week) if request.method == "POST" and row.pk is None else row


@require_http_methods(["GET", "POST"])
def add_priority(request: Request, week: Week) -> HttpResponse:
    """Put a place or an area first. What is wrong is said at the field, with what was typed kept."""
    row = row_of(request, week)
    if request.method == "GET":  # the address of a form that was wrong, asked for anew
        return redirect(f"{reverse('est_week', args=[week])}?prioritera=1#prioritera")
    if row.state == WeekState.FROZEN:  # locked while somebody wrote
        notices.refuse(request, str(workflow.LOCKED))
        return redirect("est_edition", week)
    form = forms.PriorityForm(request.POST, actor=request.actor)
    if form.is_valid():
        with refusals_at(form):
            services.put_first(request.actor, week=row, seen=marks.seen_in(request), **form.cleaned_data)
            notices.done(request, _("The place is prioritised."))
            return redirect("est_week", week)
    return _week_page(request, row, form=_judgement(row), priority_form=form)


@require_POST
def drop_priority(request: Request, week: Week, public_id: UUID) -> HttpResponse:
    """Take a priority away."""
    services.drop_priority(
        request.actor, priority=found(Priority.objects.get, public_id=public_id, week=row_of(request, week))
    )
    notices.done(request, _("The priority is taken away."))
    return redirect("est_week", week)


@require_POST
def tick_decision(request: Request, public_id: UUID) -> HttpResponse:
    """Tick off a decision of an earlier week as done."""
    services.tick(request.actor, decision=found(Decision.objects.get, public_id=public_id), done=True)
    back = back_to(request, reverse("monday"))
    undo = f"{reverse('est_untick_decision', args=[public_id])}?{urlencode({'next': back})}"
    notices.done(request, _("The decision is done."), undo=undo)
    return redirect(back)


@require_POST
def untick_decision(request: Request, public_id: UUID) -> HttpResponse:
    """The decision is not done after all."""
    services.tick(request.actor, decision=found(Decision.objects.get, public_id=public_id), done=False)
    notices.done(request, _("The change is undone."))
    return redirect(back_to(request, reverse("monday")))


@require_GET
def pattern(request: Request, week: Week, number: int) -> HttpResponse:
    """The reports that an unusual pattern gathers, the problem known there, and what to do about it."""
    actor, row = request.actor, row_of(request, week)
    one = found(patterns.pattern, actor, row, number)
    (problem,) = patterns.known(actor, [one])
    context = {
        "week": week,
        "p": one,
        "number": number,
        "problem": problem,
        "reports": patterns.reports(actor, one),
        "last": row.last_week,
        "c": content.Content(week=str(week), weeks=row.weeks, begins="", ends="", put_together_at=""),
        "may_plan": actor.may("measures.manage"),
        "may_lead": actor.may("est.lead") and row.state != WeekState.FROZEN,
    }
    return render(request, "est/week/pattern.html", context)


@require_GET
def plan_against(request: Request, week: Week, number: int) -> HttpResponse:
    """To the form of a measure, with what the pattern tells filled in."""
    row = row_of(request, week)
    one = found(patterns.pattern, request.actor, row, number)
    return redirect(patterns.plan_address(request.actor, row, number, one))


@require_http_methods(["GET", "POST"])
def freeze(request: Request, week: Week) -> HttpResponse:
    """What locking means, and the button. A locked week may get a corrected edition here."""
    actor, row = request.actor, row_of(request, week)
    form = forms.FreezeForm(sent(request), initial={"version": row.version, "judgement": row.judgement})
    again = row.state == WeekState.FROZEN
    if not again:
        form.fields["corrects"].widget = form.fields["corrects"].hidden_widget()
    else:
        form.fields["corrects"].required = True
        form.fields["corrects"].error_messages["required"] = _("Write what the new edition corrects.")
    if not again or (request.method == "POST" and "judgement" not in request.POST):
        del form.fields["judgement"]
    last = Week.from_index(row.first + row.weeks - 1)
    if form.is_valid():
        with refusals_at(form):
            edition = services.freeze(
                actor,
                week=row,
                version=form.cleaned_data["version"],
                corrects=form.cleaned_data["corrects"],
                judgement=form.cleaned_data.get("judgement"),
                seen=marks.seen_in(request),
            )
            notices.done(request, _("Week %(week)s is locked.") % {"week": week.number})
            return redirect("est_edition_number", week, edition.number)
    marked = by_row(unanswered_marks(row))
    checks = checklist.checklist(actor, row, len(marked)) if not again else []
    context = {
        "form": form,
        "week": week,
        "row": row,
        "again": again,
        "unfinished": last >= Week.current(),
        "marked": marked,
        "checks": checks,
        "left": sum(1 for check in checks if not check.done),
        "told": checklist.told(actor, row),
    }
    return form_page(request, "est/week/freeze.html", context)


@require_GET
def editions(request: Request) -> HttpResponse:
    """Locked weeks, as page or file; those who lead also see the weeks in progress."""
    actor = request.actor
    page = page_of(request, selectors.latest_editions(actor))
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


def _edition(request: Request, week: Week, number: int | None) -> Edition:
    return found(selectors.edition, request.actor, week, number)


@require_GET
def edition(request: Request, week: Week, number: int | None = None) -> HttpResponse:
    """A locked week, as everybody who takes part may see it."""
    actor, locked = request.actor, _edition(request, week, number)
    if gone := selectors.taken_out(locked):
        return render(request, "est/week/taken_out.html", {"week": week, "edition": locked, "gone": gone}, status=410)
    shown = content.for_actor(actor, content.kept(locked.content))
    context = {
        "week": week,
        "edition": locked,
        "c": shown,
        "last": week.plus(locked.week.weeks - 1),
        "today_counted": building.counted_today(actor, shown),
        "others": selectors.editions(actor).filter(week=locked.week).exclude(pk=locked.pk),
        "may_lead": actor.may("est.lead"),
        "may_take_out": actor.may("est.take_out"),
        "whole": locked.is_whole,
    }
    return render(request, "est/week/edition.html", context)


@require_GET
def edition_file(request: Request, week: Week, number: int, form: str) -> HttpResponse:
    """The locked week as PDF, Word, one page of HTML, or data: what the actor may see of it."""
    from .documents import render as render_document  # the typesetter is read in only when somebody asks

    if form not in MEDIA_TYPES:
        raise Http404
    locked = _edition(request, week, number)
    if selectors.taken_out(locked):
        raise Http404
    shown = content.for_actor(request.actor, content.kept(locked.content)).without("partners")
    document = render_document(shown, form, locked.seal)
    return attachment(f"veckan-{week}-utgava-{number}.{form}", document, MEDIA_TYPES[form])
