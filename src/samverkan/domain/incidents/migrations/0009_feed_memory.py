"""What is remembered of calls to publishers moves from files under the data folder into the database."""

import json
import shutil
from pathlib import Path

from django.conf import settings
from django.db import migrations, models


def move(apps, schema_editor):
    """Keep what the files tell: an address that answered 404 is never to be asked again."""
    folder = Path(settings.DATA) / "fetch"
    for path in folder.glob("*.json"):
        try:
            old = json.loads(path.read_text("utf-8"))
        except ValueError:
            continue
        known = {name: old[name] for name in ("calls", "gone", "seen") if name in old}
        apps.get_model("incidents", "FeedMemory").objects.get_or_create(host=path.stem, defaults=known)
    shutil.rmtree(folder, ignore_errors=True)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0008_stage_published_at")]

    operations = [
        migrations.CreateModel(
            name="FeedMemory",
            fields=[
                ("host", models.CharField(max_length=260, primary_key=True, serialize=False)),
                ("calls", models.JSONField(default=list, help_text="The times of a day's calls.")),
                (
                    "not_before",
                    models.DateTimeField(help_text="Until when the server asked to be left alone.", null=True),
                ),
                (
                    "gone",
                    models.JSONField(
                        default=dict, help_text="Addresses that answered 404, and when. Never asked again."
                    ),
                ),
                (
                    "seen",
                    models.JSONField(
                        default=dict, help_text="For each address what identifies the answer last stored."
                    ),
                ),
            ],
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
