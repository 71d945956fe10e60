"""What is known of a stored file. The content lies sealed under the data folder."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import clock


class FileKind(models.TextChoices):
    PHOTO = "photo", _("Photo")
    DOCUMENT = "document", _("Document")


class StoredFile(models.Model):
    """A file that hangs on a thing and is seen by those who may see that thing.

    ``digest`` is the keyed hash of the content (64 hex characters): the file's name on disk, equal
    for equal contents.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref_kind = models.CharField(max_length=40)
    ref_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=FileKind)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField(help_text="Bytes before sealing.")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    created_by = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "File")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind="photo") | Q(width__gt=0, height__gt=0), name="storedfile_photo_has_size"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["ref_kind", "ref_id"], name="storedfile_ref")]

    def __str__(self) -> str:
        return str(self.public_id)


class Disposal(models.Model):
    """A record that something was disposed of: what kind, how many and by which rule, never what it said."""

    rule = models.CharField(max_length=60)
    ref_kind = models.CharField(max_length=40, blank=True)
    ref_id = models.UUIDField(null=True, blank=True)
    count = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now, editable=False)
    by = models.ForeignKey("people.Membership", models.PROTECT, null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("recorded rows", "Disposal")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(count__gt=0), name="disposal_of_something")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.count}"
