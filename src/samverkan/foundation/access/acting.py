"""Tells the database's triggers who acts.

The actor and the request travel in the same round trip as the statement that writes (a setting
local to its transaction), so that a rolled-back savepoint can never leave somebody else's name
behind, and reading costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from django.db import connection

from .actor import Actor

_WRITES = ("INSERT", "UPDATE", "DELETE", "MERGE")


def _is_write(sql: str) -> bool:
    head = sql.lstrip()[:6].upper()
    if head in _WRITES or head[:5] == "MERGE":
        return True
    if head.startswith("WITH"):
        upper = sql.upper()
        return any(f"{word} " in upper for word in ("INSERT INTO", "UPDATE", "DELETE FROM"))
    return False


def setting_of(actor: Actor, request_id: str) -> str:
    """The value the triggers read: person, seat and request, separated by colons."""
    return f"{actor.person_id or ''}:{actor.membership_id or ''}:{request_id[:36]}"


#: The value in force, in this thread. Whoever acts innermost is the one who did it.
_in_force: ContextVar[str] = ContextVar("samverkan.actor")


def _sign(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if many or not isinstance(sql, str) or not _is_write(sql):
        return execute(sql, params, many, context)
    prefix = f"SELECT set_config('samverkan.actor', '{_in_force.get()}', true); "
    result = execute(prefix + sql, params, many, context)
    while context["cursor"].nextset():
        pass
    return result


@contextmanager
def acting(actor: Actor, request_id: str = "") -> Iterator[None]:
    """Everything written inside is recorded as done by this actor."""
    token = _in_force.set(setting_of(actor, request_id).replace("'", ""))
    try:
        # Around the connection once: a statement is signed by the innermost actor, never by two.
        with nullcontext() if _sign in connection.execute_wrappers else connection.execute_wrapper(_sign):
            yield
    finally:
        _in_force.reset(token)
