"""Prepared figures per week, and views that a person has named."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from samverkan.foundation import clock
from samverkan.foundation.people.models import Membership


class FactSegment(models.Model):
    """The incidents of one week as packed columns (``picture.packing``). Derived; may be emptied at any time."""

    audited = False

    week = models.SmallIntegerField(primary_key=True, help_text="foundation.weeks index.")
    change = models.BigIntegerField(help_text="The incidents' change that the segment was made from.")
    rows = models.IntegerField()
    packed = models.BinaryField()


class SavedView(models.Model):
    """A filter with a name. The address is what the filter writes, so that it can be sent to others."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=2000, blank=True, help_text="The query string of the filter.")
    created_at = models.DateTimeField(default=clock.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="savedview_name_once")]

    def __str__(self) -> str:
        return self.name
