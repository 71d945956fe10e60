"""``{% load cast %}{% demo_cast %}``: the invented people one can sign in as; nothing outside demonstrations."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from .. import demo, selectors

register = template.Library()


@register.inclusion_tag("people/demo_cast.html", takes_context=True)
def demo_cast(context: Context) -> dict[str, Any]:
    """The cast in groups, with one button each."""
    by_email = {seat.person.email: seat.person for seat in selectors.demo_cast()}
    names = {
        demo.WEEK: _("The week and the measures"),
        demo.PARTNER: _("Partners"),
        demo.OVERSIGHT: _("Oversight and operations"),
    }
    groups = []
    for code, name in names.items():
        players = [
            {"public_id": person.public_id, "name": person.name, "hint": player.hint}
            for player in demo.CAST
            if player.group == code and (person := by_email.get(f"{player.code}@{demo.DOMAIN}"))
        ]
        if players:
            groups.append({"name": name, "players": players})
    return {"groups": groups, "csrf_token": context.get("csrf_token")}
