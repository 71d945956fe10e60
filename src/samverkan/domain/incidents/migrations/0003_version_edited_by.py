from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0002_lighter_indexes"), ("people", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            "incidentversion",
            "edited_at",
            models.DateTimeField(null=True, help_text="When a person replaced it; empty where its source did."),
        ),
        migrations.AddField(
            "incidentversion",
            "edited_by",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", db_index=False,
                to="people.membership",
            ),
        ),
    ]
