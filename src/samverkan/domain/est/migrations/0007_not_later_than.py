"""The time of an incident may be known as "not later than"."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.utils.translation import pgettext_lazy


class Migration(migrations.Migration):
    dependencies: ClassVar = [("est", "0006_controller")]

    operations: ClassVar = [
        migrations.AlterField(
            "report",
            "time_precision",
            models.CharField(
                pgettext_lazy("recorded field", "How surely the time is known"),
                max_length=8,
                choices=[
                    ("minute", "Known time"),
                    ("day", "Day only"),
                    ("span", "Between two times"),
                    ("latest", "Not later than"),
                ],
                default="minute",
            ),
        ),
    ]
