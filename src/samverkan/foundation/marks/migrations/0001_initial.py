import uuid
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.utils.translation import pgettext_lazy

import samverkan.foundation.clock


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [("people", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(help_text="Label of the row's model.", max_length=60)),
                ("row", models.BigIntegerField()),
                ("field", models.CharField(max_length=60)),
                (
                    "words",
                    models.CharField(
                        help_text="Keyed, so that it tells nobody.",
                        max_length=64,
                        verbose_name=pgettext_lazy("recorded field", "Fingerprint of the words"),
                    ),
                ),
                ("at", models.DateTimeField(default=samverkan.foundation.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.membership",
                    ),
                ),
            ],
            options={
                "verbose_name": pgettext_lazy("recorded rows", "Mark that may stand"),
                "constraints": [
                    models.UniqueConstraint(fields=("model", "row", "field", "words"), name="standing_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("model", models.CharField(help_text="Label of the row's model.", max_length=60)),
                ("row", models.BigIntegerField()),
                (
                    "count",
                    models.PositiveIntegerField(
                        help_text="Marks when it was found.", verbose_name=pgettext_lazy("recorded field", "Number")
                    ),
                ),
                ("since", models.DateTimeField(default=samverkan.foundation.clock.now)),
            ],
            options={
                "verbose_name": pgettext_lazy("recorded rows", "Text with marks that waits"),
                "constraints": [models.UniqueConstraint(fields=("model", "row"), name="waiting_once")],
            },
        ),
    ]
