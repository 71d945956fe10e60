"""Extensions and the function that sorts Swedish. Runs before every other room's tables."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

# No ICU is needed: after lowering, å ä ö become the three characters that follow z, and letters
# with other accents become their base letter. Numbers are padded so that "2" comes before "10".
SV_SORT = r"""
CREATE OR REPLACE FUNCTION sv_sort(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT translate(
        regexp_replace(
            regexp_replace(lower(value COLLATE pg_c_utf8), '([0-9]+)', '0000000000\1', 'g'),
            '0*([0-9]{10})', '\1', 'g'),
        'åäöéèêëüúùûæøóòôáàâíìîïñç', '{|}eeeeuuuu|}oooaaaiiiinc') COLLATE "C"
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(SV_SORT, "DROP FUNCTION sv_sort(text)"),
    ]
