"""Forms of the people pages: they read what was typed; the services judge it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import clock
from ..access import Actor
from ..access.roles import choices as roles
from ..postgres.functions import SvSort
from ..web.forms import DateField, FilterForm, offer, offer_rows
from . import policy
from .fields import SeatField
from .models import Membership, Organisation, OrganisationKind


def _organisations() -> Any:
    return Organisation.objects.order_by(SvSort("name"))


def _or_all(choices: Any) -> list[tuple[str, Any]]:
    return [("", _("All")), *choices]


class PeopleFilter(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=lambda: _or_all(roles()))
    ended = forms.ChoiceField(
        label=_("Sign-in"),
        required=False,
        choices=[("", pgettext_lazy("sign-in", "Open")), ("1", pgettext_lazy("sign-in", "Open and closed"))],
    )


class OrganisationFilter(FilterForm):
    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_or_all(OrganisationKind.choices))


class OrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    parent = forms.ModelChoiceField(label=_("Belongs to"), queryset=Organisation.objects.none(), required=False)
    controller = forms.ModelChoiceField(
        label=_("Answers for the personal data"),
        queryset=Organisation.objects.none(),
        required=False,
        help_text=_("Empty means the organisation itself. A department answers through what it belongs to."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("parent", "controller"):
            offer_rows(self, name, _organisations())


class _SeatForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), to_field_name="public_id"
    )
    role = forms.ChoiceField(label=_("Role"), choices=())
    function = forms.CharField(
        label=_("Function"),
        max_length=150,
        required=False,
        help_text=_("What the function is called in the organisation."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "organisation", _organisations())
        offer(self, "role", [(value, label) for value, label in roles() if policy.may_give(actor, value)])


class InviteForm(_SeatForm):
    email = forms.EmailField(
        label=_("E-mail"),
        error_messages={"invalid": _("Write the address such as name@example.org.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("email", "organisation", "role", "function")


class SeatForm(_SeatForm):
    from_on = DateField(label=_("From"), initial=clock.today)
    until_on = DateField(label=_("Until, not including"), required=False)


class SubstituteForm(forms.Form):
    substitute = SeatField(label=_("Substitute"), required=False, by_name=True)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, seat: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Membership.objects.filter(organisation_id=seat.organisation_id).exclude(person_id=seat.person_id)
        self.fields["substitute"].offer(others)  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least 12 characters. Several words that you remember are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
        strip=False,
    )
