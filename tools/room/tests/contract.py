"""Rows of newroom for the tests that are made from lists: of models, of workflows and of addresses."""

from __future__ import annotations

from typing import Any

from django.db import models

from samverkan.domain.newroom.api import Newthing
from samverkan.foundation.access import Actor


def rows(seat: Actor, number: int) -> dict[str, models.Model]:
    """One row of every model that has a rule of who sees it, by the state that the rule tells apart."""
    return {"": Newthing.objects.create(controller_id=seat.controller_id, title=f"Nummer {number}")}


def in_workflow(name: str, cast: dict[str, Actor]) -> models.Model:
    """An unsaved row of a workflow that fills in nothing a step demands."""
    return Newthing(controller_id=cast["samordnare"].controller_id, title="Den som provas")


#: The workflows that ``in_workflow`` makes rows of.
WORKFLOWS = ("newroom",)


def addresses() -> dict[str, dict[str, Any]]:
    """By how an address begins: what fills its parameters, of the demonstration's rows."""
    return {"/nyadress/": {"public_id": Newthing.objects.order_by("pk")[0].public_id}}
