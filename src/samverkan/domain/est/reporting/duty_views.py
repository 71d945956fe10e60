"""Pages of the coordinator: who has reported, who is silent, and the register of those expected."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request
from samverkan.foundation.web import notices
from samverkan.foundation.web.pages import back_to, form_page, found, refusals_at, sent
from samverkan.foundation.weeks import Week

from ..models import Reporter
from ..week import cycles
from . import review_forms, selectors
from .services import duty
from .views import seat_or_404


def _cycle(request: Request) -> Week:
    text = request.POST.get("week") or request.GET.get("vecka") or ""
    try:
        return (
            cycles.first_of(Week.parse(text), cycles.length())
            if text
            else cycles.first_of(Week.current(), cycles.length())
        )
    except ValueError:
        raise Http404 from None


def _reporter(public_id: UUID) -> Reporter:
    return found(Reporter.objects.select_related("membership__organisation").get, public_id=public_id)


@require_GET
def reporters(request: Request) -> HttpResponse:
    """Who has reported, who had nothing, who is silent, group by group."""
    week = _cycle(request) if "vecka" in request.GET else selectors.week_to_chase(request.actor)
    context = selectors.duty_page(request.actor, week)
    return render(request, "est/reporting/reporters.html", {**context, "week": week, "is_now": week == _cycle_now()})


def _cycle_now() -> Week:
    return cycles.first_of(Week.current(), cycles.length())


def _back(week: Week) -> HttpResponse:
    return redirect(f"{reverse('reporters')}?vecka={week}")


@require_POST
def remind(request: Request) -> HttpResponse:
    """Remind everybody who is silent, or one of them."""
    week = _cycle(request)
    only = request.POST.get("reporter")
    told = duty.remind(request.actor, week=week, only=_reporter(UUID(only)).public_id if only else None)
    if told:
        notices.done(request, ngettext("{n} person is reminded.", "{n} persons are reminded.", told).format(n=told))
    else:
        notices.tell(request, _("Nobody was reminded: they have been reminded today already."))
    return redirect(back_to(request, f"{reverse('reporters')}?vecka={week}"))


@require_POST
def nothing_for(request: Request, seat: UUID) -> HttpResponse:
    """Note for a partner that there is nothing to report."""
    week = _cycle(request)
    duty.nothing(request.actor, seat=seat_or_404(seat), week=week)
    undo = f"{reverse('nothing_for_undo', args=[seat])}?vecka={week}"
    notices.done(request, _("Noted that there is nothing to report."), undo=undo)
    return _back(week)


@require_POST
def nothing_for_undo(request: Request, seat: UUID) -> HttpResponse:
    """It was a mistake."""
    week = _cycle(request)
    duty.not_nothing(request.actor, seat=seat_or_404(seat), week=week)
    notices.done(request, _("The change is undone."))
    return _back(week)


@require_http_methods(["GET", "POST"])
def expect(request: Request) -> HttpResponse:
    """Add a seat to those expected to report."""
    form = review_forms.ExpectForm(sent(request))
    if form.is_valid():
        data = form.cleaned_data
        with refusals_at(form):
            duty.expect(request.actor, seat=data["seat"], group=data["group"], from_on=data["from_on"])
            notices.done(request, _("The reporter is added."))
            return _back(_cycle_now())  # where one who begins today is seen
    return form_page(request, "est/reporting/expect.html", {"form": form, "groups": selectors.groups(request.actor)})


@require_http_methods(["GET", "POST"])
def reporter(request: Request, public_id: UUID) -> HttpResponse:
    """Change the group of a reporter, or end the duty."""
    row = _reporter(public_id)
    form = review_forms.GroupForm(sent(request), initial={"group": row.group, "version": row.version})
    if form.is_valid():
        actor, version = request.actor, form.cleaned_data["version"]
        with refusals_at(form):
            if "end" in request.POST:
                stays = duty.end(actor, reporter=row, version=version).pk is not None
                undo = reverse("reopen_reporter", args=[row.public_id]) if stays else ""
                notices.done(request, _("The reporter is no longer expected to report."), undo=undo)
            else:
                duty.regroup(actor, reporter=row, version=version, group=form.cleaned_data["group"])
                notices.done(request, _("The change is saved."))
            return _back(_cycle_now())  # where one who begins today is seen
    context = {"form": form, "reporter": row, "groups": selectors.groups(request.actor)}
    return form_page(request, "est/reporting/reporter.html", context)


@require_POST
def reopen(request: Request, public_id: UUID) -> HttpResponse:
    """Undo that a duty was ended."""
    row = _reporter(public_id)
    duty.reopen(request.actor, reporter=row, version=row.version)
    notices.done(request, _("The change is undone."))
    return _back(_cycle_now())  # where one who begins today is seen
