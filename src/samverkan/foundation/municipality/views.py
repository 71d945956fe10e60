"""The pages of the municipality's settings."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request

from .. import clock
from ..web import conflict, notices
from ..web.dates import date_words
from ..web.pages import form_page, found, refusals_at, sent
from . import selectors, settings
from .forms import SettingForm


@require_GET
def settings_page(request: Request) -> HttpResponse:
    """Every setting: what holds now, since when, decided by whom, and what is planned."""
    groups = selectors.standings(request.actor)
    planned = sum(len(standing.planned) for _name, found in groups for standing in found)
    return render(request, "municipality/settings.html", {"groups": groups, "planned": planned})


@require_http_methods(["GET", "POST"])
def setting(request: Request, key: str) -> HttpResponse:
    """One setting with its history; those who may decide another value from a day on."""
    actor = request.actor
    standing = found(selectors.standing, actor, key)
    entry = standing.entry
    initial = {"value": standing.value, "valid_from": clock.today(), "seen": len(standing.rows)}
    form = SettingForm(sent(request), entry=entry, initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        with refusals_at(form) as met:
            settings.decide(
                actor,
                key=key,
                value=data["value"],
                valid_from=data["valid_from"],
                decision=data["decision"],
                seen=data["seen"] or 0,
            )
            notices.done(request, _said(data["valid_from"]))
            return redirect("setting", key)
        if met.conflict:
            standing = found(selectors.standing, actor, key)
            conflict.renew(form, seen=len(standing.rows))
    context = {
        "standing": standing,
        "entry": entry,
        "form": form,
        "may_change": entry.may_change(actor),
        "changed_by": selectors.changed_by(entry),
        "ground": selectors.ground(key),
    }
    return form_page(request, "municipality/setting.html", context)


def _said(day: date) -> str:
    if day == clock.today():
        return _("The value is saved and holds from today.")
    return _("The value is saved and holds from {day}.").format(day=date_words(day, get_language() or "sv"))


@require_POST
def withdraw(request: Request, key: str) -> HttpResponse:
    """Take a planned value back."""
    found(selectors.standing, request.actor, key)
    try:
        day = date.fromisoformat(request.POST.get("valid_from", ""))
    except ValueError:
        raise Http404 from None
    settings.withdraw(request.actor, key=key, valid_from=day)
    notices.done(request, _("The planned change is taken back."))
    return redirect("setting", key)
