"""Indexes of what most incidents lack hold only those that have it: every import writes all of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0012_no_parts_of_developments"),
        ("people", "0005_roles_are_registered"),
        ("places", "0004_controller"),
    ]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="area",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="incidents",
                to="places.area",
            ),
        ),
        migrations.AlterField(
            model_name="incident",
            name="municipality",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="places.municipality",
            ),
        ),
        migrations.AlterField(
            model_name="incident",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Who reported it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="incident",
            name="place",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="incidents",
                to="places.place",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(condition=models.Q(("area__isnull", False)), fields=["area"], name="incident_area"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(condition=models.Q(("place__isnull", False)), fields=["place"], name="incident_place"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("municipality__isnull", False)),
                fields=["municipality"],
                name="incident_municipality",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("organisation__isnull", False)),
                fields=["organisation"],
                name="incident_organisation",
            ),
        ),
    ]
