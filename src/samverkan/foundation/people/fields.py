"""The field of forms in which a seat is chosen."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .. import clock
from ..postgres.functions import SvSort
from ..text import folded
from ..web.forms import SuggestInput
from .models import Membership

#: So many seats are named where what was written fits several.
_MOST_NAMED = 5


class SeatField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic in the stubs alone
    """A seat held today, found by writing some of its function and organisation; with ``by_name`` who holds it.

    What is written may be the whole words of one suggestion or any words that fit one seat alone.
    """

    widget = SuggestInput

    def __init__(self, *, by_name: bool = False, **kwargs: Any) -> None:
        super().__init__(Membership.objects.none(), **{"to_field_name": "public_id"} | kwargs)
        self.by_name = by_name
        self._labels: dict[str, Membership] | None = None

    def offer(self, rows: QuerySet[Membership] | None = None, kept: int | None = None) -> None:
        """Of these seats, or of all, those that are held today; and the one that stands there already (``kept``)."""
        held = (Membership.objects.all() if rows is None else rows) & Membership.objects.on(clock.today())
        if kept is not None:
            held = held | Membership.objects.filter(pk=kept)
        self.queryset = held.select_related("person", "organisation").order_by(
            SvSort("organisation__name"), "function", "pk"
        )
        self._labels = None
        self.widget.suggested = lambda: list(self._named())

    def _named(self) -> dict[str, Membership]:
        """The seats by what they are called; where two would be called the same, by who holds them too."""
        if self._labels is None:
            seats = list(self.queryset) if self.queryset is not None else []
            often = Counter(self.label_from_instance(seat) for seat in seats)
            named: dict[str, Membership] = {}
            for seat in seats:
                label = self.label_from_instance(seat)
                named[label if often[label] == 1 else f"{label} ({seat.person.name})"] = seat
            self._labels = named
        return self._labels

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person.name}, {obj.function}" if self.by_name else f"{obj.function}, {obj.organisation.name}"

    def prepare_value(self, value: Any) -> Any:
        """What stands in the field: what the seat is called, or what was written."""
        identity = value.public_id if isinstance(value, Membership) else value
        found = (label for label, seat in self._named().items() if str(seat.public_id) == str(identity))
        return next(found, value) if value else value

    def to_python(self, value: Any) -> Membership | None:
        written = folded(str(value or ""))
        if not written or isinstance(value, Membership):
            return value or None
        try:
            return super().to_python(UUID(written))
        except ValueError:
            pass
        named = {folded(label): (label, seat) for label, seat in self._named().items()}
        if written in named:
            return named[written][1]
        words = written.replace(",", " ").split()
        fits = [pair for label, pair in named.items() if all(word in label for word in words)]
        if len(fits) == 1:
            return fits[0][1]
        if not fits:
            raise ValidationError(_("Nobody is found by that. Write part of a function or an organisation."))
        shown = "; ".join(label for label, _seat in fits[:_MOST_NAMED])
        raise ValidationError(_("Several are found by that: %(names)s. Write more.") % {"names": shown})
