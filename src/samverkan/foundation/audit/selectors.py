"""What can be read of the change log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..access import Actor, controller_of, require, with_content
from ..people.models import Membership, Organisation
from ..postgres.functions import SvSort
from ..registries import Told
from ..web.dates import near_words
from .models import AuditEntry
from .triggers import audited_models
from .words import FIELDS, TABLES

#: A sign-in is the moment when only this of a person changes; nobody is signed in yet who could have done it.
_SIGNED_IN: dict[str, Any] = {"table": "people_person", "operation": "U", "columns": ["last_login"]}
OPERATIONS = {"I": _("Added"), "U": _("Changed"), "D": _("Taken away")}


def tables() -> dict[str, str]:
    """The name of every recorded table, in the language of the one who reads."""
    return {model._meta.db_table: str(_rows_of(model)).capitalize() for model in audited_models()}


def fields(table: str, columns: list[str]) -> list[str]:
    """What fields of a table are called, in the language of the one who reads."""
    recorded = {model._meta.db_table: model._meta.concrete_fields for model in audited_models()}
    known = {field.column: field for field in recorded.get(table, ())}
    return list(dict.fromkeys(_called(known[column]) if column in known else column for column in columns))


def _rows_of(model: Any) -> Any:
    """What a row is called: as its model says; one that only ties two together, as the field that it stands for says."""
    made_for = model._meta.auto_created
    if made_for:
        return next(
            field for field in made_for._meta.local_many_to_many if field.remote_field.through is model
        ).verbose_name
    return TABLES.get(model._meta.db_table, model._meta.verbose_name)


def _called(field: models.Field[Any, Any]) -> str:
    """As fields of the name are always called, else as the field says of itself, else as the row that it leads to."""
    if field.column in FIELDS:
        return str(FIELDS[field.column])
    if str(field.verbose_name) != field.name.replace("_", " "):
        return str(field.verbose_name)
    return str(_rows_of(field.related_model) if field.related_model else field.column)


def is_sign_in(entry: AuditEntry) -> bool:
    """Whether somebody signed in: the person is the row, not the one who did it."""
    return all(getattr(entry, name) == value for name, value in _SIGNED_IN.items())


def last_change(row: models.Model) -> str:
    """The function that last changed a row, and when: ``Kommunpolis, i dag kl. 08.12``. Empty when not known."""
    rows = AuditEntry.objects.filter(table=row._meta.db_table, row_ids__contains=[str(row.pk)])
    entry = rows.order_by("-at", "-pk").first()
    if entry is None:
        return ""
    seat = Membership.objects.filter(pk=entry.membership_id or 0).first()
    when = near_words(entry.at, get_language() or "sv")
    return f"{seat.function}, {when}" if seat else when


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


def tell(actor: Actor) -> list[Told]:
    """For the overview of those who follow the log: how much was changed since yesterday."""
    if not actor.may("audit.view"):
        return []
    since = clock.day_span(clock.today() - timedelta(days=1))[0]
    changes = entries(actor).filter(at__gte=since).exclude(**_SIGNED_IN).count()
    text = ngettext("%(n)s change since yesterday morning", "%(n)s changes since yesterday morning", changes)
    first = clock.today() - timedelta(days=1)
    return [Told(text % {"n": changes}, f"{reverse('audit_log')}?first={first.isoformat()}")]


def answered_for(actor: Actor) -> list[tuple[Organisation, list[tuple[str, int]]]]:
    """What each organisation answers for as controller: what the rows are called, and how many. In one query."""
    require(actor, "audit.view")
    counts = [
        model._default_manager.order_by()
        .annotate(what=Value(model._meta.db_table), who=controller_of(model))
        .values_list("what", "who")
        .annotate(Count("pk"))
        for model in with_content()
    ]
    found: dict[int, list[tuple[str, int]]] = {}
    names = tables()
    for what, who, count in counts[0].union(*counts[1:], all=True):
        found.setdefault(who, []).append((names.get(what, what), count))
    organisations = Organisation.objects.filter(pk__in=found).order_by("-is_home", SvSort("name"))
    return [(organisation, sorted(found[organisation.pk])) for organisation in organisations]
