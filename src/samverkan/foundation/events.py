"""What happened, told by one room to others without either importing the other.

An event is a frozen dataclass of ids. Publishing queues one job per handler in the present
transaction: if the transaction rolls back nothing happened, and after a kill the job still runs.
A handler may therefore run twice and must bear it.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from . import jobs

Event = TypeVar("Event")
_handlers: dict[str, tuple[type[Any], Callable[[Any], None]]] = {}


def on(event_type: type[Event]) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Handle an event type. Import the module that holds the handler in the room's ``apps.ready``."""
    if not dataclasses.is_dataclass(event_type):
        raise TypeError(f"{event_type.__name__} must be a dataclass.")

    def decorate(handler: Callable[[Event], None]) -> Callable[[Event], None]:
        _handlers[f"{handler.__module__}.{handler.__qualname__}"] = (event_type, handler)
        return handler

    return decorate


def publish(event: Any) -> None:
    """Queue every handler of the event's type, in the present transaction."""
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    for name, (event_type, _handler) in sorted(_handlers.items()):
        if type(event) is event_type:
            jobs.defer(handle, handler=name, **fields)


@jobs.task("events.handle")
def handle(handler: str, **fields: Any) -> None:
    """Run one handler with the event made whole again."""
    event_type, function = _handlers[handler]
    hints = get_type_hints(event_type)
    function(event_type(**{name: _restore(hints[name], value) for name, value in fields.items()}))


def _restore(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if hint is UUID:
        return UUID(value)
    if hint is date:
        return date.fromisoformat(value)
    if get_origin(hint) is tuple:
        return tuple(_restore(get_args(hint)[0], part) for part in value)
    return value
