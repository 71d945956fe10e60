import django.db.models.deletion
import samverkan.foundation.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("est", "0003_alarms"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionTick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("done", models.BooleanField()),
                ("at", models.DateTimeField(default=samverkan.foundation.clock.now)),
                ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.membership")),
                ("decision", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="ticks", to="est.decision")),
            ],
        ),
    ]
