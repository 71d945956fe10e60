"""Newroom: what it keeps. The database's own constraints first."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samverkan.foundation import clock
from samverkan.foundation.access import Rows
from samverkan.foundation.people.models import Organisation

from . import policy


class State(models.TextChoices):
    OPEN = "open", _("In progress")
    CLOSED = "closed", _("Closed")


class Newthing(models.Model):
    """One of what the room keeps."""

    visible = policy.newthings
    objects = Rows["Newthing"].as_manager()

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    controller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    title = models.CharField(pgettext_lazy("recorded field", "Heading"), max_length=200)
    state = models.CharField(pgettext_lazy("recorded field", "State"), max_length=10, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(pgettext_lazy("recorded field", "Closed"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    is_invented = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Newthing")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(state=State.CLOSED), name="newthing_closed_when_closed"
            )
        ]

    def __str__(self) -> str:
        return self.title
