"""Who answers for the personal data of a row stands on it."""

import django.db.models.deletion
from django.db import migrations, models


def fill(apps, schema_editor):
    """Rows from before are the municipality's: its people put them in."""
    organisations = apps.get_model("people", "Organisation").objects
    for name in ("ImportProfile", "ImportRun"):
        rows = apps.get_model("incidents", name).objects.filter(controller=None)
        if rows.exists():
            # As people.services.home: what was read in before the municipality had a name.
            home = organisations.filter(is_home=True).first() or organisations.create(
                name="Kommunen", kind="municipality", is_home=True
            )
            rows.update(controller=home)
            # A table with changes that are still to be checked cannot be altered.
            schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0004_what_rows_and_fields_are_called"),
        ("people", "0004_what_rows_and_fields_are_called"),
    ]

    operations = [
        migrations.AddField(
            model_name="importprofile",
            name="controller",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="controller",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="importprofile",
            name="controller",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
            ),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="controller",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"
            ),
        ),
    ]
