"""Forms of newroom's pages. They read what was typed; the services judge it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class NewthingForm(forms.Form):
    title = forms.CharField(label=_("Heading"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
