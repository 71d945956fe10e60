"""Fields of forms in which a place or an area is chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.postgres.functions import SvSort

from .models import Area, Place


class _Chosen(forms.ModelChoiceField):  # type: ignore[type-arg] # generic in the stubs alone
    """One of what the actor sees, or nothing; ``offer`` says whose form it is."""

    def __init__(self, queryset: QuerySet[Any], **kwargs: Any) -> None:
        told: dict[str, Any] = {"required": False, "to_field_name": "public_id", "empty_label": _("Choose")}
        super().__init__(queryset.none(), **told | kwargs)


class PlaceField(_Chosen):
    """A place with a name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Place.objects.all(), **{"label": _("Place")} | kwargs)

    def offer(self, actor: Actor, kept: int | None = None) -> None:
        """The actor's places, and the one that stands there already (``kept``, its pk) whatever it is."""
        named = Place.objects.visible_to(actor).filter(~Q(kind="address") | Q(pk=kept or 0))
        self.queryset = named.order_by(SvSort("name"))


class AreaField(_Chosen):
    """An area of the divisions that are counted by."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Area.objects.all(), **{"label": _("Area")} | kwargs)

    def offer(self, actor: Actor, kept: int | None = None) -> None:
        """Areas of today, and the one that stands there already (``kept``, its pk) whatever its edition."""
        today = Area.objects.counted().on(clock.today()).values("pk")
        areas = Area.objects.visible_to(actor).filter(Q(pk__in=today) | Q(pk=kept or 0))
        self.queryset = areas.defer("geometry").order_by(SvSort("name"))
