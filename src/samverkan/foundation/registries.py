"""The doors between rooms: plain lists that each room fills in its ``apps.ready``.

A room never imports one to its right. What it needs of it (an entry in the rail, demonstration
data, a rule of disposal, hits for the search box) comes through one of these registries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse

from .access import Actor
from .registry import Registry


@dataclass(frozen=True)
class NavigationEntry:
    """One task in the rail. ``count`` answers how many things wait for the actor (0: no number)."""

    key: str
    label: Any
    url_name: str
    roles: frozenset[str]
    group: Any
    order: int
    count: Callable[[Actor], int] | None = None


@dataclass(frozen=True)
class RailItem:
    """One entry as shown: address, how many wait, and whether it is where one is."""

    key: str
    label: Any
    url: str
    count: int
    current: bool


@dataclass(frozen=True)
class RailGroup:
    name: Any
    entries: list[RailItem]


class Navigation(Registry[NavigationEntry]):
    """The rail. Whoever knows of more roles than an entry's room shows it to them as well (``show``)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._shown: dict[str, set[str]] = {}

    def show(self, key: str, roles: Iterable[str]) -> None:
        """Show the entry of a floor below to more roles."""
        self._shown.setdefault(key, set()).update(roles)

    def roles_of(self, entry: NavigationEntry) -> frozenset[str]:
        """Every role that has the entry."""
        return entry.roles | self._shown.get(entry.key, set())

    def add(
        self,
        key: str,
        label: Any,
        url_name: str,
        roles: Iterable[str],
        group: Any,
        order: int,
        count: Callable[[Actor], int] | None = None,
    ) -> None:
        self.put(key, NavigationEntry(key, label, url_name, frozenset(roles), group, order, count))

    def for_actor(self, actor: Actor, path: str = "") -> list[RailGroup]:
        """The rail of a seat: its role's entries in groups, counted, with the present one marked."""
        groups: dict[str, RailGroup] = {}
        mine = []
        for entry in self.all():
            if actor.role in self.roles_of(entry):
                with suppress(NoReverseMatch):  # an entry that leads nowhere is not shown; a test finds it
                    mine.append((entry, reverse(entry.url_name)))
        # The longest address that begins the path is where one is.
        here = max((url for _entry, url in mine if url != "/" and path.startswith(url)), key=len, default=None)
        for entry, url in mine:
            item = RailItem(entry.key, entry.label, url, entry.count(actor) if entry.count else 0, url in (here, path))
            groups.setdefault(entry.group, RailGroup(entry.group, [])).entries.append(item)
        return list(groups.values())


@dataclass(frozen=True)
class DemoLoader:
    order: int
    name: str
    load: Callable[[Any], None]


class DemoLoaders(Registry[DemoLoader]):
    """Each room's invented data, loaded in order. The context is the demo's (seed, day, cast)."""

    def add(self, order: int, name: str, load: Callable[[Any], None]) -> None:
        self.put(name, DemoLoader(order, name, load))


@dataclass(frozen=True)
class RetentionRule:
    """What is disposed of, when and on which ground.

    ``setting`` is the declared setting that holds the number of days; ``due(before)`` counts what is
    due on a date counted back by that number; ``dispose(before)`` disposes of it and returns how many.
    """

    key: str
    meaning: Any
    ground: str
    setting: str
    due: Callable[[date], int]
    dispose: Callable[[date], int]


class RetentionRules(Registry[RetentionRule]):
    def add(
        self,
        key: str,
        *,
        meaning: Any,
        ground: str,
        setting: str,
        due: Callable[[date], int],
        dispose: Callable[[date], int],
    ) -> None:
        self.put(key, RetentionRule(key, meaning, ground, setting, due, dispose))


@dataclass(frozen=True)
class Hit:
    """One hit of the search box; ``rank`` 0 is an exact one, 1 a beginning, 2 the rest."""

    title: str
    url: str
    detail: str = ""
    rank: int = 2


@dataclass(frozen=True)
class SearchEntry:
    kind: str
    label: Any
    find: Callable[[Actor, str], list[Hit]]
    order: int


class SearchEntries(Registry[SearchEntry]):
    """``find(actor, text)`` answers only with what the actor may see."""

    def add(self, kind: str, find: Callable[[Actor, str], list[Hit]], *, label: Any = "", order: int = 50) -> None:
        self.put(kind, SearchEntry(kind, label or kind, find, order))


class StartPages(Registry[str]):
    """The page a role meets first: role → name of an address."""

    def add(self, role: str, url_name: str) -> None:
        self.put(role, url_name)

    def for_role(self, role: str) -> str | None:
        return self.get(role)


@dataclass(frozen=True)
class Told:
    """One line of the overview: what has happened, or what waits for the actor, and where it leads."""

    text: str
    url: str
    detail: str = ""
    waits: bool = False


@dataclass(frozen=True)
class Teller:
    order: int
    tell: Callable[[Actor], list[Told]]


class Overview(Registry[Teller]):
    """What the start page of those who follow the work says. ``tell(actor)`` only of what the actor may see."""

    def add(self, key: str, order: int, tell: Callable[[Actor], list[Told]]) -> None:
        self.put(key, Teller(order, tell))

    def for_actor(self, actor: Actor) -> list[Told]:
        return [told for teller in self.all() for told in teller.tell(actor)]


@dataclass(frozen=True)
class Panel:
    """A panel on another room's page: a template and what it shows of a row, or nothing."""

    key: str
    order: int
    template: str
    context: Callable[[Actor, Any], dict[str, Any] | None]


class Panels(Registry[Panel]):
    """What rooms to the right show on a page of a room to the left."""

    def add(self, key: str, order: int, template: str, context: Callable[[Actor, Any], dict[str, Any] | None]) -> None:
        self.put(key, Panel(key, order, template, context))


@dataclass(frozen=True)
class ProfilePart:
    """A table of a municipality's profile: the fields of its rows, and what reads them when they are in order."""

    read: Callable[[Actor, list[dict[str, Any]]], None]
    required: frozenset[str]
    optional: frozenset[str]
    dates: frozenset[str]


class ProfileParts(Registry[ProfilePart]):
    """The tables in a municipality's profile that belong to a room. Fields are texts, but for the ``dates``."""

    def add(
        self,
        table: str,
        read: Callable[[Actor, list[dict[str, Any]]], None],
        *,
        required: Iterable[str],
        optional: Iterable[str] = (),
        dates: Iterable[str] = (),
    ) -> None:
        self.put(table, ProfilePart(read, frozenset(required), frozenset(optional), frozenset(dates)))


@dataclass(frozen=True)
class Interface:
    """A room's part of the programs' interface: where, the dotted name of its router, and what its addresses need."""

    prefix: str
    router: str
    needs: tuple[tuple[str, str], ...]


class Interfaces(Registry[Interface]):
    def add(self, prefix: str, router: str, needs: Mapping[str, str]) -> None:
        """``needs`` is name of an address → named permission; the rest needs a signed-in person."""
        self.put(prefix, Interface(prefix, router, tuple(needs.items())))


navigation = Navigation("navigation")
demo_loaders = DemoLoaders("demo_loaders")
retention_rules = RetentionRules("retention_rules")
search_entries = SearchEntries("search_entries")
start_pages = StartPages("start_pages")
overview = Overview("overview")
interfaces = Interfaces("interfaces")
profile_parts = ProfileParts("profile_parts")
