"""The pages that belong to no room: errors, the choice of appearance."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from .errors import Refusal
from .pages import back_to


def _for_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What does not exist and what one may not see answer with the same bytes."""
    if _for_program(request):
        return JsonResponse({"detail": "Not found.", "code": "not_found"}, status=404)
    return render(request, "404.html", status=404)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database does not answer at the moment. Needs neither it nor a person."""
    if _for_program(request):
        answer: HttpResponse = JsonResponse(
            {"detail": "The database does not answer.", "code": "unavailable"}, status=503
        )
    else:
        with translation.override(translation.get_language_from_request(request)):
            answer = HttpResponse(render_to_string("503.html"), status=503)
    answer["Retry-After"] = "5"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault, with the code that the log has. Needs neither database nor person."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    if _for_program(request):
        return JsonResponse({"detail": "Something went wrong.", "code": "error"}, status=500)
    page = render_to_string("500.html", {"request_id": getattr(request, "request_id", "")})
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or came from elsewhere; it can be loaded and sent again."""
    problem = Refusal(_("The form had become too old. Go back, reload the page and send it again."))
    return render(request, "problem.html", {"problem": problem}, status=403)


def too_many(request: HttpRequest, minutes: int = 0) -> HttpResponse:
    """Many attempts in a short time."""
    return render(request, "429.html", {"minutes": minutes}, status=429)


@require_POST
def set_appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system, remembered in a cookie."""
    chosen = request.POST.get("appearance", "")
    response = HttpResponseRedirect(back_to(request, "/"))
    name = f"samverkan_theme_{settings.INSTALLATION}"
    if chosen in {"light", "dark"}:
        response.set_cookie(
            name, chosen, max_age=365 * 86400, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    else:
        response.delete_cookie(name)
    return response
