"""What can be read of the change log."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..access import Actor, require
from .field_words import FIELDS
from .models import AuditEntry
from .words import TABLES

#: A sign-in is the moment when only this of a person changes; nobody is signed in yet who could have done it.
_SIGNED_IN: dict[str, Any] = {"table": "people_person", "operation": "U", "columns": ["last_login"]}
OPERATIONS = {"I": _("Added"), "U": _("Changed"), "D": _("Taken away")}


def tables() -> dict[str, str]:
    """The name of every recorded table, in the language of the one who reads."""
    from .triggers import audited_models

    return {
        m._meta.db_table: str(TABLES.get(m._meta.db_table) or m._meta.verbose_name).capitalize()
        for m in audited_models()
        if apps.is_installed(m._meta.app_config.name)
    }


def fields(columns: list[str]) -> list[str]:
    """What fields are called, in the language of the one who reads."""
    return list(dict.fromkeys(str(FIELDS.get(column, column)) for column in columns))


def is_sign_in(entry: AuditEntry) -> bool:
    """Whether somebody signed in: the person is the row, not the one who did it."""
    return all(getattr(entry, name) == value for name, value in _SIGNED_IN.items())


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
        rows = rows.filter(Q(person_id=person_id) | Q(**_SIGNED_IN, first_id=str(person_id)))
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
