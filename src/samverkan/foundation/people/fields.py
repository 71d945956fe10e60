"""The field of forms in which a seat is chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from .. import clock
from ..postgres.functions import SvSort
from .models import Membership


class SeatField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic in the stubs alone
    """A seat held today, by function and organisation; with ``by_name`` by who holds it."""

    def __init__(self, *, by_name: bool = False, **kwargs: Any) -> None:
        super().__init__(Membership.objects.none(), **{"to_field_name": "public_id"} | kwargs)
        self.by_name = by_name

    def offer(self, rows: QuerySet[Membership] | None = None) -> None:
        """Of these seats, or of all, those that are held today."""
        held = (Membership.objects.all() if rows is None else rows) & Membership.objects.on(clock.today())
        self.queryset = held.select_related("person", "organisation").order_by(
            SvSort("organisation__name"), "function", "pk"
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person.name}, {obj.function}" if self.by_name else f"{obj.function}, {obj.organisation.name}"
