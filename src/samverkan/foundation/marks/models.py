"""What somebody has said of marks, and texts that wait for it. Never the words themselves."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from .. import clock
from ..access import exempt


class Standing(models.Model):
    """Somebody has seen a mark in a text and lets it stand. The same words added to the text again are answered too."""

    visible = exempt("Fingerprints of words: read with the row that the words stand in, never by themselves.")

    model = models.CharField(
        pgettext_lazy("recorded field", "Kind of row"), max_length=60, help_text="Label of the row's model."
    )
    row = models.BigIntegerField(pgettext_lazy("recorded field", "Row"))
    field = models.CharField(pgettext_lazy("recorded field", "Field"), max_length=60)
    words = models.CharField(
        pgettext_lazy("recorded field", "Fingerprint of the words"),
        max_length=64,
        help_text="Keyed, so that it tells nobody.",
    )
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey("people.Membership", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Mark that may stand")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "row", "field", "words"], name="standing_once")
        ]


class Waiting(models.Model):
    """A row with marks that nobody has answered for, found after it was stored."""

    visible = exempt("Says which row waits: shown to who answers for the row's model, through its own rule.")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    model = models.CharField(
        pgettext_lazy("recorded field", "Kind of row"), max_length=60, help_text="Label of the row's model."
    )
    row = models.BigIntegerField(pgettext_lazy("recorded field", "Row"))
    count = models.PositiveIntegerField(pgettext_lazy("recorded field", "Number"), help_text="Marks when it was found.")
    since = models.DateTimeField(pgettext_lazy("recorded field", "Since"), default=clock.now)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Text with marks that waits")
        constraints: ClassVar = [models.UniqueConstraint(fields=["model", "row"], name="waiting_once")]
