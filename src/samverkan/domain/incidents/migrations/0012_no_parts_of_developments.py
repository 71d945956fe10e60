"""An incident names no development that it is a part of: nothing ever did, and what is told of one is told in it."""

from importlib import import_module

from django.db import migrations

STAGE = import_module("samverkan.domain.incidents.migrations.0006_stage").STAGE.replace("CREATE", "CREATE OR REPLACE", 1)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0011_uploads")]

    operations = [
        migrations.RemoveField(model_name="incident", name="development"),
        migrations.RunSQL(STAGE.replace(" development_id bigint,", ""), STAGE),
    ]
