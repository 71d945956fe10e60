"""Telling seats, and marking as read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from .. import clock, jobs
from ..access import Actor
from ..people.models import Membership
from ..refs import Ref
from . import selectors, texts
from .models import Notice

MAX_TEXT = 200


def tell(
    *,
    membership_ids: Iterable[int] | None,
    function: str | None,
    ref: Ref,
    template: str,
    data: dict[str, Any],
    once: bool = False,
) -> int:
    """See ``notify.notify``."""
    from .tasks import mail

    texts.get(template)
    plain = {key: _plain(key, value) for key, value in data.items()}
    seats = Membership.objects.on(clock.today()).filter(person__is_active=True)
    if membership_ids is not None:
        seats = seats.filter(pk__in=list(membership_ids))
    elif function:
        seats = seats.filter(role=function)
    else:
        raise TypeError("Name the seats, or the function that is to know.")
    with transaction.atomic():
        if once:
            same = Notice.objects.filter(template=template, ref_kind=ref.kind, ref_id=ref.id, data=plain)
            seats = seats.exclude(pk__in=same.values("membership_id"))
        ids = list(seats.order_by("pk").values_list("pk", flat=True))
        Notice.objects.bulk_create(
            Notice(membership_id=pk, template=template, ref_kind=ref.kind, ref_id=ref.id, data=plain) for pk in ids
        )
        for pk in ids:
            jobs.defer(mail, unique=f"notify.mail:{pk}", membership_id=pk)
    return len(ids)


def mark_read(actor: Actor, *, public_id: UUID | None = None) -> int:
    """Mark one of the seat's notices as read, or all of them. Returns how many were unread."""
    notices = selectors.inbox(actor).filter(read_at__isnull=True)
    if public_id is not None:
        notices = notices.filter(public_id=public_id)
    return notices.order_by().update(read_at=clock.now())


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= MAX_TEXT):
        return value
    raise TypeError(f"A notice's '{key}' must be a number, a date or a short code.")
