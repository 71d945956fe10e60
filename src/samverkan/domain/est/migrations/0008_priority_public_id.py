import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    """Each row gets an identity of its own, which one default for all of them would not give."""

    dependencies = [("est", "0007_not_later_than")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE est_priority ADD COLUMN public_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;"
            "ALTER TABLE est_priority ALTER COLUMN public_id DROP DEFAULT",
            "ALTER TABLE est_priority DROP COLUMN public_id",
            state_operations=[
                migrations.AddField(
                    "priority",
                    "public_id",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
            ],
        ),
    ]
