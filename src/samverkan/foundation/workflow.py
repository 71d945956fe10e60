"""States and the steps between them as data, and the one function that takes a step.

A room's ``workflow.py`` holds a :class:`Workflow`. Its services call :func:`take`, its forms ask
:func:`open_to`, and docs/reference/states.md and tests/contract/test_workflows.py are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from samverkan.foundation.access import Actor, Refused, require
from samverkan.foundation.web.errors import Conflict, Refusal

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Step:
    """One step from one state to another, the same or another.

    ``demands`` names what must be filled in, each with the sentence that asks for it: what is told with the
    step (a note, a reason), else a field of the row. ``who`` is a word of the room's own for whose step it
    is, read by ``Workflow.theirs``; ``tells`` is the template of the notice that follows.
    """

    name: str
    before: str
    after: str
    label: object
    needs: str
    demands: Mapping[str, object] = field(default_factory=dict)
    who: str = ""
    tells: str = ""


@dataclass(frozen=True)
class Change(Generic[M]):
    """A step that has been taken: the row as it is saved, and what was told with the step."""

    actor: Actor
    row: M
    step: Step
    told: Mapping[str, str]


def _nothing(change: Change[Any]) -> None:
    """Nothing more is written or told."""


@dataclass(frozen=True)
class Workflow(Generic[M]):
    """The life of one kind of row. ``field`` is the row's state; the row has ``version`` too."""

    model: type[M]
    field: str
    steps: tuple[Step, ...]
    #: Raises Refused when the step is not this actor's on this row, beside the permission.
    theirs: Callable[[Actor, M, Step], None] | None = None
    #: The refusal of a step (by name) that does not lead from where the row is.
    impossible: Callable[[M, str], Refusal] | None = None
    #: Writes the change where it is kept, and tells those who wait for it.
    write: Callable[[Change[M]], None] = _nothing
    tell: Callable[[Change[M]], None] = _nothing

    def state(self, row: M) -> str:
        return str(getattr(row, self.field))

    def find(self, name: str, before: str) -> Step | None:
        """The step of a name from a state, if there is one."""
        return next((s for s in self.steps if s.name == name and s.before == before), None)

    def between(self, before: str, after: str) -> Step | None:
        """The first step from one state to another, if there is one."""
        return next((s for s in self.steps if s.before == before and s.after == after), None)

    def open_to(self, actor: Actor, row: M) -> list[Step]:
        """The steps that the actor may take with the row: what its page offers."""
        theirs: dict[tuple[str, str], bool] = {}
        found = [s for s in self.steps if s.before == self.state(row)]
        for step in found:
            if (step.needs, step.who) not in theirs:
                try:
                    self._require(actor, row, step)
                    theirs[step.needs, step.who] = True
                except Refused:
                    theirs[step.needs, step.who] = False
        return [s for s in found if theirs[s.needs, s.who]]

    def _require(self, actor: Actor, row: M, step: Step) -> None:
        require(actor, step.needs)
        if self.theirs is not None:
            self.theirs(actor, row, step)

    @transaction.atomic
    def take(
        self,
        actor: Actor,
        row: M,
        name: str,
        *,
        version: int | None,
        fill: Callable[[M, Step], None] | None = None,
        **told: str,
    ) -> M:
        """Take a step, all or nothing, and give the row as saved.

        ``fill`` sets what the step fills in. Raises Refused, Conflict (``version`` is not the row's; None
        asks for none, for a step without a form) or Refusal. Asked in that order: permission, version, state, demands.
        """
        named = [s for s in self.steps if s.name == name]
        if named and not any(actor.may(s.needs) for s in named):
            raise Refused(named[0].needs)
        found = locked(self.model, row, version)
        step = self.find(name, self.state(found))
        if named:
            self._require(actor, found, step or named[0])
        if step is None:
            raise (
                self.impossible(found, name) if self.impossible else Refusal(_("It cannot go there from where it is."))
            )
        told = {key: text.strip() for key, text in told.items()}
        _demand(step, {key: told[key] for key in step.demands if key in told})
        if fill is not None:
            fill(found, step)
        _demand(step, {key: getattr(found, key, None) for key in step.demands if key not in told})
        setattr(found, self.field, step.after)
        found.version += 1  # type: ignore[attr-defined]
        found.save()
        change = Change(actor, found, step, told)
        self.write(change)
        self.tell(change)
        return found

    def take_all(self, actor: Actor, rows: models.QuerySet[M], name: str) -> int:
        """Take a step that demands nothing with many rows at once; those that it does not lead from stay."""
        taken = 0
        for step in (s for s in self.steps if s.name == name):
            require(actor, step.needs)
            taken += rows.filter(**{self.field: step.before}).update(
                **{self.field: step.after, "version": F("version") + 1}
            )
        return taken


def _demand(step: Step, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if not (value.strip() if isinstance(value, str) else value):
            raise Refusal(str(step.demands[key]), field=key)


def locked(model: type[M], row: M, version: int | None = None) -> M:
    """The row as it is now, held until the transaction ends. Raises Conflict when its version is another."""
    found = model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if version is not None and found.version != version:  # type: ignore[attr-defined]
        raise Conflict
    return found
