"""What can be done: keyword-only, the actor first, permission asked inside, one transaction, a refusal in clear words."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from samverkan.foundation import clock
from samverkan.foundation.access import Actor, require
from samverkan.foundation.people.services import home
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.workflow import Step, locked

from .models import Newthing, State
from .workflow import NEWTHING


@transaction.atomic
def add(actor: Actor, *, title: str, is_invented: bool = False) -> Newthing:
    """Add one, which the municipality answers for. Raises Refusal at ``title``."""
    require(actor, "newroom.manage")
    return Newthing.objects.create(controller=home(), title=_checked(title), is_invented=is_invented)


@transaction.atomic
def change(actor: Actor, *, row: Newthing, version: int, title: str) -> Newthing:
    """Change one. Raises Refusal at ``title``, and Conflict when somebody else changed it."""
    require(actor, "newroom.manage")
    row = locked(Newthing, row, version)
    row.title = _checked(title)
    row.version += 1
    row.save()
    return row


def step(actor: Actor, *, row: Newthing, version: int, name: str) -> Newthing:
    """Close one, or open it again. Raises Conflict and Refusal as the workflow does."""
    return NEWTHING.take(actor, row, name, version=version, fill=_dated)


def _dated(row: Newthing, taken: Step) -> None:
    row.closed_at = clock.now() if taken.after == State.CLOSED else None


def _checked(title: str) -> str:
    if not title.strip():
        raise Refusal(_("Write a heading."), field="title")
    return title.strip()[:200]
