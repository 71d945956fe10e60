"""Ways in: an invitation's link, the demonstration's one-click sign-in, and the change of seat."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ..web.errors import Refusal
from . import forms, invitations, selectors
from .middleware import SEAT, SECOND_STEP
from .models import Person


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation, as a new person or as the one who is signed in."""
    offer = invitations.find(token)
    if offer is None:
        return render(request, "people/invitation_gone.html", status=404)
    known = Person.objects.filter(email=offer.email).first()
    signed_in = request.user.is_authenticated and known is not None and request.user.pk == known.pk
    form = forms.AcceptForm(request.POST or None) if known is None else None
    problem: Refusal | None = None
    if request.method == "POST" and (form is None or form.is_valid()):
        answer: dict[str, Any] = form.cleaned_data if form is not None else {}
        try:
            seat = invitations.accept(token=token, person=known if signed_in else None, **answer)
        except Refusal as error:
            problem = error
            if form is not None:
                form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            if signed_in:
                messages.success(request, _("You have a new seat: {seat}.").format(seat=str(seat)))
                return redirect("start")
            messages.success(request, _("Your account is ready. Sign in with your e-mail and password."))
            return redirect("account_login")
    return render(
        request,
        "people/invitation.html",
        {"offer": offer, "form": form, "known": known is not None, "signed_in": signed_in, "problem": problem},
        status=422 if problem or (form is not None and form.errors) else 200,
    )


@require_POST
def demo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign in as one of the invented cast. Only demonstrations have this way in."""
    if not settings.DEMO:
        raise Http404
    person = next((seat.person for seat in selectors.demo_cast() if seat.person.public_id == public_id), None)
    if person is None:
        raise Http404
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[SECOND_STEP] = True  # the demonstration counts one click as both steps
    request.session.pop(SEAT, None)
    return redirect("start")


@require_POST
def switch_seat(request: HttpRequest) -> HttpResponse:
    """Go on from another of one's own seats; the page one came from may not exist for it."""
    wanted = request.POST.get("seat", "")
    seat = next((row for row in request.seats if str(row.pk) == wanted), None)  # type: ignore[attr-defined]
    if seat is None:
        raise Http404
    request.session[SEAT] = seat.pk
    messages.success(request, _("You now act as {seat}.").format(seat=str(seat)))
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}):
        return redirect(target)
    return redirect("start")
