"""Notices to seats: the inbox."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from .. import clock


class Notice(models.Model):
    """One notice to one seat about one thing. Its words come from the template when it is read."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey("people.Membership", models.CASCADE, related_name="notices")
    template = models.CharField(max_length=60)
    ref_kind = models.CharField(max_length=40)
    ref_id = models.UUIDField()
    data = models.JSONField(default=dict, help_text="Numbers, dates and codes for the template. Never content.")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Message in the inbox")
        indexes: ClassVar = [
            models.Index(fields=["membership", "-created_at"], name="notice_of_seat"),
            models.Index(fields=["membership"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.public_id}"
