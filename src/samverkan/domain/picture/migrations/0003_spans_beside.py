"""Segments say which of their incidents are known as spans; those made before are made anew."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("picture", "0002_insight")]

    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM picture_factsegment", migrations.RunSQL.noop),
        migrations.AddField(
            "factsegment",
            "spans",
            models.BinaryField(default=bytes, help_text="Those known as spans: position, start and end (picture.spans)."),
        ),
    ]
