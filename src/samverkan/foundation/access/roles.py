"""What a seat does. The foundation has those who keep the house and watch over it; whoever needs more registers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..registry import Registry

ADMINISTRATOR, DPO, AUDITOR, REGISTRAR = "administrator", "dpo", "auditor", "registrar"


@dataclass(frozen=True)
class Role:
    """A role by its code, which rooms name in their policies.

    ``held_in`` are the kinds of organisations in which a seat can be held; empty is any. A ``guarded`` role watches
    over the others or opens everything, and is given by the system administrator only.
    """

    code: str
    label: Any
    order: int
    held_in: frozenset[str]
    guarded: bool


class Roles(Registry[Role]):
    def add(self, code: str, label: Any, *, order: int, held_in: Iterable[str] = (), guarded: bool = False) -> None:
        self.put(code, Role(code, label, order, frozenset(held_in), guarded))

    def label(self, code: str) -> str:
        """What a role is called; one that nobody registers any more goes by its code."""
        found = self.get(code)
        return str(found.label) if found else code

    def codes(self) -> list[str]:
        return [role.code for role in self.all()]


roles = Roles("roles")


def choices() -> list[tuple[str, Any]]:
    """Code and label of every role, for fields."""
    return [(role.code, role.label) for role in roles.all()]
