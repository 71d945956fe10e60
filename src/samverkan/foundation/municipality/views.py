"""The pages of the municipality's settings."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samverkan.foundation.access import Request

from .. import clock
from ..web.dates import date_words
from ..web.errors import Conflict, Refusal
from . import selectors, settings
from .forms import SettingForm


def _standing(request: Request, key: str) -> selectors.Standing:
    try:
        return selectors.standing(request.actor, key)
    except LookupError:
        raise Http404 from None


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
    standing = _standing(request, key)
    entry = standing.entry
    initial = {"value": standing.value, "valid_from": clock.today(), "seen": len(standing.rows)}
    form = SettingForm(request.POST or None, entry=entry, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            settings.decide(
                actor,
                key=key,
                value=data["value"],
                valid_from=data["valid_from"],
                decision=data["decision"],
                seen=data["seen"] or 0,
            )
        except Conflict as conflict:
            standing = _standing(request, key)
            form.data = {**request.POST.dict(), "seen": str(len(standing.rows))}
            form.add_error(None, conflict.message)
        except settings.WrongSetting:
            form.add_error("value", _("The value is not possible here."))
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _said(data["valid_from"]))
            return redirect("setting", key)
    context = {
        "standing": standing,
        "entry": entry,
        "form": form,
        "may_change": entry.may_change(actor),
        "changed_by": selectors.changed_by(entry),
        "ground": selectors.ground(key),
    }
    return render(request, "municipality/setting.html", context, status=422 if form.errors else 200)


def _said(day: date) -> str:
    if day == clock.today():
        return _("The value is saved and holds from today.")
    return _("The value is saved and holds from {day}.").format(day=date_words(day, get_language() or "sv"))


@require_POST
def withdraw(request: Request, key: str) -> HttpResponse:
    """Take a planned value back."""
    _standing(request, key)
    try:
        day = date.fromisoformat(request.POST.get("valid_from", ""))
    except ValueError:
        raise Http404 from None
    settings.withdraw(request.actor, key=key, valid_from=day)
    messages.success(request, _("The planned change is taken back."))
    return redirect("setting", key)
