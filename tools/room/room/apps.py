from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from uuid import UUID

    from samverkan.foundation import refs
    from samverkan.foundation.access import Actor


class NewroomConfig(AppConfig):
    name = "samverkan.domain.newroom"
    label = "newroom"

    def ready(self) -> None:
        from samverkan.foundation import access, municipality, refs, registries

        from . import demo, policy, retention, selectors

        access.register(policy.PERMISSIONS)
        registries.navigation.add(
            "newroom", _("Newroom"), "newroom", policy.PERMISSIONS["newroom.view"], _("The work"), 70
        )
        registries.search_entries.add("newthing", selectors.hits, label=_("Newroom"), order=50)
        registries.demo_loaders.add(70, "newroom", demo.load)
        refs.register("newthing", _linked)
        municipality.declare(
            "retention.newroom_days",
            int,
            730,
            _("How many days what has been closed is kept."),
            name=_("Newroom"),
            least=30,
            most=3650,
            unit=municipality.days,
            needs="settings.operate",
        )
        registries.retention_rules.add(
            "newroom.closed",
            meaning=_("Newroom"),
            ground="GDPR art. 5.1 e",
            setting="retention.newroom_days",
            due=retention.due,
            dispose=retention.dispose,
        )


def _linked(actor: Actor, public_id: UUID) -> refs.Linked | None:
    """What a file or a notice hangs on, for who may see it."""
    from django.urls import reverse

    from samverkan.foundation.refs import Linked

    from .models import Newthing

    found = Newthing.objects.visible_to(actor).filter(public_id=public_id).first()
    return Linked(found.title, reverse("newthing", args=[public_id])) if found else None
