"""What can be read of the municipality's settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .. import access, clock, registries
from ..access import Actor, require
from ..access.roles import roles
from ..registries import Hit
from ..text import holds
from ..web.errors import NotFound
from . import settings
from .models import Contact, Setting
from .settings import Declared

OTHER = _("Other")


@dataclass(frozen=True)
class Row:
    """One decided value: what it is in words, who decided it, and what has become of it."""

    setting: Setting
    words: str
    by: str
    state: str  # planned, holds, held, replaced (before its day came) or withdrawn


@dataclass(frozen=True)
class Standing:
    """How it stands with a setting: what holds now (no row while nothing is decided) and what is to come."""

    entry: Declared
    value: Any
    holds: Row | None
    rows: list[Row] = field(default_factory=list)

    @property
    def words(self) -> str:
        return self.entry.words(self.value)

    @property
    def planned(self) -> list[Row]:
        """What is to hold, the first day first."""
        return [row for row in reversed(self.rows) if row.state == "planned"]


def standings(actor: Actor) -> list[tuple[Any, list[Standing]]]:
    """Every declared setting, gathered in groups, in one query."""
    require(actor, "settings.view")
    rows: dict[str, list[Setting]] = {}
    for row in Setting.objects.select_related("set_by__organisation").order_by("-valid_from", "-pk"):
        rows.setdefault(row.key, []).append(row)
    groups: dict[Any, list[Standing]] = {name: [] for name in (*(g.name for g in settings.groups.all()), OTHER)}
    for entry in settings.declared():
        group = settings.groups.get(entry.key.partition(".")[0])
        groups[group.name if group else OTHER].append(_standing(entry, rows.get(entry.key, [])))
    return [(name, found) for name, found in groups.items() if found]


def standing(actor: Actor, key: str) -> Standing:
    """One setting with its history. NotFound for a key nobody declared."""
    require(actor, "settings.view")
    entry = next((entry for entry in settings.declared() if entry.key == key), None)
    if entry is None:
        raise NotFound(key)
    return _standing(entry, settings.history(key))


def changed_by(entry: Declared) -> list[str]:
    """The roles that change a setting, in words."""
    codes = access.registered().get(entry.needs or "", frozenset())
    return [str(role.label) for role in roles.all() if role.code in codes]


def ground(key: str) -> str:
    """Where the law or the rule of disposal stands that a setting serves; empty for most."""
    return next((rule.ground for rule in registries.retention_rules.all() if rule.setting == key), "")


def search(actor: Actor, text: str) -> list[Hit]:
    """Hits of the search box, for those who may see the settings."""
    if not actor.may("settings.view"):
        return []
    return [
        Hit(entry.title, reverse("setting", args=[entry.key]), str(entry.meaning))
        for entry in settings.declared()
        if holds(text, f"{entry.title} {entry.meaning} {entry.key}")
    ]


def _standing(entry: Declared, found: Iterable[Setting]) -> Standing:
    """``found`` is the newest first, as the values themselves are looked up."""
    today, seen, holds = clock.today(), set(), None
    rows = []
    for setting in found:
        if setting.withdrawn_at is not None:
            state = "withdrawn"
        elif setting.valid_from in seen:
            state = "replaced"
        else:
            seen.add(setting.valid_from)
            state = "planned" if setting.valid_from > today else "held" if holds else "holds"
        row = Row(setting, entry.words(setting.value), _by(setting), state)
        holds = row if state == "holds" else holds
        rows.append(row)
    return Standing(entry, holds.setting.value if holds else entry.default, holds, rows)


def _by(setting: Setting) -> str:
    return f"{setting.set_by.function}, {setting.set_by.organisation.name}" if setting.set_by else ""


def contacts(actor: Actor) -> list[Contact]:
    """Public services to turn to, in the municipality's own order."""
    require(actor, "profile.contacts")
    return list(Contact.objects.order_by("position", "pk"))
