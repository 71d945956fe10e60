"""The table that an import fills first has a column for when the source told of the event.

What 0006 makes has it now too, but databases in which 0006 ran before that do not, and those in which this ran
must still find it here, or they would count as made by a newer program.
"""

from importlib import import_module

from django.db import migrations

STAGE = import_module("samverkan.domain.incidents.migrations.0006_stage").STAGE


class Migration(migrations.Migration):
    dependencies = [("incidents", "0007_when_the_police_say_it_happened")]
    operations = [
        migrations.RunSQL(STAGE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), migrations.RunSQL.noop)
    ]
