"""The start page, which leads each role to what it has to do next, and the site's own small pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from samverkan.foundation import registries
from samverkan.foundation.access import Request
from samverkan.foundation.municipality.selectors import contacts
from samverkan.foundation.notify.selectors import unread_count
from samverkan.foundation.web.pages import back_to
from samverkan.foundation.weeks import Week

from . import style


def start(request: Request) -> HttpResponse:
    """The page that shows what to do next; each role has its own."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    if request.needs_second_step:
        return redirect("mfa_index")
    name = registries.start_pages.for_role(request.actor.role)
    if name:
        return redirect(name)
    return render(request, "site/start.html")


@require_GET
def overview(request: Request) -> HttpResponse:
    """What has happened and what waits, for those who follow the work more than they do it."""
    told = registries.overview.for_actor(request.actor)
    unread = unread_count(request.actor)
    return render(
        request,
        "site/overview.html",
        {
            "waits": [one for one in told if one.waits],
            "happened": [one for one in told if not one.waits],
            "unread": unread,
            "waiting": sum(one.waits for one in told) + bool(unread),
        },
    )


@require_GET
def contact_centre(request: Request) -> HttpResponse:
    """What those who answer the telephone can do here: look a place up, and tell who to turn to."""
    return render(request, "site/contact_centre.html", {"contacts": contacts(request.actor)})


@require_POST
def set_language(request: Request) -> HttpResponse:
    """Swedish or English, remembered in a cookie and on the person."""
    language = request.POST.get("language", "sv")
    if language not in dict(settings.LANGUAGES):
        language = "sv"
    response = HttpResponseRedirect(back_to(request, reverse("start")))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax", secure=request.is_secure()
    )
    return response


def accessibility(request: Request) -> HttpResponse:
    """The accessibility statement (lag (2018:1937) om tillgänglighet till digital offentlig service)."""
    return render(request, "site/accessibility.html")


def style_page(request: HttpRequest, week: Week | None = None) -> HttpResponse:
    """Every part in all its states, with invented content. Sent without answers it shows its errors."""
    return render(request, "site/style.html", style.context(request, week))


@require_GET
def style_map(request: HttpRequest) -> JsonResponse:
    """The invented town's layers."""
    return JsonResponse(style.town_geojson(request.GET.get("som") == "partner"), content_type="application/geo+json")
