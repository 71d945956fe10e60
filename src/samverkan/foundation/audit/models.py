"""The change log. Rows are written only by triggers; the application can read, never write."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ..postgres.roles import READ_ONLY


class AuditEntry(models.Model):
    """One statement on one table: which rows and which columns changed, never their content."""

    audited = False
    chained = True
    grants = READ_ONLY

    at = models.DateTimeField(db_index=True)
    person_id = models.BigIntegerField(null=True)
    membership_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=36, blank=True)
    table = models.CharField(max_length=63)
    operation = models.CharField(max_length=1)  # I, U or D
    rows = models.IntegerField()
    row_ids = ArrayField(models.CharField(max_length=36), help_text="At most 200; the span tells the rest.")
    first_id = models.CharField(max_length=36)
    last_id = models.CharField(max_length=36)
    columns = ArrayField(models.CharField(max_length=63))

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "-at"], name="audit_person"),
            models.Index(fields=["table", "-at"], name="audit_table"),
        ]
