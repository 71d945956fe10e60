"""Forms of the week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from samverkan.domain.measures.api import Problem, seats_that_follow
from samverkan.domain.places.api import AreaField, PlaceField
from samverkan.foundation.access import Actor
from samverkan.foundation.people.fields import SeatField
from samverkan.foundation.web.forms import DateField, offer, offer_rows

from .proposals import Proposal


class JudgementForm(forms.Form):
    judgement = forms.CharField(
        label=_("Joint assessment"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What the week means. Write about places and situations, never about persons."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class SummaryForm(JudgementForm):
    """The meeting's last step: the assessment, and which of the places proposed come first and why."""

    def __init__(self, *args: Any, proposals: Sequence[Proposal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposals = proposals
        for one in proposals:
            self.fields[f"first_{one.key}"] = forms.BooleanField(label=one.where, required=False)
            why = forms.CharField(label=_("Why it comes first"), required=False, max_length=1000, initial=one.why)
            why.widget.attrs["maxlength"] = "1000"
            self.fields[f"why_{one.key}"] = why

    @property
    def rows(self) -> list[tuple[BoundField, BoundField]]:
        """Each place proposed: the box and the reason."""
        return [(self[f"first_{one.key}"], self[f"why_{one.key}"]) for one in self.proposals]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for one in self.proposals:
            if data.get(f"first_{one.key}") and not (data.get(f"why_{one.key}") or "").strip():
                self.add_error(f"why_{one.key}", _("Write why it comes first."))
        return data

    def chosen(self) -> list[tuple[Proposal, str]]:
        """The places that come first, with the reasons as they are now written."""
        data = self.cleaned_data
        return [(one, data[f"why_{one.key}"]) for one in self.proposals if data.get(f"first_{one.key}")]


class PriorityForm(forms.Form):
    place = PlaceField()
    area = AreaField()
    problem = forms.ModelChoiceField(
        label=_("Problem"),
        queryset=Problem.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("Choose"),
    )
    why = forms.CharField(label=_("Why it comes first"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].offer(actor)  # type: ignore[attr-defined]
        self.fields["area"].offer(actor)  # type: ignore[attr-defined]
        problems = Problem.objects.visible_to(actor).filter(closed_on__isnull=True).order_by("title")
        offer_rows(self, "problem", problems)


class DecisionForm(forms.Form):
    text = forms.CharField(label=_("What we do"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    owner = SeatField(
        label=_("Responsible"), required=False, help_text=_("Write part of a function or an organisation.")
    )
    due_on = DateField(label=_("By when"), required=False)
    why = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The cause it is to act on. With responsible, date and reason the decision becomes a measure."),
    )
    problem = forms.ModelChoiceField(
        label=_("Problem"),
        queryset=Problem.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("Choose"),
    )
    #: Said when date and reason were proposed by the page: without somebody responsible they make no measure.
    proposed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].offer(seats_that_follow())  # type: ignore[attr-defined]
        problems = Problem.objects.visible_to(actor).filter(closed_on__isnull=True).order_by("title")
        offer_rows(self, "problem", problems)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        acts = [bool(data.get("owner")), bool(data.get("due_on")), bool(data.get("why"))]
        if data.get("proposed") and not data.get("owner") and "owner" not in self.errors:
            return data
        if any(acts) and not all(acts):
            for name, words in (
                ("owner", _("Choose who is responsible.")),
                ("due_on", _("Write by when.")),
                ("why", _("Write why.")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return data


class TakeOutForm(forms.Form):
    """Which words are taken out of a locked week, and why."""

    marked = forms.MultipleChoiceField(
        label=_("Words that look like personal data"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"data-look": "two"}),
    )
    words = forms.CharField(
        label=_("Other words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One name, number or sentence per line, as it stands in the week."),
    )
    reason = forms.CharField(
        label=_("Why it is taken out"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept for ever, and read by all who read the week. Do not repeat the words."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, suggested: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if suggested:
            offer(self, "marked", [(words, words) for words in suggested])
        else:
            del self.fields["marked"]

    def chosen(self) -> list[str]:
        """All the words to take out."""
        return [*self.cleaned_data.get("marked", ()), *self.cleaned_data["words"].splitlines()]


class FreezeForm(forms.Form):
    corrects = forms.CharField(label=_("What the new edition corrects"), max_length=500, required=False)
    judgement = forms.CharField(
        label=_("Joint assessment"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What the week means. Write about places and situations, never about persons."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
