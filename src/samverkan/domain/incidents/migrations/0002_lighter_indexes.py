"""Fewer indexes to write for every incident: one was never used, two are covered or tell nothing apart."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("incidents", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="incident", name="incident_title_trgm"),
        migrations.AlterField(
            model_name="incident",
            name="controller",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.organisation"),
        ),
        migrations.AlterField(
            model_name="incident",
            name="source",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="incidents", to="incidents.source"),
        ),
    ]
