"""Forms on an incident's page: end it, and correct what was told wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from samverkan.domain.places.api import AreaField, PlaceField
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.postgres.functions import SvSort
from samverkan.foundation.web.conflict import in_words
from samverkan.foundation.web.dates import date_table
from samverkan.foundation.web.forms import DateField, NumberField, TimeField, metres

from . import lasting
from .models import Category, Incident, TimePrecision
from .services import editing
from .services.editing import Correction
from .services.erasing import LONGEST_TITLE

_SERIOUSNESS = [("", _("Not stated")), ("1", _("Low")), ("2", _("Middle")), ("3", _("High"))]


class EndForm(forms.Form):
    """The last day that a development or a place feature went on."""

    day = DateField(label=_("Last day"), help_text=_("The last day it went on."))
    version = forms.IntegerField(widget=forms.HiddenInput)


class CorrectForm(forms.Form):
    """What may be corrected: all of it for what was recorded here, the category for what has a source of its own."""

    title = forms.CharField(
        label=_("Heading"), max_length=300, required=False, help_text=_("What it was called stays in the history.")
    )
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), to_field_name="code", empty_label=None
    )
    give_up_place = forms.BooleanField(
        label=_("The exact place may be taken away for good, in the history too."), required=False
    )
    seriousness = forms.ChoiceField(
        label=_("Seriousness"),
        required=False,
        choices=_SERIOUSNESS,
        widget=forms.RadioSelect(attrs={"data-look": "segments"}),
    )
    day = DateField(label=_("Date"))
    at = TimeField(label=_("Time of day"), required=False)
    until_day = DateField(label=_("To date"), required=False, help_text=_("If only a span is known."))
    until_at = TimeField(label=_("To time of day"), required=False)
    where = forms.ChoiceField(
        label=_("Where"),
        widget=forms.RadioSelect,
        initial=editing.KEEP,
        choices=[
            (editing.KEEP, _("As it stands")),
            (editing.PLACE, _("At a named place")),
            (editing.POINT, _("At a point on the map")),
            (editing.AREA, _("Only the area is known")),
            (editing.MUNICIPALITY, _("Only the municipality is known")),
        ],
    )
    place = PlaceField()
    area = AreaField()
    x = NumberField(
        label=_("East, metres"), required=False, help_text=_("Filled in when you mark the point on the map below.")
    )
    y = NumberField(label=_("North, metres"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incident = incident
        fields: dict[str, Any] = self.fields
        offered = Category.objects.of_incidents().filter(retired_on__isnull=True)
        offered = Category.objects.filter(Q(pk__in=offered.values("pk")) | Q(pk=incident.category_id))
        offered = offered.select_related("main").order_by("order", SvSort("name_sv"), "pk")
        fields["category"].queryset = offered
        fields["category"].choices = [(c.code, f"{c.main.name}: {c.name}" if c.main else c.name) for c in offered]
        if not lasting.is_own(incident):
            for name in set(fields) - {"category", "give_up_place", "version"}:
                del fields[name]
        else:
            fields["place"].offer(actor)
            fields["area"].offer(actor)
            if lasting.lasts(incident):
                del fields["until_day"], fields["until_at"]

    def ask_for_the_place(self) -> None:
        """Keep the question of the exact place hidden until it matters."""
        if "give_up_place" not in self.errors and not self.data.get("give_up_place"):
            del self.fields["give_up_place"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("until_at") and not data.get("at"):
            self.add_error("at", gettext("Write when it began, or leave both times of day empty."))
        return data

    def correction(self) -> Correction:
        """What was filled in. Call when the form is valid."""
        data, row = self.cleaned_data, self.incident
        if "day" not in self.fields:
            return Correction(
                data["category"],
                row.title,
                row.seriousness,
                row.started_at,
                row.ended_at,
                row.time_precision,
                give_up_place=data.get("give_up_place", False),
            )
        times = row.started_at, row.ended_at, row.time_precision
        if any(self.fields[name].has_changed(initial_of(row)[name], data[name]) for name in _TIMES if name in data):
            times = lasting.time_of(data["day"], data["at"], data.get("until_day"), data.get("until_at"))
        return Correction(
            data["category"],
            data["title"],
            int(data["seriousness"]) if data["seriousness"] else None,
            *times,
            where=data["where"],
            place=data["place"],
            area=data["area"],
            x=metres(data["x"]),
            y=metres(data["y"]),
            give_up_place=data.get("give_up_place", False),
        )

    def in_words(self) -> dict[str, str]:
        """What was filled in, as ``words_of`` says what is saved."""
        data = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"version", "give_up_place", "where"}
        }
        if "seriousness" in data:
            data["seriousness"] = dict(_SERIOUSNESS)[data["seriousness"]]
        for name, where in (
            ("place", editing.PLACE),
            ("area", editing.AREA),
            ("x", editing.POINT),
            ("y", editing.POINT),
        ):
            if self.cleaned_data.get("where") != where:
                data.pop(name, None)
        data |= {name: metres(data[name]) for name in ("x", "y") if name in data}
        for name in ("at", "until_at"):
            if data.get(name):
                data[name] = data[name].strftime("%H:%M")
        return in_words(data)


_TIMES = ("day", "at", "until_day", "until_at")


def initial_of(row: Incident) -> dict[str, Any]:
    """The form's values for an incident as it stands."""
    start = clock.local(row.started_at)
    end = clock.local(row.ended_at) if row.ended_at and not lasting.lasts(row) else None
    whole_days = end is not None and end.hour == end.minute == 0 and end > start
    return {
        "title": row.title,
        "category": row.category.code,
        "seriousness": str(row.seriousness or ""),
        "version": row.version,
        "day": start.date(),
        "at": None if row.time_precision == TimePrecision.DAY else start.time().replace(second=0, microsecond=0),
        "until_day": lasting.last_day(row.ended_at) if end and row.ended_at else None,
        "until_at": None if end is None or whole_days else end.time().replace(second=0, microsecond=0),
        "where": editing.KEEP,
        "x": metres(row.x),
        "y": metres(row.y),
    }


def words_of(row: Incident) -> dict[str, str]:
    """The fields of an incident as it stands, in words."""
    values = initial_of(row)
    for name in ("at", "until_at"):
        values[name] = values[name].strftime("%H:%M") if values[name] else None
    return in_words(
        {
            **{name: values[name] for name in ("title", *_TIMES, "x", "y")},
            "category": row.category,
            "seriousness": dict(_SERIOUSNESS)[values["seriousness"]],
            "place": row.place,
            "area": row.area,
        }
    )


def end_day_words(row: Incident) -> str:
    """The last day something went on, as a date."""
    return date_table(lasting.last_day(row.ended_at)) if row.ended_at else ""


class WordsForm(forms.Form):
    """The incident's words as they may stand."""

    title = forms.CharField(label=_("Heading"), required=False, max_length=LONGEST_TITLE)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
    )
    photos = forms.BooleanField(label=_("Take away the photos of the reports too"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
