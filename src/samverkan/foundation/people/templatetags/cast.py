"""``{% load cast %}{% demo_cast %}``: the invented people one can sign in as; nothing outside demonstrations."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from .. import demo, selectors

register = template.Library()


@register.inclusion_tag("people/demo_cast.html", takes_context=True)
def demo_cast(context: Context) -> dict[str, Any]:
    """The cast in groups, with one button each."""
    by_email = {seat.person.email: seat.person for seat in selectors.demo_cast()}
    groups: dict[str, list[dict[str, Any]]] = {}
    for player in demo.cast.all():
        if person := by_email.get(f"{player.code}@{demo.DOMAIN}"):
            players = groups.setdefault(str(player.group), [])
            players.append({"public_id": person.public_id, "name": person.name, "hint": player.hint})
    return {
        "groups": [{"name": name, "players": players} for name, players in groups.items()],
        "csrf_token": context.get("csrf_token"),
    }
