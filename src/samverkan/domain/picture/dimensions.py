"""Names for the numbers in the columns, and numbers for the names in a filter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from samverkan.domain.incidents.api import Category, Kind, Precision, Source
from samverkan.domain.places.api import Area, Municipality, home_municipality
from samverkan.foundation.text import folded, sv_key
from samverkan.foundation.web.errors import Refusal

from .counting import Chosen
from .filters import Filter
from .packing import KINDS, OBSERVATIONS, PRECISIONS

#: The key of what has no area, municipality or such.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Group:
    """One value that counts are given for. ``key`` is stable and stands in addresses; ``ids`` are database keys."""

    key: str
    name: str
    ids: frozenset[int]


@dataclass(frozen=True)
class Dimension:
    """A way of dividing incidents. The first group is always what is unknown."""

    name: str
    groups: tuple[Group, ...]

    def table(self, size: int = 0) -> NDArray[np.int64]:
        """value of the column → group."""
        largest = max([size - 1, 0, *(i for group in self.groups for i in group.ids)])
        table = np.zeros(largest + 1, np.int64)
        for number, group in enumerate(self.groups):
            table[list(group.ids)] = number
        return table

    def order(self) -> NDArray[np.int64]:
        """The groups' numbers in an order that is the same in every language, and when a name is changed."""
        numbers = range(len(self.groups))
        by_key = sorted(numbers, key=lambda n: (self.groups[n].key, min(self.groups[n].ids, default=0)))
        return np.array(by_key, np.int64)

    def find(self, wanted: Iterable[str]) -> list[int]:
        """Groups by key or name, in any case. Raises Refusal for one that is not there."""
        by_key = {group.key: number for number, group in enumerate(self.groups)}
        by_name = {folded(group.name): number for number, group in reversed(list(enumerate(self.groups)))}
        found = []
        for text in wanted:
            number = by_key.get(text, by_name.get(folded(text)))
            if number is None:
                raise Refusal(
                    _("There is no “%(value)s” among what can be chosen for %(name)s.")
                    % {"value": text, "name": TITLES[self.name]},
                    field=self.name,
                )
            found.append(number)
        return sorted(set(found))


TITLES = {
    "kind": gettext_lazy("kind"),
    "category": gettext_lazy("category"),
    "area": gettext_lazy("area"),
    "municipality": gettext_lazy("municipality"),
    "source": gettext_lazy("source"),
    "precision": gettext_lazy("certainty of place"),
}
#: Filter's attribute for each dimension.
ATTRIBUTES = {
    "kind": "kinds",
    "category": "categories",
    "area": "areas",
    "municipality": "municipalities",
    "source": "sources",
    "precision": "precisions",
}


@dataclass(frozen=True)
class Dimensions:
    """All ways of dividing, read once per question."""

    kind: Dimension
    category: Dimension
    main_category: Dimension
    area: Dimension
    municipality: Dimension
    source: Dimension
    precision: Dimension
    licences: tuple[str, ...]

    def of(self, name: str) -> Dimension:
        found: Dimension = getattr(self, name)
        return found

    def chosen(self, filter_: Filter) -> Chosen:
        """The filter as numbers of weeks, days and column values. Raises Refusal for unknown names."""
        values = {}
        for name, attribute in ATTRIBUTES.items():
            wanted = getattr(filter_, attribute)
            if wanted:
                dimension = self.of(name)
                values[name] = frozenset().union(
                    *(self._ids(name, dimension.groups[n]) for n in dimension.find(wanted))
                )
        if filter_.seriousness:
            values["seriousness"] = frozenset(filter_.seriousness)
        if filter_.observations:
            values["observation"] = frozenset(OBSERVATIONS.index(code) for code in filter_.observations)
        return Chosen(
            first=filter_.first_week.index if filter_.first_week else None,
            last=filter_.last_week.index if filter_.last_week else None,
            first_day=filter_.first.weekday() if filter_.first else 0,
            last_day=filter_.last.weekday() if filter_.last else 6,
            values=values,
            home=self.home() if filter_.cover == "home" else None,
        )

    def _ids(self, name: str, group: Group) -> frozenset[int]:
        """A main category means its sub categories too."""
        if name != "category":
            return group.ids
        mains = {main.key: main.ids for main in self.main_category.groups[1:]}
        return mains.get(group.key, group.ids)

    def canonical(self, filter_: Filter) -> Filter:
        """The same filter with keys instead of names. Raises Refusal for unknown names."""
        keys: dict[str, Any] = {
            attribute: tuple(self.of(name).groups[n].key for n in self.of(name).find(getattr(filter_, attribute)))
            for name, attribute in ATTRIBUTES.items()
            if getattr(filter_, attribute)
        }
        return replace(filter_, **keys)

    def home(self) -> frozenset[int]:
        """The home municipality; empty where it has no name or nothing has happened there."""
        name = folded(home_municipality())
        return frozenset().union(*(g.ids for g in self.municipality.groups[1:] if name and folded(g.name) == name))

    def main_keys(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The main categories of categories by key."""
        ids = {i for n in self.category.find(keys) for i in self.category.groups[n].ids}
        return tuple(sorted(main.key for main in self.main_category.groups[1:] if main.ids & ids))


class _Named(NamedTuple):
    dimension: str
    pk: int
    code: str
    name: str
    licence: str


def _named() -> dict[str, list[_Named]]:
    """Areas (a row for each edition), municipalities and sources by key: one question."""
    queries = [
        rows.order_by().annotate(of=Value(name), none=Value("")).values_list("of", "pk", "code", "name", licence)
        for name, rows, licence in (
            ("area", Area.objects.counted(), "none"),
            ("municipality", Municipality.objects.all(), "none"),
            ("source", Source.objects.all(), "licence"),
        )
    ]
    found: dict[str, list[_Named]] = {"area": [], "municipality": [], "source": []}
    for row in sorted(queries[0].union(*queries[1:], all=True)):
        found[row[0]].append(_Named(*row))
    return found


def load() -> Dimensions:
    """Read all names: two questions to the database."""
    categories = list(Category.objects.all())
    by_id = {c.pk: c for c in categories}
    mains: dict[int, set[int]] = {}
    for c in categories:
        mains.setdefault(c.main_id or c.pk, set()).add(c.pk)
    named = _named()
    areas: dict[tuple[str, str], set[int]] = {}
    for n in named["area"]:
        areas.setdefault((n.code, n.name), set()).add(n.pk)
    sources = named["source"]
    unknown = Group(UNKNOWN, _("Unknown"), frozenset({0}))

    def dimension(name: str, groups: Iterable[Group], first: Group = unknown) -> Dimension:
        return Dimension(name, (first, *sorted(groups, key=lambda g: sv_key(g.name))))

    # Codes have no unknown value, but the first group must always be there.
    nothing = Group("", "", frozenset())
    return Dimensions(
        kind=Dimension("kind", (nothing, *(Group(k, str(Kind(k).label), frozenset({n})) for n, k in enumerate(KINDS)))),
        category=dimension("category", (Group(c.code, c.name, frozenset({c.pk})) for c in categories)),
        main_category=dimension(
            "category", (Group(by_id[m].code, by_id[m].name, frozenset(parts)) for m, parts in mains.items())
        ),
        area=dimension(
            "area",
            (Group(code, name, frozenset(ids)) for (code, name), ids in areas.items()),
            Group(UNKNOWN, _("Unknown area"), frozenset({0})),
        ),
        municipality=dimension(
            "municipality",
            (Group(n.name, n.name, frozenset({n.pk})) for n in named["municipality"]),
            Group(UNKNOWN, _("Unknown municipality"), frozenset({0})),
        ),
        source=dimension("source", (Group(s.code, s.name, frozenset({s.pk})) for s in sources)),
        precision=Dimension(
            "precision",
            (nothing, *(Group(k, str(Precision(k).label), frozenset({n})) for n, k in enumerate(PRECISIONS))),
        ),
        licences=tuple(sorted({f"{s.name}: {s.licence}" if s.licence else s.name for s in sources})),
    )
