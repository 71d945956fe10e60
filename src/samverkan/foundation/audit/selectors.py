"""What can be read of the change log."""

from __future__ import annotations

from datetime import date

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..access import Actor, require
from .models import AuditEntry
from .words import TABLES

OPERATIONS = {"I": _("Added"), "U": _("Changed"), "D": _("Taken away")}


def tables() -> dict[str, str]:
    """The name of every recorded table, in the language of the one who reads."""
    from .triggers import audited_models

    return {
        m._meta.db_table: str(TABLES.get(m._meta.db_table) or m._meta.verbose_name).capitalize()
        for m in audited_models()
        if apps.is_installed(m._meta.app_config.name)
    }


def entries(
    actor: Actor,
    *,
    person_id: int | None = None,
    table: str = "",
    operation: str = "",
    first: date | None = None,
    last: date | None = None,
    row: str = "",
) -> QuerySet[AuditEntry]:
    """Entries, the newest first, filtered."""
    require(actor, "audit.view")
    rows = AuditEntry.objects.order_by("-at", "-pk")
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    if table in tables():
        rows = rows.filter(table=table)
    if operation in OPERATIONS:
        rows = rows.filter(operation=operation)
    if first:
        rows = rows.filter(at__gte=clock.day_span(first)[0])
    if last:
        rows = rows.filter(at__lt=clock.day_span(last)[1])
    if row:
        rows = rows.filter(row_ids__contains=[row])
    return rows
