"""Declared keys and their dated values."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from .. import clock
from ..access import Actor, require

#: Values are asked for many times per page; outside transactions they are held this many seconds.
HOLD_SECONDS = 5.0

Rows = dict[str, list[tuple[date, Any]]]


@dataclass(frozen=True)
class Declared:
    """A key: the type of its value, what holds until something is decided, and what it means."""

    key: str
    type: type[Any]
    default: Any
    meaning: Any
    check: Callable[[Any], bool] | None = None


class WrongSetting(ValueError):
    """The value does not fit the declared key."""


_declared: dict[str, Declared] = {}
_held: tuple[float, Rows] | None = None


def declare(key: str, kind: type[Any], default: Any, meaning: Any, *, check: Callable[[Any], bool] | None = None) -> None:
    """Declare a key, in ``apps.ready``. ``check`` tells if a value of the right type is possible."""
    entry = Declared(key, kind, default, meaning, check)
    if key in _declared and (_declared[key].type, _declared[key].default) != (kind, default):
        raise ValueError(f"The setting '{key}' is declared twice.")
    _declared[key] = entry


def declared() -> list[Declared]:
    """All declared keys, in order."""
    return [_declared[key] for key in sorted(_declared)]


def get(key: str, on: date | None = None) -> Any:
    """The value that holds on a day, today unless said. LookupError for a key nobody declared."""
    entry = _entry(key)
    day = on or clock.today()
    for valid_from, value in _rows().get(key, ()):
        if valid_from <= day:
            return value
    return entry.default


def check(key: str, value: Any) -> None:
    """Raise LookupError for an unknown key and WrongSetting for a value that does not fit it."""
    entry = _entry(key)
    # bool is an int in Python, yet never meant where a number is asked for.
    if not isinstance(value, entry.type) or (entry.type is int and isinstance(value, bool)):
        raise WrongSetting(f"{key} must be {entry.type.__name__}, not {value!r}.")
    if entry.check is not None and not entry.check(value):
        raise WrongSetting(f"{value!r} is not possible for {key}.")


def put(actor: Actor, *, key: str, value: Any, valid_from: date | None = None, decision: str = "") -> None:
    """Decide a value from a day on. Raises Refused, LookupError (unknown key) or WrongSetting."""
    from .models import Setting

    require(actor, "settings.change")
    check(key, value)
    with transaction.atomic():
        Setting.objects.create(
            key=key,
            value=value,
            valid_from=valid_from or clock.today(),
            decision=decision,
            set_by_id=actor.membership_id,
        )
        transaction.on_commit(forget)


def history(key: str) -> list[Any]:
    """All rows of a key, the newest first."""
    from .models import Setting

    return list(Setting.objects.filter(key=key).select_related("set_by").order_by("-valid_from", "-pk"))


def forget() -> None:
    """Read the rows anew at the next question."""
    global _held
    _held = None


def _entry(key: str) -> Declared:
    try:
        return _declared[key]
    except KeyError:
        raise LookupError(f"No room declares the setting '{key}'.") from None


def _rows() -> Rows:
    global _held
    if connection.in_atomic_block:  # what this transaction wrote counts, and may yet be undone
        return _read()
    held = _held
    if held is None or time.monotonic() - held[0] > HOLD_SECONDS:
        held = _held = (time.monotonic(), _read())
    return held[1]


def _read() -> Rows:
    from .models import Setting

    rows: Rows = {}
    for key, valid_from, value in Setting.objects.order_by("key", "-valid_from", "-pk").values_list(
        "key", "valid_from", "value"
    ):
        rows.setdefault(key, []).append((valid_from, value))
    return rows
