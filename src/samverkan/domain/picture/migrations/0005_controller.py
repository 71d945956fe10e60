"""Who answers for the personal data of a row stands on it."""

import django.db.models.deletion
from django.db import migrations, models


def fill(apps, schema_editor):
    """A view from before is its owner's: whoever answers for the organisation of the seat."""
    for row in apps.get_model("picture", "SavedView").objects.select_related("owner__organisation"):
        row.controller_id = row.owner.organisation.controller_id or row.owner.organisation_id
        row.save(update_fields=["controller"])


class Migration(migrations.Migration):
    dependencies = [
        ("picture", "0004_what_rows_and_fields_are_called"),
        ("people", "0004_what_rows_and_fields_are_called"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="controller",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="savedview",
            name="controller",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
            ),
        ),
    ]
