"""Declared keys and their dated values.

Every row holds from its day until a later one does. Programs write with ``put`` and people with
``decide``, which also refuses what is no change or meets somebody else's; ``withdraw`` takes back what
has not begun to hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import clock
from ..access import Actor, Refused, require
from ..registry import Registry
from ..web.errors import Conflict, Refusal

#: Values are asked for many times per page; outside transactions they are held this many seconds.
HOLD_SECONDS = 5.0

Rows = dict[str, list[tuple[date, Any]]]


#: What changes most settings; a declaration may name another permission.
CHANGE = "settings.change"


@dataclass(frozen=True)
class Declared:
    """A key: the type of its value, what holds until something is decided, and what it means.

    ``name`` is what people call it. ``least`` and ``most`` bound a number, ``choices`` are the possible
    values with their words, ``unit`` says a number in words. ``needs`` is the permission that changes
    it; None is chosen once by the installation and never by hand.
    """

    key: str
    type: type[Any]
    default: Any
    meaning: Any
    check: Callable[[Any], bool] | None = None
    name: Any = ""
    least: int | None = None
    most: int | None = None
    choices: tuple[tuple[Any, Any], ...] = ()
    unit: Callable[[int], str] | None = None
    needs: str | None = CHANGE

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.name or self.key)

    def may_change(self, actor: Actor) -> bool:
        return actor.all_permissions or (self.needs is not None and actor.may(self.needs))

    def is_possible(self, value: Any) -> bool:
        """Whether a value of the right type is one of those that can be."""
        if self.choices and value not in dict(self.choices):
            return False
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            return False
        return self.check is None or self.check(value)

    def words(self, value: Any) -> str:
        """A value as people read it."""
        if self.choices:
            return str(dict(self.choices).get(value, value))
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if value == "":
            return _("nothing yet")
        return self.unit(value) if self.unit else str(value)


#: For a setting that names a weekday.
WEEKDAYS = (
    (0, gettext_lazy("Monday")),
    (1, gettext_lazy("Tuesday")),
    (2, gettext_lazy("Wednesday")),
    (3, gettext_lazy("Thursday")),
    (4, gettext_lazy("Friday")),
    (5, gettext_lazy("Saturday")),
    (6, gettext_lazy("Sunday")),
)


def days(number: int) -> str:
    """``14 dagar``."""
    return ngettext("%(number)s day", "%(number)s days", number) % {"number": number}


def weeks(number: int) -> str:
    """``2 veckor``."""
    return ngettext("%(number)s week", "%(number)s weeks", number) % {"number": number}


def kilometres(number: int) -> str:
    """``50 km``, and in words when there is no limit."""
    return _("%(number)s km") % {"number": number} if number else _("no limit")


class WrongSetting(ValueError):
    """The value does not fit the declared key."""


_declared: dict[str, Declared] = {}
_held: tuple[float, Rows] | None = None


def declare(
    key: str,
    kind: type[Any],
    default: Any,
    meaning: Any,
    *,
    name: Any = "",
    check: Callable[[Any], bool] | None = None,
    least: int | None = None,
    most: int | None = None,
    choices: Iterable[tuple[Any, Any]] = (),
    unit: Callable[[int], str] | None = None,
    needs: str | None = CHANGE,
) -> None:
    """Declare a key, in ``apps.ready``. ``check`` tells if a value of the right type is possible."""
    entry = Declared(key, kind, default, meaning, check, name, least, most, tuple(choices), unit, needs)
    if key in _declared and (_declared[key].type, _declared[key].default) != (kind, default):
        raise ValueError(f"The setting '{key}' is declared twice.")
    _declared[key] = entry


@dataclass(frozen=True)
class Group:
    """What settings are gathered under on their page."""

    name: Any
    order: int


#: By the beginning of the keys.
groups: Registry[Group] = Registry("groups of settings")


def group(beginning: str, name: Any, *, order: int) -> None:
    """Gather the settings whose keys begin with ``beginning.`` under a name, in ``apps.ready``."""
    groups.put(beginning, Group(name, order))


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
    if not entry.is_possible(value):
        raise WrongSetting(f"{value!r} is not possible for {key}.")


def put(actor: Actor, *, key: str, value: Any, valid_from: date | None = None, decision: str = "") -> None:
    """Write a value that holds from a day on, today unless said.

    Raises Refused, LookupError (unknown key), WrongSetting, or Refusal for a day that has passed: what
    held then is no longer to be changed.
    """
    from .models import Setting

    _may_change(actor, key)
    check(key, value)
    if valid_from is not None and valid_from < clock.today():
        raise Refusal(_("Choose today or a later day. What has held is not changed."), field="valid_from")
    with transaction.atomic():
        Setting.objects.create(
            key=key,
            value=value,
            valid_from=valid_from or clock.today(),
            decision=decision,
            set_by_id=actor.membership_id,
        )
        transaction.on_commit(forget)


def decide(actor: Actor, *, key: str, value: Any, valid_from: date, decision: str, seen: int) -> None:
    """A person's decision, as ``put``. ``seen`` is how many rows the person saw (``len(history(key))``).

    Raises also Conflict when somebody decided in the meantime, and Refusal when nothing would change.
    """
    _may_change(actor, key)
    if seen != len(history(key)):
        raise Conflict
    if get(key, on=valid_from) == value:
        raise Refusal(_("That value holds on that day already."), field="value")
    try:
        put(actor, key=key, value=value, valid_from=valid_from, decision=decision.strip())
    except WrongSetting:
        raise Refusal(_("The value is not possible here."), field="value") from None


def withdraw(actor: Actor, *, key: str, valid_from: date) -> None:
    """Take back what was to hold from a day to come. It stays in the history as taken back.

    Raises Refused, LookupError (unknown key), or Refusal when there is no such plan or it holds already.
    """
    from .models import Setting

    _may_change(actor, key)
    if valid_from <= clock.today():
        raise Refusal(_("The value holds already. Decide another one instead."))
    with transaction.atomic():
        planned = Setting.objects.filter(key=key, valid_from=valid_from, withdrawn_at__isnull=True)
        if not planned.update(withdrawn_at=clock.now(), withdrawn_by_id=actor.membership_id):
            raise Refusal(_("The change has been taken back already."))
        transaction.on_commit(forget)


def history(key: str) -> list[Any]:
    """All rows of a key, also those taken back, the newest first."""
    from .models import Setting

    return list(
        Setting.objects.filter(key=key)
        .select_related("set_by__organisation", "withdrawn_by__organisation")
        .order_by("-valid_from", "-pk")
    )


def _may_change(actor: Actor, key: str) -> None:
    needs = _entry(key).needs
    if needs is not None:
        require(actor, needs)
    elif not actor.all_permissions:
        raise Refused(CHANGE, "The setting is chosen when the installation is created.")


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
    held = Setting.objects.filter(withdrawn_at__isnull=True).order_by("key", "-valid_from", "-pk")
    for key, valid_from, value in held.values_list("key", "valid_from", "value"):
        rows.setdefault(key, []).append((valid_from, value))
    return rows
