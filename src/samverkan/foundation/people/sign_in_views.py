"""Ways in: an invitation's link, the demonstration's one-click sign-in, and the change of seat."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ..access import Request
from ..web import notices
from ..web.pages import back_to, form_page, refusals_at, sent
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
    form = forms.AcceptForm(sent(request)) if known is None else Form(sent(request))  # who is known answers nothing
    if form.is_valid():
        with refusals_at(form):
            seat = invitations.accept(token=token, person=known if signed_in else None, **form.cleaned_data)
            if signed_in:
                notices.done(request, _("You have a new seat: {seat}.").format(seat=str(seat)))
                return redirect("start")
            notices.done(request, _("Your account is ready. Sign in with your e-mail and password."))
            return redirect("account_login")
    context = {"offer": offer, "form": form, "known": known is not None, "signed_in": signed_in}
    return form_page(request, "people/invitation.html", context)


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
def switch_seat(request: Request) -> HttpResponse:
    """Go on from another of one's own seats; the page one came from may not exist for it."""
    wanted = request.POST.get("seat", "")
    seat = next((row for row in request.seats if str(row.public_id) == wanted), None)
    if seat is None:
        raise Http404
    request.session[SEAT] = seat.pk
    notices.done(request, _("You now act as {seat}.").format(seat=str(seat)))
    return redirect(back_to(request, reverse("start")))
