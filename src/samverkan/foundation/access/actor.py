"""The acting person and the table of named permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied


class Refused(PermissionDenied):
    """The actor may not do this. Carries the permission that was missing."""

    def __init__(self, permission: str, message: str = "") -> None:
        super().__init__(message or f"The permission {permission} is missing.")
        self.permission = permission


@dataclass(frozen=True)
class Actor:
    """A person on one seat. Identities are database keys; nothing here is a name."""

    person_id: int | None
    membership_id: int | None
    organisation_id: int | None
    organisation_kind: str
    role: str
    controller_id: int | None
    all_permissions: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.person_id is not None or self.all_permissions

    def may(self, permission: str) -> bool:
        """Whether the seat holds a named permission. An unknown name is a program error."""
        try:
            roles = _PERMISSIONS[permission]
        except KeyError:
            raise LookupError(f"No room declares the permission '{permission}'.") from None
        held = self.role in roles or self.role in _GIVEN.get(permission, ())
        return self.all_permissions or (held and self.organisation_kind not in _EXCLUDED[permission])


ANONYMOUS = Actor(None, None, None, "", "", None)
#: Jobs and commands run by the installation itself.
SYSTEM = Actor(None, None, None, "", "system", None, all_permissions=True)

_PERMISSIONS: dict[str, frozenset[str]] = {}
_EXCLUDED: dict[str, frozenset[str]] = {}
_GIVEN: dict[str, set[str]] = {}


def register(permissions: Mapping[str, Iterable[str]], *, not_for: Mapping[str, Iterable[str]] | None = None) -> None:
    """Add a room's named permissions: permission → role codes.

    ``not_for`` names organisation kinds that never hold a permission whatever their role, such as
    private landlords and guards, who may not process data on crime (article 10 GDPR; 3 kap. 8 §
    lagen (2018:218)).
    """
    for name, roles in permissions.items():
        if name in _PERMISSIONS and _PERMISSIONS[name] != frozenset(roles):
            raise ValueError(f"The permission '{name}' is declared twice.")
        _PERMISSIONS[name] = frozenset(roles)
        _EXCLUDED[name] = frozenset((not_for or {}).get(name, ()))


def give(permissions: Mapping[str, Iterable[str]]) -> None:
    """Let more roles hold permissions of a floor below, which knows nothing of them: permission → role codes."""
    for name, roles in permissions.items():
        _GIVEN.setdefault(name, set()).update(roles)


def registered() -> dict[str, frozenset[str]]:
    """All named permissions and the roles that hold them. LookupError when one was given that nobody declares."""
    if unknown := _GIVEN.keys() - _PERMISSIONS.keys():
        raise LookupError(f"No room declares the permission '{min(unknown)}'.")
    return {name: roles | _GIVEN.get(name, set()) for name, roles in sorted(_PERMISSIONS.items())}


def require(actor: Actor, permission: str) -> None:
    """Go on only if the actor holds the permission."""
    if not actor.may(permission):
        raise Refused(permission)
