"""People, organisations and seats."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request

from .. import clock
from ..web import conflict
from ..web.errors import Conflict, Refusal
from . import forms, invitations, policy, selectors, services
from .models import Membership, Organisation, OrganisationKind, Person

PAGE_SIZE = 50


def _page(request: Request, rows: Any) -> Any:
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("sida"))


def _filters(form: Any) -> dict[str, str]:
    """What the filters say; a filter that makes no sense filters nothing."""
    form.is_valid()
    return {name: form.cleaned_data.get(name, "") for name in form.fields}


def _blame(form: Any, problem: Refusal) -> None:
    """Put a refusal at the field it belongs to."""
    form.add_error(problem.field if problem.field in form.fields else None, problem.message)


def _version(request: Request) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


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
        {"page": _page(request, rows), "filter": form, "may_invite": actor.may("people.invite")},
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
        {"page": _page(request, rows), "filter": form, "may_manage": actor.may("people.manage")},
    )


@require_http_methods(["GET", "POST"])
def new_organisation(request: Request) -> HttpResponse:
    """Register an organisation."""
    form = forms.OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = {key: form.cleaned_data[key] for key in ("name", "kind", "parent", "controller")}
        try:
            stored = services.create_organisation(request.actor, **data)
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("The organisation is saved."))
            return redirect("organisation", stored.public_id)
    return render(request, "people/organisation_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def organisation(request: Request, public_id: UUID) -> HttpResponse:
    """An organisation: what it is, its parts and who sits in it; those who may can change it."""
    actor = request.actor
    try:
        row = selectors.organisation(actor, public_id)
    except Organisation.DoesNotExist:
        raise Http404 from None
    may_manage = actor.may("people.manage")
    initial = {
        "name": row.name,
        "kind": row.kind,
        "parent": row.parent_id,
        "controller": row.controller_id,
        "version": row.version,
    }
    form = forms.OrganisationForm(request.POST or None, initial=initial)
    both = None
    if request.method == "POST" and form.is_valid():
        data = {key: form.cleaned_data[key] for key in ("name", "kind", "parent", "controller")}
        try:
            services.change_organisation(actor, public_id=public_id, version=_version(request), **data)
        except Conflict as clash:
            row = selectors.organisation(actor, public_id)
            both = conflict.show_both(
                form,
                clash,
                row=row,
                version=row.version,
                typed=_in_words(data),
                saved=_in_words({name: getattr(row, name) for name in data}),
            )
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("The change is saved."))
            return redirect("organisation", public_id)
    return render(
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
        status=422 if form.errors else 200,
    )


def _in_words(data: dict[str, Any]) -> dict[str, str]:
    return conflict.in_words({**data, "kind": str(OrganisationKind(data["kind"]).label)})


@require_http_methods(["GET", "POST"])
def person(request: Request, public_id: UUID) -> HttpResponse:
    """A person and the seats held over time; those who may can give another seat."""
    actor = request.actor
    row = _person(request, public_id)
    may_manage = actor.may("people.manage")
    form = forms.SeatForm(request.POST or None, actor=actor) if may_manage and row.pk != actor.person_id else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.give_seat(actor, person=row, **form.cleaned_data)
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("The seat is given."))
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
    return render(
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
        status=422 if form is not None and form.errors else 200,
    )


def _person(request: Request, public_id: UUID) -> Person:
    try:
        return selectors.person(request.actor, public_id)
    except Person.DoesNotExist:
        raise Http404 from None


def _seat(request: Request, public_id: UUID) -> Membership:
    seat = selectors.seats(request.actor).filter(public_id=public_id).first()
    if seat is None:
        raise Http404
    return seat


@require_POST
def end_seat(request: Request, public_id: UUID) -> HttpResponse:
    """End a seat today; the message offers to undo it."""
    seat = _seat(request, public_id)
    services.end_seat(request.actor, public_id=public_id, version=_version(request))
    messages.success(request, _("The seat has ended."), extra_tags=reverse("reopen_seat", args=[public_id]))
    return redirect("person", seat.person.public_id)


@require_POST
def reopen_seat(request: Request, public_id: UUID) -> HttpResponse:
    """Undo the end of a seat."""
    seat = _seat(request, public_id)
    version = _version(request) or seat.version  # the message that offers to undo knows no version
    services.reopen_seat(request.actor, public_id=public_id, version=version)
    messages.success(request, _("The change is undone."))
    return redirect("person", seat.person.public_id)


@require_http_methods(["GET", "POST"])
def substitute(request: Request, public_id: UUID) -> HttpResponse:
    """Choose who stands in for a seat."""
    seat = _seat(request, public_id)
    initial = {"substitute": seat.substitute.public_id if seat.substitute else None, "version": seat.version}
    form = forms.SubstituteForm(request.POST or None, seat=seat, initial=initial)
    both = None
    if request.method == "POST" and form.is_valid():
        try:
            services.set_substitute(request.actor, public_id=public_id, **form.cleaned_data)
        except Conflict as clash:
            typed, seat = form.cleaned_data["substitute"], _seat(request, public_id)
            both = conflict.show_both(
                form,
                clash,
                row=seat,
                version=seat.version,
                typed=conflict.in_words({"substitute": typed}),
                saved=conflict.in_words({"substitute": seat.substitute}),
            )
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("The change is saved."))
            return redirect("person", seat.person.public_id)
    return render(
        request,
        "people/substitute.html",
        {"held": seat, "form": form, "both": both},
        status=422 if form.errors else 200,
    )


@require_POST
def set_active(request: Request, public_id: UUID) -> HttpResponse:
    """Close a person's sign-in, or open it again."""
    row = _person(request, public_id)
    actor, version = request.actor, _version(request)
    if request.POST.get("active") == "1":
        services.activate(actor, public_id=row.public_id, version=version)
        messages.success(request, _("The person can sign in again."))
    else:
        services.deactivate(actor, public_id=row.public_id, version=version)
        messages.success(request, _("The person can no longer sign in, and the seats have ended."))
    return redirect("person", public_id)


@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    """Offer a seat to an address."""
    actor = request.actor
    initial = {"organisation": request.GET.get("organisation")}
    form = forms.InviteForm(request.POST or None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            invitations.invite(actor, **form.cleaned_data)
        except Refusal as refusal:
            _blame(form, refusal)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("invitations")
    return render(request, "people/invite.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def invitation_list(request: Request) -> HttpResponse:
    """Invitations and what became of them."""
    rows = selectors.invitations(request.actor)
    return render(request, "people/invitations.html", {"page": _page(request, rows)})


@require_POST
def revoke(request: Request, public_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    if not selectors.invitations(request.actor).filter(public_id=public_id).exists():
        raise Http404
    invitations.revoke(request.actor, public_id=public_id)
    messages.success(request, _("The invitation is taken back. Its link no longer works."))
    return redirect("invitations")
