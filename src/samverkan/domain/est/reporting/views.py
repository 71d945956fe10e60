"""Pages of those who report: the report itself, its receipt, and one's own reports."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.domain.places.api import as_said, names_here, picker, places
from samverkan.foundation import clock, files, privacy
from samverkan.foundation.access import Request
from samverkan.foundation.people.models import Membership
from samverkan.foundation.privacy.kinds import KINDS
from samverkan.foundation.refs import Ref
from samverkan.foundation.web import notices
from samverkan.foundation.web.forms import shown
from samverkan.foundation.web.pages import ask_first, form_page, found, page_of, refusals_at, sent
from samverkan.foundation.weeks import Week

from ..models import Report
from . import forms, selectors, services, workflow
from .services import duty


def _own(request: Request, public_id: UUID) -> Report:
    return found(selectors.own_report, request.actor, public_id)


def seat_or_404(public_id: UUID) -> Membership:
    return found(Membership.objects.on(clock.today()).select_related("organisation").get, public_id=public_id)


@require_http_methods(["GET", "POST"])
def report(request: Request) -> HttpResponse:
    """What, where, when, compared with before, a photo; or one tap: nothing to report."""
    return _report(request, None)


@require_http_methods(["GET", "POST"])
def report_for(request: Request, seat: UUID) -> HttpResponse:
    """The coordinator writes a call or an e-mail in for a partner."""
    return _report(request, seat_or_404(seat))


def _report(request: Request, seat: Membership | None) -> HttpResponse:
    actor = request.actor
    form = forms.ReportForm(sent(request), request.FILES or None, actor=actor, seat=seat, initial={"key": uuid4()})
    if form.is_valid():
        data = form.cleaned_data
        with refusals_at(form):
            stored = services.submit(
                actor,
                seen=form.seen(),
                key=data["key"],
                photos=data["photos"],
                seat=seat,
                channel=data.get("channel") or "own",
            )
            return redirect("report_receipt", stored.public_id)
    return _show_form(request, form, seat=seat)


def _show_form(
    request: Request, form: forms.ReportForm, *, seat: Membership | None = None, before: Report | None = None
) -> HttpResponse:
    actor = request.actor
    choices = {c.id.rsplit("_", 1)[-1]: c for c in shown(form["category"]).choices}
    order = [c.pk for c in form.offered]
    first = selectors.usual(actor, form.offered)
    chosen = form["category"].value()
    first += [c.pk for c in form.offered if c.code == str(chosen) and c.pk not in first]
    tiles = [choices[str(order.index(pk))] for pk in first]
    rest = [choices[str(n)] for n, pk in enumerate(order) if pk not in first]
    context: dict[str, Any] = {
        "form": form,
        "for_seat": seat,
        "before": before,
        "tiles": tiles,
        "rest": rest,
        "category_count": len(order),
        "week": Week.current(),
        "known_places": list(places(actor).exclude(kind="address").values_list("name", flat=True)[:200]),
        "map": picker(actor, form["x"].value(), form["y"].value()),
        "photos": files.files_of(actor, Ref("report", before.public_id)) if before else [],
        "answers": selectors.answers(actor) if seat is None and before is None else None,
        "lost_photos": bool(form.errors and request.FILES),
        "is_police": actor.role == "municipal_police",
    }
    return form_page(request, "est/reporting/report.html", context)


@require_GET
def suggestions(request: Request) -> HttpResponse:
    """Places and areas that may be meant by what has been typed, as options of the field."""
    text = request.GET.get("where", "")
    found = as_said(request.actor, text, 12).found
    return render(
        request, "est/reporting/_places.html", {"names": list(dict.fromkeys(f.name for f in found)), "text": text}
    )


@require_POST
def marks(request: Request) -> HttpResponse:
    """What in the text looks like personal data, as the reviewer will see it. Nothing is stored or logged."""
    text = request.POST.get("text", "")[: services.MOST_TEXT]
    found = [(text[mark.start : mark.end], KINDS[mark.kind]) for mark in privacy.find(text, names_here())]
    return render(request, "est/reporting/_marks.html", {"found": list(dict.fromkeys(found))})


@require_GET
def receipt(request: Request, public_id: UUID) -> HttpResponse:
    """It has arrived, and what happens now."""
    row = _own(request, public_id)
    context = {
        "report": row,
        "report_week": Week.from_index(row.week).number,
        "for_other": row.membership_id != request.actor.membership_id,
    }
    return render(request, "est/reporting/receipt.html", context)


@require_POST
def nothing(request: Request) -> HttpResponse:
    """One tap: nothing to report."""
    week = _week_of(request)
    row = duty.nothing(request.actor, week=week)
    number = Week.from_index(row.week).number
    undo = f"{reverse('nothing_undo')}?vecka={Week.from_index(row.week)}"
    notices.done(request, _("Noted: nothing to report week {week}.").format(week=number), undo=undo)
    return redirect("report")


@require_POST
def not_nothing(request: Request) -> HttpResponse:
    """The tap was a mistake."""
    duty.not_nothing(request.actor, week=_week_of(request))
    notices.done(request, _("The change is undone."))
    return redirect("report")


def _week_of(request: Request) -> Week | None:
    text = request.POST.get("week") or request.GET.get("vecka") or ""
    try:
        return Week.parse(text) if text else None
    except ValueError:
        raise Http404 from None


@require_GET
def own_reports(request: Request) -> HttpResponse:
    """One's own organisation's reports, and what became of each."""
    page = page_of(request, selectors.own(request.actor))
    return render(request, "est/reporting/own_reports.html", {"page": page})


@require_GET
def own_report(request: Request, public_id: UUID) -> HttpResponse:
    """One of one's own reports."""
    row = _own(request, public_id)
    context = {
        "report": row,
        "photos": files.files_of(request.actor, Ref("report", row.public_id)),
        "may_change": row.state in workflow.OPEN_TO_REPORTER,
        "steps": {s.name for s in workflow.REPORT.open_to(request.actor, row)},
    }
    return render(request, "est/reporting/own_report.html", context)


@require_http_methods(["GET", "POST"])
def change(request: Request, public_id: UUID) -> HttpResponse:
    """Change a report until it is reviewed, and send it."""
    row, actor = _own(request, public_id), request.actor
    if row.state not in workflow.OPEN_TO_REPORTER:
        return redirect("own_report", row.public_id)
    form = forms.ReportForm(
        sent(request), request.FILES or None, actor=actor, before=row, initial=forms.initial_of(row)
    )
    if form.is_valid():
        data = form.cleaned_data
        with refusals_at(form):
            services.change(
                actor,
                report=row,
                version=data["version"] or 0,
                seen=form.seen(),
                photos=data["photos"],
                drop_photos=data["drop_photos"],
            )
            notices.done(request, _("The report is sent."))
            return redirect("own_report", row.public_id)
    return _show_form(request, form, before=row)


@require_POST
def withdraw(request: Request, public_id: UUID) -> HttpResponse:
    """Take the report back; it can be sent again."""
    row = _own(request, public_id)
    services.withdraw(request.actor, report=row, version=row.version)
    notices.done(request, _("The report is withdrawn."), undo=reverse("send_report", args=[row.public_id]))
    return redirect("own_report", row.public_id)


@require_POST
def send(request: Request, public_id: UUID) -> HttpResponse:
    """Send a draft, or undo that it was withdrawn."""
    row = _own(request, public_id)
    services.send(request.actor, report=row, version=row.version)
    notices.done(request, _("The report is sent."))
    return redirect("own_report", row.public_id)


@require_http_methods(["GET", "POST"])
def discard(request: Request, public_id: UUID) -> HttpResponse:
    """Throw a draft away; asked first, since it cannot be undone."""
    row = _own(request, public_id)
    if "confirmed" in request.POST:
        services.discard(request.actor, report=row, version=row.version)
        notices.done(request, _("The draft is thrown away."))
        return redirect("own_reports")
    return ask_first(
        request,
        room=_("My reports"),
        heading=_("Do you want to throw the draft away?"),
        lead=_("It cannot be undone."),
        verb=_("Throw the draft away"),
        keep=_("Keep the draft"),
        back=reverse("own_report", args=[row.public_id]),
    )
