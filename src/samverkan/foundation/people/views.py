"""People, organisations and seats."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request

from .. import clock
from ..web import conflict, notices
from ..web.pages import form_page, found, page_of, refusals_at, sent, sent_version
from . import forms, invitations, policy, selectors, services
from .models import Membership, OrganisationKind


def _filters(form: Any) -> dict[str, str]:
    """What the filters say; a filter that makes no sense filters nothing."""
    form.is_valid()
    return {name: form.cleaned_data.get(name, "") for name in form.fields}


@require_GET
def people(request: Request) -> HttpResponse:
    """People by name, function or organisation, with search, sorting and pages."""
    actor = request.actor
    form = forms.PeopleFilter(request.GET)
    chosen = _filters(form)
    rows = selectors.people(
        actor,
        text=chosen["q"],
        role=chosen["role"],
        ended=chosen["ended"] == "1",
        sort=request.GET.get("sortera") or "name",
    )
    return render(
        request,
        "people/people.html",
        {"page": page_of(request, rows), "filter": form, "may_invite": actor.may("people.invite")},
    )


@require_GET
def organisations(request: Request) -> HttpResponse:
    """Organisations with the number of seats held."""
    actor = request.actor
    form = forms.OrganisationFilter(request.GET)
    chosen = _filters(form)
    rows = selectors.organisations(
        actor, text=chosen["q"], kind=chosen["kind"], sort=request.GET.get("sortera") or "name"
    )
    return render(
        request,
        "people/organisations.html",
        {"page": page_of(request, rows), "filter": form, "may_manage": actor.may("people.manage")},
    )


@require_http_methods(["GET", "POST"])
def new_organisation(request: Request) -> HttpResponse:
    """Register an organisation."""
    form = forms.OrganisationForm(sent(request))
    if form.is_valid():
        data = {key: form.cleaned_data[key] for key in ("name", "kind", "parent", "controller")}
        with refusals_at(form):
            stored = services.create_organisation(request.actor, **data)
            notices.done(request, _("The organisation is saved."))
            return redirect("organisation", stored.public_id)
    return form_page(request, "people/organisation_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def organisation(request: Request, public_id: UUID) -> HttpResponse:
    """An organisation: what it is, its parts and who sits in it; those who may can change it."""
    actor = request.actor
    row = found(selectors.organisation, actor, public_id)
    may_manage = actor.may("people.manage")
    initial = {
        "name": row.name,
        "kind": row.kind,
        "parent": row.parent_id,
        "controller": row.controller_id,
        "version": row.version,
    }
    form = forms.OrganisationForm(sent(request), initial=initial)
    both = None
    if form.is_valid():
        data = {key: form.cleaned_data[key] for key in ("name", "kind", "parent", "controller")}
        with refusals_at(form) as met:
            services.change_organisation(actor, public_id=public_id, version=sent_version(request), **data)
            notices.done(request, _("The change is saved."))
            return redirect("organisation", public_id)
        if met.conflict:
            row = found(selectors.organisation, actor, public_id)
            saved = _in_words({name: getattr(row, name) for name in data})
            both = conflict.show_both(form, row, typed=_in_words(data), saved=saved)
    return form_page(
        request,
        "people/organisation.html",
        {
            "organisation": row,
            "form": form,
            "both": both,
            "may_manage": may_manage,
            "may_invite": actor.may("people.invite"),
            "seats": selectors.memberships(actor).filter(organisation=row),
            "parts": selectors.organisations(actor).filter(parent=row),
        },
    )


def _in_words(data: dict[str, Any]) -> dict[str, str]:
    return conflict.in_words({**data, "kind": str(OrganisationKind(data["kind"]).label)})


@require_http_methods(["GET", "POST"])
def person(request: Request, public_id: UUID) -> HttpResponse:
    """A person and the seats held over time; those who may can give another seat."""
    actor = request.actor
    row = found(selectors.person, actor, public_id)
    may_manage = actor.may("people.manage")
    form = forms.SeatForm(sent(request), actor=actor) if may_manage and row.pk != actor.person_id else None
    if form is not None and form.is_valid():
        with refusals_at(form):
            services.give_seat(actor, person=row, **form.cleaned_data)
            notices.done(request, _("The seat is given."))
            return redirect("person", public_id)
    today = clock.today()
    seats = [
        {
            "row": seat,
            "held": seat.from_on <= today and (seat.until_on is None or seat.until_on > today),
            "may_end": may_manage and policy.may_give(actor, seat.role) and seat.from_on < today,
            "may_change": may_manage and policy.may_give(actor, seat.role),
        }
        for seat in selectors.seats(actor).filter(person=row)
    ]
    return form_page(
        request,
        "people/person.html",
        {
            "person": row,
            "seat_rows": seats,
            "form": form,
            "may_manage": may_manage,
            "is_self": row.pk == actor.person_id,
            "today": today,
        },
    )


def _seat(request: Request, public_id: UUID) -> Membership:
    return found(selectors.seats(request.actor).get, public_id=public_id)


@require_POST
def end_seat(request: Request, public_id: UUID) -> HttpResponse:
    """End a seat today; the message offers to undo it."""
    seat = _seat(request, public_id)
    services.end_seat(request.actor, public_id=public_id, version=sent_version(request))
    notices.done(request, _("The seat has ended."), undo=reverse("reopen_seat", args=[public_id]))
    return redirect("person", seat.person.public_id)


@require_POST
def reopen_seat(request: Request, public_id: UUID) -> HttpResponse:
    """Undo the end of a seat."""
    seat = _seat(request, public_id)
    version = sent_version(request) or seat.version  # the message that offers to undo knows no version
    services.reopen_seat(request.actor, public_id=public_id, version=version)
    notices.done(request, _("The change is undone."))
    return redirect("person", seat.person.public_id)


@require_http_methods(["GET", "POST"])
def substitute(request: Request, public_id: UUID) -> HttpResponse:
    """Choose who stands in for a seat."""
    seat = _seat(request, public_id)
    initial = {"substitute": seat.substitute.public_id if seat.substitute else None, "version": seat.version}
    form = forms.SubstituteForm(sent(request), seat=seat, initial=initial)
    both = None
    if form.is_valid():
        with refusals_at(form) as met:
            services.set_substitute(request.actor, public_id=public_id, **form.cleaned_data)
            notices.done(request, _("The change is saved."))
            return redirect("person", seat.person.public_id)
        if met.conflict:
            seat = _seat(request, public_id)
            typed = conflict.in_words({"substitute": form.cleaned_data["substitute"]})
            both = conflict.show_both(form, seat, typed=typed, saved=conflict.in_words({"substitute": seat.substitute}))
    return form_page(request, "people/substitute.html", {"held": seat, "form": form, "both": both})


@require_POST
def set_active(request: Request, public_id: UUID) -> HttpResponse:
    """Close a person's sign-in, or open it again."""
    row = found(selectors.person, request.actor, public_id)
    actor, version = request.actor, sent_version(request)
    if request.POST.get("active") == "1":
        services.activate(actor, public_id=row.public_id, version=version)
        notices.done(request, _("The person can sign in again."))
    else:
        services.deactivate(actor, public_id=row.public_id, version=version)
        notices.done(request, _("The person can no longer sign in, and the seats have ended."))
    return redirect("person", public_id)


@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    """Offer a seat to an address."""
    actor = request.actor
    initial = {"organisation": request.GET.get("organisation")}
    form = forms.InviteForm(sent(request), actor=actor, initial=initial)
    if form.is_valid():
        with refusals_at(form):
            invitations.invite(actor, **form.cleaned_data)
            notices.done(request, _("The invitation is on its way."))
            return redirect("invitations")
    return form_page(request, "people/invite.html", {"form": form})


@require_GET
def invitation_list(request: Request) -> HttpResponse:
    """Invitations and what became of them."""
    rows = selectors.invitations(request.actor)
    return render(request, "people/invitations.html", {"page": page_of(request, rows)})


@require_POST
def revoke(request: Request, public_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    found(selectors.invitations(request.actor).get, public_id=public_id)
    invitations.revoke(request.actor, public_id=public_id)
    notices.done(request, _("The invitation is taken back. Its link no longer works."))
    return redirect("invitations")
