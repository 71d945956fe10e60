"""The police's events happened when their titles say, not when the desk published them: stored rows are read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import migrations, models
from django.utils.translation import pgettext_lazy

from samverkan.domain.incidents.importing.polisen import time_of
from samverkan.domain.incidents.importing.rows import BadValue
from samverkan.domain.incidents.store import touch_weeks
from samverkan.domain.incidents.importing.run import week_of

_CHUNK = 5_000


def _said(title: str, published: datetime) -> tuple[datetime, str]:
    try:
        return time_of(title, published)
    except BadValue:
        return published, "latest"


def _reread(apps: Any, editor: Any) -> None:
    incidents = apps.get_model("incidents", "Incident").objects.filter(
        source__kind="police_feed", published_at__isnull=True
    )
    weeks: set[int] = set()
    last = 0
    while rows := list(incidents.filter(pk__gt=last).order_by("pk")[:_CHUNK]):
        for row in rows:
            row.published_at = row.started_at
            row.started_at, row.time_precision = _said(row.title, row.published_at)
            weeks |= {row.week, week_of(row.started_at)}
            row.week = week_of(row.started_at)
        incidents.model.objects.bulk_update(rows, ["published_at", "started_at", "time_precision", "week"])
        last = rows[-1].pk
    versions = apps.get_model("incidents", "IncidentVersion").objects.filter(
        incident__source__kind="police_feed", edited_at__isnull=True
    )
    last = 0
    while changed := list(versions.filter(pk__gt=last).order_by("pk")[:_CHUNK]):
        for row in changed:
            published = datetime.fromisoformat(row.content["started_at"])
            started, precision = _said(row.content.get("title", ""), published)
            row.content |= {
                "published_at": published.isoformat(),
                "started_at": started.isoformat(),
                "time_precision": precision,
            }
        versions.model.objects.bulk_update(changed, ["content"])
        last = changed[-1].pk
    if weeks:
        with editor.connection.cursor() as cursor:
            touch_weeks(cursor, weeks)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("incidents", "0006_stage")]

    operations: ClassVar = [
        migrations.AddField(
            "incident",
            "published_at",
            models.DateTimeField(
                pgettext_lazy("recorded field", "Published"),
                null=True,
                help_text="When the source told of it, where that is another time than when it happened.",
            ),
        ),
        migrations.AlterField(
            "incident",
            "time_precision",
            models.CharField(
                pgettext_lazy("recorded field", "How surely the time is known"),
                max_length=8,
                choices=[
                    ("minute", "Known time"),
                    ("day", "Day only"),
                    ("span", "Between two times"),
                    ("latest", "Not later than"),
                ],
                default="minute",
            ),
        ),
        migrations.RunPython(_reread, migrations.RunPython.noop),
    ]
