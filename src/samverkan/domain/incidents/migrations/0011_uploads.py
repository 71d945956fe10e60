"""Files that wait to be imported lie in the database, sealed, instead of under the data folder of one host.

Those that wait when this runs are taken away: they are given again. An import of them that was under way is told
as interrupted.
"""

import shutil
import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import samverkan.foundation.clock


def remove(apps, schema_editor):
    """Nothing disposes of the old folder any more, and the files in it hold personal data."""
    shutil.rmtree(Path(settings.DATA) / "imports", ignore_errors=True)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0010_asked_before_points_are_kept"),
        ("people", "0005_roles_are_registered"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("names", models.JSONField(verbose_name="Files")),
                ("profile", models.CharField(blank=True, max_length=60, verbose_name="Import profile")),
                ("chosen", models.JSONField(null=True, verbose_name="What the columns mean")),
                ("sheet", models.CharField(blank=True, max_length=100, verbose_name="Sheet")),
                (
                    "language",
                    models.CharField(
                        help_text="Of the reasons for rejected rows.", max_length=10, verbose_name="Language"
                    ),
                ),
                (
                    "doing",
                    models.CharField(
                        blank=True, help_text="checking, importing or stopped.", max_length=10, verbose_name="State"
                    ),
                ),
                ("read", models.PositiveIntegerField(default=0, verbose_name="Rows read")),
                ("preview", models.BinaryField(verbose_name="First rows")),
                ("tried", models.BinaryField(null=True, verbose_name="What a trial found")),
                (
                    "changed_at",
                    models.DateTimeField(default=samverkan.foundation.clock.now, verbose_name="Last changed"),
                ),
                (
                    "controller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                        verbose_name="Given by",
                    ),
                ),
            ],
            options={"verbose_name": "Files to import"},
        ),
        migrations.CreateModel(
            name="UploadPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.PositiveSmallIntegerField(verbose_name="File")),
                ("number", models.PositiveIntegerField(verbose_name="Number")),
                ("content", models.BinaryField(verbose_name="Content")),
                (
                    "upload",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="incidents.upload",
                    ),
                ),
            ],
            options={
                "verbose_name": "Part of a file to import",
                "constraints": [
                    models.UniqueConstraint(fields=("upload", "file", "number"), name="uploadpart_once"),
                ],
            },
        ),
        migrations.RunPython(remove, migrations.RunPython.noop),
    ]
