"""Where editions are kept. A room makes its own table of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import pgettext_lazy

from samverkan.foundation import clock
from samverkan.foundation.postgres.roles import APPEND_ONLY

from .fingerprint import Seal, fingerprint


class Sealed(models.Model):
    """One edition: the whole content as plain data, with its fingerprint. Never changes.

    A correction is a new edition of the same thing; the old one stays. The room says what it is an edition of.
    """

    grants = APPEND_ONLY
    chained = True

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveSmallIntegerField(pgettext_lazy("recorded field", "Number"))
    content = models.JSONField(pgettext_lazy("recorded field", "Content"))
    sha256 = models.CharField(pgettext_lazy("recorded field", "Fingerprint"), max_length=64)
    frozen_at = models.DateTimeField(pgettext_lazy("recorded field", "Locked"), default=clock.now)
    frozen_by = models.ForeignKey(
        "people.Membership",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("recorded field", "Locked by"),
    )
    corrects = models.CharField(
        pgettext_lazy("recorded field", "What the edition corrects"),
        max_length=500,
        blank=True,
        help_text="What this edition corrects.",
    )

    class Meta:
        abstract = True

    @property
    def seal(self) -> Seal:
        return Seal(self.sha256, self.frozen_at.isoformat(timespec="seconds"))

    @property
    def is_whole(self) -> bool:
        """Whether the content is what was locked."""
        return fingerprint(self.content) == self.sha256
