"""When a text of an incident was first seen, and last: by these its history is the same in any order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0013_indexes_of_what_is_there"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="first_observed_at",
            field=models.DateTimeField(
                help_text="Empty where it is the same as the last time.",
                null=True,
                verbose_name="When the source was first seen to say this",
            ),
        ),
        migrations.AddField(
            model_name="incidentversion",
            name="last_observed_at",
            field=models.DateTimeField(
                help_text="Empty where it is the same as the first time.",
                null=True,
                verbose_name="When the source was last seen to say this",
            ),
        ),
    ]
