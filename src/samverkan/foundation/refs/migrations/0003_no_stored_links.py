"""Links between things are not stored: no room ever did. What one row has of another is a key to it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("refs", "0002_what_rows_and_fields_are_called")]

    operations = [migrations.DeleteModel(name="Link")]
