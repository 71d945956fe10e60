"""The page of those who report."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samverkan.domain.incidents.api import Category, Incident, Kind, Observation, TimePrecision, Trend
from samverkan.domain.places.api import Area, Place, as_said, places
from samverkan.foundation import clock, geo
from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Membership
from samverkan.foundation.postgres.functions import SvSort
from samverkan.foundation.web.forms import DateField, TimeField

from ..models import Channel, Report
from . import selectors
from .services import MOST_PHOTOS, MOST_TEXT, Seen

NOW, TODAY, YESTERDAY, OTHER = "now", "today", "yesterday", "other"
EVERYWHERE = "municipality"
#: A telephone that knows its place worse than this (metres) is of no help.
WORST_ACCURACY = 1000


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class Photos(forms.FileField):
    """Several pictures in one field; their content is looked at where they are stored."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        chosen = data if isinstance(data, list | tuple) else [data]
        return [super(Photos, self).clean(one, initial) for one in chosen if one]


class SegmentChoice(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.RadioSelect(attrs={"data-look": "segments"}), **kwargs)


class ReportForm(forms.Form):
    """What, where, when, compared with before. What is asked for most comes first; the rest is optional."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    category = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about."), "invalid_choice": _("Choose what it is about.")},
    )
    where = forms.CharField(
        label=_("Where?"),
        required=False,
        max_length=150,
        help_text=_("Write the name of a place or an address, use your position, or mark the map."),
        widget=forms.TextInput(attrs={"list": "known-places", "autocomplete": "off"}),
    )
    x = forms.FloatField(widget=forms.HiddenInput, required=False)
    y = forms.FloatField(widget=forms.HiddenInput, required=False)
    lon = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    accuracy = forms.FloatField(widget=forms.HiddenInput, required=False)
    area = forms.ChoiceField(
        label=_("Only the area is known"), required=False, help_text=_("If you cannot say where in more detail.")
    )
    when = SegmentChoice(
        label=_("When?"),
        initial=NOW,
        choices=[
            (NOW, _("Just now")),
            (TODAY, _("Earlier today")),
            (YESTERDAY, _("Yesterday")),
            (OTHER, _("Another time")),
        ],
    )
    day = DateField(label=_("Date"), required=False)
    at = TimeField(label=_("Time of day"), required=False)
    until_day = DateField(label=_("To date, if it went on"), required=False)
    until_at = TimeField(label=_("To time of day"), required=False)
    trend = SegmentChoice(label=_("Compared with before"), choices=[], initial=Trend.NEW)
    text = forms.CharField(
        label=_("Describe briefly"),
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Write about the place and what happened. Do not write names, identity numbers or registration plates."
        ),
    )
    photos = Photos(
        label=_("Photos"),
        required=False,
        help_text=_(
            "At most four. Avoid faces and registration plates. Where and when it was taken is removed from the file."
        ),
        widget=ManyFiles(attrs={"accept": "image/*"}),
    )
    observation = SegmentChoice(
        label=_("How do you know?"),
        initial=Observation.OBSERVED,
        choices=[(Observation.OBSERVED, _("We saw it ourselves")), (Observation.SECOND_HAND, _("Somebody told us"))],
    )
    kind = forms.ChoiceField(
        label=_("What kind is it?"),
        choices=[],
        initial=Kind.EVENT,
        widget=forms.RadioSelect,
    )
    development = forms.ModelChoiceField(
        label=_("Which development?"),
        queryset=Incident.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("A new one"),
        help_text=_("Choose one you have told of before, and it is updated."),
    )
    seriousness = SegmentChoice(
        label=_("How serious?"),
        required=False,
        choices=[("", _("Not stated")), ("1", _("Low")), ("2", _("Middle")), ("3", _("High"))],
    )
    channel = SegmentChoice(
        label=_("How was it told?"),
        required=False,
        choices=[(Channel.CALL, _("Telephone call")), (Channel.EMAIL, _("E-mail"))],
    )
    drop_photos = forms.BooleanField(label=_("Take away the photos sent before"), required=False)

    @property
    def tells_more(self) -> bool:
        """Whether something stands under "Tell more" that is not as it begins."""
        usual = self["kind"].value() == Kind.EVENT and self["observation"].value() == Observation.OBSERVED
        return bool(not usual or self["seriousness"].value() or self["development"].errors)

    def __init__(
        self, *args: Any, actor: Actor, seat: Membership | None = None, before: Report | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.before = actor, before
        self.offered = selectors.categories()
        chosen: Any = self.fields["category"]
        chosen.choices = [(c.code, c.name) for c in self.offered]
        names: Any = self.fields["area"]
        names.choices = self._area_choices  # asked for only where they are shown or one is chosen
        trends: Any = self.fields["trend"]
        trends.choices = [
            (Trend.NEW, pgettext_lazy("compared with before", "New")),
            (Trend.UNCHANGED, pgettext_lazy("compared with before", "Same")),
            (Trend.WORSE, pgettext_lazy("compared with before", "Worse")),
            (Trend.BETTER, pgettext_lazy("compared with before", "Better")),
        ]
        kinds: Any = self.fields["kind"]
        kinds.choices = [
            (Kind.EVENT, _("Something that happened once")),
            (Kind.DEVELOPMENT, _("Something that goes on and changes")),
            (Kind.PLACE_FEATURE, _("A place with recurring problems")),
        ]
        known: Any = self.fields["development"]
        known.queryset = selectors.developments(actor, seat=seat)
        if seat is None:
            del self.fields["channel"]
        else:
            self.fields["channel"].required = True
        if before is None:
            del self.fields["drop_photos"]
        self.chosen_place: Place | None = None
        for name in ("where", "x", "y", "lon", "lat", "day"):
            self.fields[name].widget.attrs["data-report"] = name

    @cached_property
    def areas(self) -> list[Area]:
        return list(Area.objects.counted().on(clock.today()).defer("geometry").order_by(SvSort("name")))

    def _area_choices(self) -> list[tuple[str, Any]]:
        return [
            ("", "–"),
            *[(str(a.public_id), a.name) for a in self.areas],
            (EVERYWHERE, _("Somewhere in the municipality")),
        ]

    def clean_category(self) -> Category:
        code = self.cleaned_data["category"]
        return next(c for c in self.offered if c.code == code)

    def clean_photos(self) -> list[UploadedFile[Any]]:
        photos: list[UploadedFile[Any]] = self.cleaned_data["photos"]
        if len(photos) > MOST_PHOTOS:
            raise forms.ValidationError(gettext("At most four photos. Choose those that show it best."))
        return photos

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._clean_where(data)
        self._clean_when(data)
        return data

    def _clean_where(self, data: dict[str, Any]) -> None:
        point = data.get("x") is not None and data.get("y") is not None
        if not point and data.get("lon") is not None and data.get("lat") is not None:
            if (data.get("accuracy") or 0) > WORST_ACCURACY:
                self.add_error("where", gettext("The position is too uncertain. Write where it happened."))
                return
            x, y = geo.current().to_metres([data["lon"]], [data["lat"]])
            if x[0] == x[0]:  # not a number where outside the map
                data["x"], data["y"] = round(float(x[0]), 1), round(float(y[0]), 1)
                point = True
            else:
                self.add_error("where", gettext("The position lies outside the map. Write where it happened instead."))
                return
        where = (data.get("where") or "").strip()
        if where and not point:
            self._clean_named(data, where)
        if not (where or point or data.get("area")) and "where" not in self.errors:
            self.add_error("where", gettext("Write where it happened, or mark the place on the map."))

    def _clean_named(self, data: dict[str, Any], where: str) -> None:
        said = as_said(self.actor, where)
        names = ", ".join(dict.fromkeys(f.name for f in said.found))
        chosen = said.exact or (said.found[0] if len(said.found) == 1 and not said.guessed else None)
        if chosen is not None:
            if chosen.kind == "place":
                self.chosen_place = places(self.actor).get(public_id=chosen.public_id)
            else:
                data["area"] = data.get("area") or str(chosen.public_id)
        elif said.found and said.guessed:
            self.add_error("where", gettext("No place is called so. Did you mean {names}?").format(names=names))
        elif said.found:
            self.add_error(
                "where", gettext("Several places are called so. Choose one of them: {names}.").format(names=names)
            )
        elif not data.get("area"):
            self.add_error(
                "where", gettext("No place is called so. Try another name, use your position, or choose the area.")
            )

    def _clean_when(self, data: dict[str, Any]) -> None:
        when = data.get("when")
        if when == OTHER and not data.get("day") and "day" not in self.errors:
            self.add_error("day", gettext("Write the date like this: 2026-11-23."))

    def seen(self) -> Seen:
        """What was filled in, as the service wants it. Call when the form is valid."""
        data = self.cleaned_data
        area = next((a for a in self.areas if str(a.public_id) == data["area"]), None) if data["area"] else None
        started, ended, precision = self._times()
        accuracy = data.get("accuracy") or 0
        return Seen(
            category=data["category"],
            kind=data["kind"],
            text=data["text"],
            trend=data["trend"],
            observation=data["observation"],
            seriousness=int(data["seriousness"]) if data["seriousness"] else None,
            started_at=started,
            ended_at=ended,
            time_precision=precision,
            place=self.chosen_place,
            area=area,
            x=data["x"],
            y=data["y"],
            radius_m=max(25, round(accuracy)) if accuracy > 25 and data["x"] is not None else None,
            development=data["development"],
        )

    def _times(self) -> tuple[datetime, datetime | None, str]:
        data = self.cleaned_data
        today = clock.today()
        if data["when"] == NOW:
            return clock.now(), None, TimePrecision.MINUTE
        day = {TODAY: today, YESTERDAY: today - timedelta(days=1)}.get(data["when"]) or data["day"]
        at: time | None = data["at"]
        started = datetime.combine(day, at or time(0), clock.STOCKHOLM)
        precision = TimePrecision.MINUTE if at else TimePrecision.DAY
        ended = None
        if data["until_day"] or data["until_at"]:
            last = data["until_day"] or day
            ended = datetime.combine(last, data["until_at"] or time(0), clock.STOCKHOLM)
            if not data["until_at"]:
                ended += timedelta(days=1)
            precision = TimePrecision.SPAN
        return started, ended, precision


def initial_of(report: Report) -> dict[str, Any]:
    """The form's values for a report that exists."""
    local = clock.local(report.started_at)
    end = clock.local(report.ended_at) if report.ended_at else None
    # A named place is told by its name; only a marked point is told as a point.
    own_point = report.x is not None and report.place is None
    exact = report.time_precision != TimePrecision.DAY
    return {
        "version": report.version,
        "category": report.category.code,
        "text": report.text,
        "trend": report.trend,
        "observation": report.observation,
        "kind": report.kind,
        "seriousness": str(report.seriousness or ""),
        "where": report.place.name if report.place else "",
        "x": report.x if own_point else None,
        "y": report.y if own_point else None,
        "accuracy": report.radius_m if own_point else None,
        "area": "" if report.place or own_point else str(report.area.public_id) if report.area else EVERYWHERE,
        "when": OTHER,
        "day": local.date(),
        "at": local.time() if exact else None,
        "until_day": end.date() if end else None,
        "until_at": end.time() if end else None,
        "development": report.development.public_id if report.development else None,
    }
