"""Content that should never have been locked is taken out of an edition: the owner does it, where the decision stands."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.utils.translation import pgettext_lazy

import samverkan.foundation.clock

#: Nothing of a locked week changes, but that its content goes where that is decided.
FINAL = """
CREATE OR REPLACE FUNCTION public.est_edition_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.content = '{}'::jsonb AND NEW.corrects = ''
        AND to_jsonb(NEW) - ARRAY['content', 'corrects'] = to_jsonb(OLD) - ARRAY['content', 'corrects']
        AND EXISTS (SELECT 1 FROM public.est_editiontakenout t WHERE t.edition_id = OLD.id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a locked week never changes (est_edition %)', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
"""
FORMER = """
CREATE OR REPLACE FUNCTION public.est_edition_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a locked week never changes (est_edition %)', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
"""
EMPTY = """
CREATE FUNCTION public.est_empty_edition(bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
    UPDATE public.est_edition SET content = '{}'::jsonb, corrects = ''
    WHERE id = $1 AND EXISTS (SELECT 1 FROM public.est_editiontakenout t WHERE t.edition_id = $1)
$body$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("est", "0009_handlers_in_a_file_of_their_own"),
        ("people", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="EditionTakenOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500, verbose_name=pgettext_lazy("recorded field", "Reason"))),
                ("at", models.DateTimeField(default=samverkan.foundation.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.membership",
                    ),
                ),
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_out",
                        to="est.edition",
                        verbose_name=pgettext_lazy("recorded rows", "Edition of a week"),
                    ),
                ),
            ],
            options={"verbose_name": pgettext_lazy("recorded rows", "Content taken out of an edition")},
        ),
        migrations.RunSQL(FINAL, FORMER),
        migrations.RunSQL(EMPTY, "DROP FUNCTION public.est_empty_edition(bigint)"),
    ]
