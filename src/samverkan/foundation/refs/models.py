"""Stored links between things."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from .. import clock


class Link(models.Model):
    """A directed, named link between two things of any kind."""

    from_kind = models.CharField(max_length=40)
    from_id = models.UUIDField()
    to_kind = models.CharField(max_length=40)
    to_id = models.UUIDField()
    relation = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Link between two matters")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["from_kind", "from_id", "to_kind", "to_id", "relation"], name="link_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["to_kind", "to_id"], name="link_to")]

    def __str__(self) -> str:
        return f"{self.from_kind} {self.relation} {self.to_kind}"
