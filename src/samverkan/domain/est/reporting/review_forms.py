"""Forms of review and of the reporters' register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from samverkan.domain.incidents.api import Category, Incident, Kind, Observation, Trend
from samverkan.domain.places.api import AreaField, PlaceField
from samverkan.foundation.access import Actor
from samverkan.foundation.people.fields import SeatField
from samverkan.foundation.people.models import Membership
from samverkan.foundation.web import conflict
from samverkan.foundation.web.forms import DateField, NumberField, metres

from ..models import Report, Reporter
from . import selectors
from .forms import SegmentChoice
from .services import review
from .services.review import Cleaned

#: What is looked through for personal data, and how long it may be: no longer text is looked through.
LOOKED_THROUGH = {"title": 200, "text": 4000, "answer": 500}


def fits(data: Mapping[str, Any], name: str) -> bool:
    """Whether a text that was sent is short enough to be looked through, and to be taken."""
    return len(data.get(name, "")) <= LOOKED_THROUGH[name]


class ReviewForm(forms.Form):
    """The report as it will be shown. The reviewer writes in the same boxes the reporter's words lie in."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("Heading"), max_length=LOOKED_THROUGH["title"])
    text = forms.CharField(
        label=_("The text after review"),
        required=False,
        max_length=LOOKED_THROUGH["text"],
        widget=forms.Textarea(attrs={"rows": 5, "data-review": "text"}),
        help_text=_("Take out what points out a person. What you take out is erased for good."),
    )
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), to_field_name="code", empty_label=None
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    merge_into = forms.ModelChoiceField(
        label=_("Belongs to something known"),
        queryset=Incident.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("No, it is new"),
        help_text=_("What is chosen is updated instead of being told twice."),
    )
    place = PlaceField(empty_label=_("As reported"))
    precision = forms.ChoiceField(
        label=_("How exactly may the place be shown?"),
        choices=[
            (review.AS_REPORTED, _("As reported")),
            (review.APPROXIMATE, _("Approximately, within 200 metres")),
            (review.AREA, _("The area only")),
            (review.MUNICIPALITY, _("The municipality only")),
        ],
    )
    area = AreaField(empty_label=_("By the place"))
    x = NumberField(
        label=_("East, metres"), required=False, help_text=_("Filled in when you mark another point on the map below.")
    )
    y = NumberField(label=_("North, metres"), required=False)
    trend = SegmentChoice(label=_("Compared with before"), choices=Trend.choices)
    observation = SegmentChoice(
        label=_("How it is known"), choices=[c for c in Observation.choices if c[0] != Observation.UNKNOWN]
    )
    seriousness = SegmentChoice(
        label=_("How serious?"),
        required=False,
        choices=[("", _("Not stated")), ("1", _("Low")), ("2", _("Middle")), ("3", _("High"))],
    )
    keep_photos = forms.MultipleChoiceField(
        label=_("Photos to keep"), required=False, choices=[], widget=forms.CheckboxSelectMultiple
    )
    marks_seen = forms.BooleanField(label=_("I have looked at what is marked. It may stand."), required=False)
    reason = forms.CharField(
        label=_("What needs to be changed"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only when you send the report back. Do not repeat what is to be taken out."),
    )
    answer = forms.CharField(
        label=_("Answer to the one who reported"),
        required=False,
        max_length=LOOKED_THROUGH["answer"],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What becomes of it. Must be written when you close a report without using it."),
    )

    @property
    def asks_for_more(self) -> bool:
        """Whether something under "Place, kind and more" is to be looked at."""
        names = ("kind", "place", "area", "x", "y")
        return bool(self["merge_into"].value() or any(self[name].errors for name in names))

    def __init__(self, *args: Any, actor: Actor, report: Report, photos: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["category"].queryset = Category.objects.of_incidents().filter(
            main__isnull=False, retired_on__isnull=True
        )
        fields["category"].choices = [(c.code, c.name) for c in fields["category"].queryset.order_by("order", "pk")]
        fields["merge_into"].queryset = selectors.lasting(actor)
        fields["place"].offer(actor)
        fields["area"].offer(actor)
        fields["keep_photos"].choices = [
            (str(p.public_id), _("Photo {number}").format(number=n + 1)) for n, p in enumerate(photos)
        ]
        if not photos:
            del fields["keep_photos"]

    def cleaned(self) -> Cleaned:
        data = self.cleaned_data
        return Cleaned(
            category=data["category"],
            title=data["title"],
            text=data["text"],
            kind=data["kind"],
            trend=data["trend"],
            observation=data["observation"],
            seriousness=int(data["seriousness"]) if data["seriousness"] else None,
            precision=data["precision"],
            place=data["place"],
            area=data["area"],
            x=metres(data["x"]),
            y=metres(data["y"]),
            merge_into=data["merge_into"],
            keep_photos=tuple(data.get("keep_photos") or ()),
            answer=data["answer"],
            marks_seen=data["marks_seen"],
        )


def initial_of(report: Report) -> dict[str, Any]:
    """The review begins with what was reported."""
    where = report.place.name if report.place else report.area.name if report.area else ""
    return {
        "version": report.version,
        "title": ", ".join(p for p in (report.category.name, where) if p),
        "text": report.text,
        "category": report.category.code,
        "kind": report.kind,
        "trend": report.trend,
        "observation": report.observation,
        "seriousness": str(report.seriousness or ""),
        "merge_into": report.development.public_id if report.development else None,
        "precision": review.AREA
        if report.category.is_home_bound and report.area
        else review.MUNICIPALITY
        if report.category.is_home_bound or (report.x is None and report.area is None)
        else review.AS_REPORTED,
    }


def told_in_words(form: ReviewForm, report: Report) -> tuple[dict[str, str], dict[str, str]]:
    """What the reporter told, as it was typed in a valid review and as the report says it now, in words."""
    now = {
        "text": report.text,
        "category": report.category,
        "kind": report.kind,
        "trend": report.trend,
        "observation": report.observation,
        "seriousness": str(report.seriousness or ""),
        "merge_into": report.development,
    }
    return _words(form, {name: form.cleaned_data[name] for name in now}), _words(form, now)


def _words(form: ReviewForm, values: dict[str, Any]) -> dict[str, str]:
    fields: dict[str, Any] = form.fields
    chosen = {
        n: str(dict(fields[n].choices).get(values[n], values[n]))
        for n in ("kind", "trend", "observation", "seriousness")
    }
    return conflict.in_words({**values, **chosen})


class ExpectForm(forms.Form):
    """A seat that is to report every week."""

    seat = SeatField(label=_("Seat"))
    group = forms.CharField(
        label=_("Group"),
        max_length=60,
        widget=forms.TextInput(attrs={"list": "known-groups", "data-width": "20"}),
        help_text=_("For example schools, or housing companies."),
    )
    from_on = DateField(label=_("From"), required=False, help_text=_("From today unless you write another date."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reporters = Membership.objects.filter(role__in=("est_reporter", "municipal_police"))
        expected = Reporter.objects.filter(until_on__isnull=True).values("membership_id")
        self.fields["seat"].offer(reporters.exclude(pk__in=expected))  # type: ignore[attr-defined]


class GroupForm(forms.Form):
    group = forms.CharField(
        label=_("Group"), max_length=60, widget=forms.TextInput(attrs={"list": "known-groups", "data-width": "20"})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
