"""Forms of the measures pages."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from samverkan.domain.places.api import AreaField, PlaceField
from samverkan.foundation.access import Actor
from samverkan.foundation.people.fields import SeatField
from samverkan.foundation.people.models import Organisation
from samverkan.foundation.postgres.functions import SvSort
from samverkan.foundation.web import conflict
from samverkan.foundation.web.forms import DateField, FilterForm, offer, offer_rows

from . import doors, selectors
from .models import Cause, Measure, MeasureType, Perspective, Problem, Status
from .services import Plan


class MeasureFilter(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("All")), ("open", _("Not carried out")), ("overdue", _("Late")), *Status.choices],
    )
    mine = forms.ChoiceField(label=_("Whose"), required=False, choices=[("", _("All")), ("1", _("Mine"))])


#: A code as the tables hold it; nothing else is asked for.
_CODE = re.compile(r"[a-zA-Z0-9_-]{1,80}")


class KindsField(forms.MultipleChoiceField):
    """Kinds of events, of those that the rooms of events offer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Kinds of events"),
            required=False,
            widget=forms.CheckboxSelectMultiple(attrs={"data-look": "two"}),
            error_messages={"invalid_choice": _("Choose among the kinds that are shown here.")},
            **kwargs,
        )


def _offer_kinds(form: forms.Form, *, kept: list[str]) -> None:
    """Offer what can be chosen today, and what is kept from before or was ticked on a page opened before it changed."""
    sent = form["kinds"].data if form.is_bound else []
    asked = [code for code in sent or [] if _CODE.fullmatch(code)]
    known = doors.event_kinds.choices([*kept, *asked])
    codes = {code for code, _label in known}
    offer(form, "kinds", [*known, *((code, code) for code in kept if code not in codes)])


class CauseBoxes(forms.CheckboxSelectMultiple):
    """Boxes that tell which problem each belongs to, so that the page can show only those of the one chosen."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"data-of": str(value.instance.problem.public_id), "data-by": "problem"}
        return option


class CausesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Causes by problem: without scripts all are seen, those of the problem at hand first."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Acts on the causes"),
            queryset=Cause.objects.none(),
            required=False,
            widget=CauseBoxes,
            help_text=_("Those of the problem. Choosing a cause chooses its problem."),
            error_messages={"invalid_choice": _("Choose among the causes that are shown here.")},
        )

    def label_from_instance(self, obj: Any) -> str:
        return _("%(problem)s: %(cause)s") % {"problem": obj.problem.title, "cause": obj.text}


def _causes(problems: QuerySet[Problem], *, first: int | None) -> QuerySet[Cause]:
    """The causes of problems, with those of one problem before the others."""
    mine = Case(When(problem=first or 0, then=Value(0)), default=Value(1))
    rows = Cause.objects.filter(problem__in=problems.order_by().values("pk")).select_related("problem")
    return rows.order_by(mine, SvSort("problem__title"), "problem", "order", "pk")


def _offer_ground(form: forms.Form, actor: Actor, before: Measure | Problem | None) -> None:
    """Places and areas to choose from, with those that stand there already."""
    form.fields["place"].offer(actor, kept=before.place_id if before else None)  # type: ignore[attr-defined]
    form.fields["area"].offer(actor, kept=before.area_id if before else None)  # type: ignore[attr-defined]


class MeasureForm(forms.Form):
    title = forms.CharField(label=_("What is to be done"), max_length=200)
    why = forms.CharField(
        label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("What the measure is expected to change.")
    )
    problem = forms.ModelChoiceField(
        label=_("Problem"),
        queryset=Problem.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("Choose"),
        help_text=_("A measure without a problem is shown as a gap."),
    )
    causes = CausesField()
    kinds = KindsField(
        help_text=_(
            "What its effect is judged on. Where none is chosen, those of the problem; where it has none either, all kinds."
        )
    )
    type = forms.ChoiceField(
        label=_("Type"),
        choices=MeasureType.choices,
        widget=forms.RadioSelect(attrs={"data-look": "segments"}),
        initial=MeasureType.SITUATIONAL,
    )
    owner = SeatField(label=_("Responsible"), help_text=_("Write part of a function or an organisation."))
    due_on = DateField(label=_("To be carried out by"))
    starts_on = DateField(label=_("First day"), required=False)
    ends_on = DateField(label=_("Last day"), required=False)
    follow_up_on = DateField(label=_("Follow up"), required=False, help_text=_("The day when its effect is assessed."))
    place = PlaceField()
    area = AreaField()
    actors = forms.ModelMultipleChoiceField(
        label=_("Cooperating"),
        queryset=Organisation.objects.none(),
        required=False,
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple(attrs={"data-look": "two"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, before: Measure | Problem | None = None, **kwargs: Any) -> None:
        """``before`` is the measure that is changed, or the problem that a new one is planned from."""
        super().__init__(*args, **kwargs)
        about = before.problem_id if isinstance(before, Measure) else None
        choose: dict[str, Any] = {
            "problem": Problem.objects.visible_to(actor)
            .filter(Q(closed_on__isnull=True) | Q(pk=about or 0))
            .order_by("title"),
            "actors": Organisation.objects.order_by(SvSort("name")),
        }
        for name, rows in choose.items():
            offer_rows(self, name, rows)
        owner = before.owner_id if isinstance(before, Measure) else None
        self.fields["owner"].offer(selectors.seats_that_follow(), kept=owner)  # type: ignore[attr-defined]
        _offer_ground(self, actor, before)
        at_hand = about if isinstance(before, Measure) else before.pk if before else None
        causes = _causes(choose["problem"], first=at_hand)
        if causes.exists():
            offer_rows(self, "causes", causes)
        else:
            del self.fields["causes"]
        _offer_kinds(self, kept=before.category_codes if before else [])

    def chosen(self) -> dict[str, list[str]]:
        """What is ticked among the many boxes, by name, for the words that they are folded under."""
        ticked = {name: {str(v) for v in self[name].value() or ()} for name in ("kinds", "actors")}
        offered: dict[str, Any] = {name: self.fields[name] for name in ticked}
        return {
            f"chosen_{name}": [str(label) for value, label in offered[name].choices if str(value) in values]
            for name, values in ticked.items()
            if values
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        causes = list(data.get("causes") or ())
        if (
            causes
            and not data.get("problem")
            and "problem" not in self.errors
            and len({c.problem_id for c in causes}) == 1
        ):
            data["problem"] = causes[0].problem
        return data

    def plan(self, before: Measure | None = None) -> Plan:
        """What was filled in, with what the page does not show taken from the measure itself."""
        data = self.cleaned_data
        said = {a.organisation_id: a.contribution for a in before.actors.all()} if before else {}
        begun = data["problem"].category_codes if data["problem"] and before is None else []
        return Plan(
            title=data["title"],
            why=data["why"],
            type=data["type"],
            owner=data["owner"],
            due_on=data["due_on"],
            problem=data["problem"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            follow_up_on=data["follow_up_on"],
            place=data["place"],
            area=data["area"],
            # A new one begins with what its problem is about, also when the problem was chosen in the form.
            category_codes=tuple(data["kinds"] or begun),
            causes=tuple(data.get("causes") or ()),
            actors=tuple((o, said.get(o.pk, "")) for o in data["actors"]),
        )

    def in_words(self) -> dict[str, str]:
        """What was filled in, as ``words_of`` says what is saved."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        kinds = doors.event_kinds.names(data["kinds"])
        causes = [c.text for c in data.get("causes") or ()]
        return conflict.in_words(
            {**data, "type": str(MeasureType(data["type"]).label), "kinds": kinds, "causes": causes}
        )


def words_of(measure: Measure) -> dict[str, str]:
    """The fields of a measure that exists, in words."""
    names = ("title", "why", "problem", "owner", "due_on", "starts_on", "ends_on", "follow_up_on", "place", "area")
    values: dict[str, Any] = {name: getattr(measure, name) for name in names}
    actors = [actor.organisation for actor in measure.actors.all()]
    kinds = doors.event_kinds.names(measure.category_codes)
    return conflict.in_words(
        {
            **values,
            "type": measure.get_type_display(),
            "actors": actors,
            "kinds": kinds,
            "causes": [c.text for c in measure.causes.all()],
        }
    )


def initial_of(measure: Measure) -> dict[str, Any]:
    """The form's values for a measure that exists."""
    return {
        "title": measure.title,
        "why": measure.why,
        "type": measure.type,
        "due_on": measure.due_on,
        "problem": measure.problem.public_id if measure.problem else None,
        "owner": measure.owner.public_id,
        "starts_on": measure.starts_on,
        "ends_on": measure.ends_on,
        "follow_up_on": measure.follow_up_on,
        "place": measure.place.public_id if measure.place else None,
        "area": measure.area.public_id if measure.area else None,
        "actors": [a.organisation.public_id for a in measure.actors.all()],
        "version": measure.version,
        "kinds": measure.category_codes,
        "causes": [c.pk for c in measure.causes.all()],
    }


class StepForm(forms.Form):
    """Another state, with what it demands."""

    after = forms.ChoiceField(label=_("Status"), choices=Status.choices, widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class EffectForm(StepForm):
    effect = forms.CharField(
        label=_("What was seen of the effect"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("That it was carried out is not an effect. Write what changed, or that it cannot be told yet."),
    )


class ProblemForm(forms.Form):
    title = forms.CharField(label=_("What the problem is"), max_length=200)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What recurs, where and when. No persons."),
    )
    kinds = KindsField(help_text=_("What the effect of its measures is judged on. Where none is chosen, all kinds."))
    place = PlaceField()
    area = AreaField()
    situation = forms.CharField(
        label=_("Causes in the place and the situation"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One cause per line."),
    )
    victimisation = forms.CharField(
        label=_("Causes with those who are exposed"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    offender = forms.CharField(
        label=_("Causes with those who cause it"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, before: Problem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_ground(self, actor, before)
        _offer_kinds(self, kept=before.category_codes if before else [])

    def causes(self) -> list[tuple[str, str]]:
        return [
            (perspective, line.strip())
            for perspective in Perspective.values
            for line in self.cleaned_data[perspective].splitlines()
            if line.strip()
        ]

    def told(self) -> dict[str, Any]:
        """What was filled in, as the services take it."""
        said = {name: self.cleaned_data[name] for name in ("title", "description", "place", "area")}
        return {**said, "category_codes": self.cleaned_data["kinds"], "causes": self.causes()}

    def in_words(self) -> dict[str, str]:
        """What was filled in, as ``problem_words`` says what is saved."""
        causes: dict[str, list[str]] = {perspective: [] for perspective in Perspective.values}
        for perspective, text in self.causes():
            causes[perspective].append(text)
        lines = {perspective: "\n".join(texts) for perspective, texts in causes.items()}
        said = {name: self.cleaned_data[name] for name in ("title", "description", "place", "area")}
        return conflict.in_words({**said, **lines, "kinds": doors.event_kinds.names(self.cleaned_data["kinds"])})


def problem_initial(problem: Problem) -> dict[str, Any]:
    """The form's values for a problem that exists."""
    return {
        "title": problem.title,
        "description": problem.description,
        "version": problem.version,
        "kinds": problem.category_codes,
        "place": problem.place.public_id if problem.place else None,
        "area": problem.area.public_id if problem.area else None,
        **_cause_lines(problem),
    }


def _cause_lines(problem: Problem) -> dict[str, str]:
    return {p: "\n".join(c.text for c in problem.causes.all() if c.perspective == p) for p in Perspective.values}


def problem_words(problem: Problem) -> dict[str, str]:
    """The fields of a problem that exists, in words."""
    said = {name: getattr(problem, name) for name in ("title", "description", "place", "area")}
    kinds = doors.event_kinds.names(problem.category_codes)
    return conflict.in_words({**said, **_cause_lines(problem), "kinds": kinds})
