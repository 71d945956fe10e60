"""The municipality's own policy and public facts, as dated rows."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from .. import clock


class Setting(models.Model):
    """A value of a declared key from a date on. Rows are added, so that what held stays known.

    Only one thing is ever written into a row: that it was taken back before its day came.
    """

    key = models.CharField(max_length=80)
    value = models.JSONField()
    valid_from = models.DateField()
    decision = models.CharField(max_length=300, blank=True, help_text="Who decided it, and where that is written.")
    set_by = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Setting")
        indexes: ClassVar = [models.Index(fields=["key", "-valid_from", "-id"], name="setting_latest")]

    def __str__(self) -> str:
        return f"{self.key} {self.valid_from}"


class Group(models.Model):
    """A standing group of the cooperation, by functions and never by names."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    chair = models.CharField(max_length=200, blank=True)
    functions = models.JSONField(default=list, help_text="The functions that sit in the group, as texts.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Standing group")

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A public service to turn to: never a person's own number."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    help = models.TextField(blank=True, help_text="When one turns to it.")
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    checked_on = models.DateField(null=True, blank=True, help_text="When the facts were last checked.")

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Contact")

    def __str__(self) -> str:
        return self.name
