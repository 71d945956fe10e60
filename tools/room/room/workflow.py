"""The states of a newthing and the steps between them, as data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samverkan.foundation.workflow import Step, Workflow

from .models import Newthing, State

NEWTHING = Workflow(
    Newthing,
    "state",
    (
        Step("close", State.OPEN, State.CLOSED, _("Close"), "newroom.manage"),
        Step("reopen", State.CLOSED, State.OPEN, _("Open again"), "newroom.manage"),
    ),
)
