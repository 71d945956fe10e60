"""The table that an import fills first has a column for when the source told of the event."""

from django.db import migrations

STAGE = """
CREATE OR REPLACE FUNCTION public.incidents_stage(many_rounds boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    IF to_regclass('pg_temp.incident_stage') IS NULL THEN
        CREATE TEMPORARY TABLE incident_stage (
            seq integer, round integer, external_id text, content_hash bytea, observed_at timestamptz,
            controller_id bigint, kind text, category_id bigint, title text, description text, url text,
            observation text, seriousness smallint, trend text, is_digest boolean, started_at timestamptz,
            ended_at timestamptz, time_precision text, week smallint, precision text, x double precision,
            y double precision, radius_m integer, hexagon integer, area_id bigint, place_id bigint,
            municipality_id bigint, organisation_id bigint, development_id bigint, published_at timestamptz,
            incident_id bigint, outcome char(1)
        ) ON COMMIT DELETE ROWS;
        IF session_user <> current_user THEN
            EXECUTE format(
                'GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, MAINTAIN ON TABLE pg_temp.incident_stage TO %I', session_user);
        END IF;
    END IF;
    IF many_rounds THEN
        CREATE INDEX IF NOT EXISTS incident_stage_round ON pg_temp.incident_stage (round);
    END IF;
END $body$;
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0007_when_the_police_say_it_happened")]
    operations = [migrations.RunSQL(STAGE, migrations.RunSQL.noop)]
