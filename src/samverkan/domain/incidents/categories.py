"""Categories: the standard ones, those that sources bring, and their history."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from samverkan.foundation import clock, events
from samverkan.foundation.access import Actor, require
from samverkan.foundation.text import folded
from samverkan.foundation.web.errors import Conflict, Refusal

from .models import Category, CategoryVersion

#: Types whose scene is a dwelling whatever the source calls them; kept at area level.
_HOME_BOUND_WORDS = ("nära relation", "kvinnofrid", "hemfrid", "inbrott, bostad", "bostadsinbrott", "hedersrel")


@dataclass(frozen=True)
class BecameHomeBound:
    """A category was marked home-bound. Whoever keeps places of its own for it lets them go."""

    category_id: int


@lru_cache(maxsize=1)
def standard() -> tuple[dict[str, Any], ...]:
    """The standard main categories and their parts, as written in ``categories.toml``."""
    return tuple(tomllib.loads((Path(__file__).parent / "categories.toml").read_text("utf-8"))["main"])


def _one_at_a_time() -> None:
    """Two imports at once that meet the same new category make it once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7002, 0)")


@transaction.atomic
def ensure_standard() -> None:
    """Add the standard categories that are missing; never changes one that exists."""
    if {code for entry in standard() for code in _codes(entry)} <= set(Category.objects.values_list("code", flat=True)):
        return
    _one_at_a_time()
    present = set(Category.objects.values_list("code", flat=True))
    for order, entry in enumerate(standard()):
        main = None
        if entry["code"] not in present:
            Category.objects.create(code=entry["code"], name_sv=entry["sv"], name_en=entry["en"], order=order * 10)
        for place, part in enumerate(entry["parts"]):
            if part["code"] in present:
                continue
            main = main or Category.objects.get(code=entry["code"])
            Category.objects.create(
                code=part["code"],
                name_sv=part["sv"],
                name_en=part["en"],
                main=main,
                order=order * 10 + place,
                for_reports=part.get("report", False),
                is_home_bound=part.get("home_bound", False),
            )


#: Characters of a category's name.
LONGEST = 120


def _codes(entry: dict[str, Any]) -> list[str]:
    return [entry["code"], *(part["code"] for part in entry["parts"])]


def known_keys() -> set[str]:
    """Codes and folded names of all categories, the standard ones also before they are stored."""
    rows = list(Category.objects.values_list("code", "name_sv"))
    rows += [(part["code"], part["sv"]) for entry in standard() for part in (entry, *entry["parts"])]
    return {key for code, name in rows for key in (code, folded(name))}


class Lookup:
    """Categories by code or name during one import; unknown ones are added under a main category."""

    def __init__(self) -> None:
        ensure_standard()
        self.by_key: dict[str, Category] = {}
        self.mains: dict[str, Category] = {}
        self.held: set[int] = set()
        #: Names of the categories that had to be made.
        self.made: list[str] = []
        for category in Category.objects.select_related("main").order_by("pk"):
            self._remember(category)

    def _remember(self, category: Category) -> None:
        self.held.add(category.pk)
        if category.main_id is None:
            self.mains[category.code] = category
        self.by_key.setdefault(category.code, category)
        self.by_key.setdefault(folded(category.name_sv), category)

    def find(self, name: str, main: str = "") -> Category:
        """The category with a code or Swedish name, made when new."""
        # As much as the table holds, or a longer name would never be found again and be made anew each time.
        name, main = name[:LONGEST], main[:LONGEST]
        found = self._known(name)
        if found is None:
            with transaction.atomic():
                _one_at_a_time()
                for category in Category.objects.select_related("main").exclude(pk__in=self.held).order_by("pk"):
                    self._remember(category)
                found = self._known(name) or self._make(name, main)
            self._remember(found)
        self.by_key[name] = found
        return found

    def _known(self, name: str) -> Category | None:
        return self.by_key.get(name) or self.by_key.get(folded(name))

    def _make(self, name: str, main: str) -> Category:
        parent = self.mains.get(main) or self.by_key.get(folded(main))
        if parent is None and main:
            parent = Category.objects.create(code=self._code(main), name_sv=main)
            self._remember(parent)
        parent = parent or self.mains["ovrigt"]
        if parent.main is not None:
            parent = self.mains[parent.main.code]
        self.made.append(name)
        return Category.objects.create(
            code=self._code(name),
            name_sv=name,
            main=parent,
            order=parent.order + 9,
            is_home_bound=parent.is_home_bound or any(word in folded(name) for word in _HOME_BOUND_WORDS),
        )

    @staticmethod
    def _code(name: str) -> str:
        base = slugify(name)[:70] or "kategori"
        code, number = base, 1
        while Category.objects.filter(code=code).exists():
            number += 1
            code = f"{base}-{number}"
        return code


@transaction.atomic
def change(
    actor: Actor,
    *,
    category: Category,
    version: int,
    name_sv: str,
    name_en: str,
    main: Category | None,
    is_home_bound: bool,
    for_reports: bool,
    retired_on: date | None = None,
) -> Category:
    """Change a category; what it was goes to its history.

    Making it home-bound takes coordinates away from the incidents it has, for good: that is what
    the mark means. A main category's mark holds for its parts too.
    """
    require(actor, "incidents.categories")
    current = Category.objects.select_for_update().get(pk=category.pk)
    if current.version != version:
        raise Conflict
    if not name_sv.strip():
        raise Refusal(_("Write what the category is called."), field="name_sv")
    if main is not None and (main.main_id is not None or main.pk == current.pk or current.parts.exists()):
        raise Refusal(_("A category can only belong to a main category."), field="main")
    CategoryVersion.objects.create(
        category=current,
        number=current.version,
        name_sv=current.name_sv,
        name_en=current.name_en,
        main=current.main,
        is_home_bound=current.is_home_bound,
        replaced_at=clock.now(),
        replaced_by_id=actor.person_id,
    )
    is_home_bound = is_home_bound or (main is not None and main.is_home_bound)
    becomes_home_bound = is_home_bound and not current.is_home_bound
    current.name_sv, current.name_en, current.main = name_sv.strip(), name_en.strip(), main
    current.is_home_bound, current.for_reports, current.retired_on = is_home_bound, for_reports, retired_on
    current.version += 1
    current.save()
    if becomes_home_bound:
        from .services import blur_home_bound

        blur_home_bound(actor, category=current)
        events.publish(BecameHomeBound(current.pk))
        for part in current.parts.filter(is_home_bound=False):
            change(
                actor,
                category=part,
                version=part.version,
                name_sv=part.name_sv,
                name_en=part.name_en,
                main=current,
                is_home_bound=True,
                for_reports=part.for_reports,
                retired_on=part.retired_on,
            )
    return current


@transaction.atomic
def add(
    actor: Actor, *, name_sv: str, name_en: str, main: Category | None, is_home_bound: bool, for_reports: bool
) -> Category:
    """A new category."""
    require(actor, "incidents.categories")
    if not name_sv.strip():
        raise Refusal(_("Write what the category is called."), field="name_sv")
    return Category.objects.create(
        code=Lookup._code(name_sv),
        name_sv=name_sv.strip(),
        name_en=name_en.strip(),
        main=main,
        is_home_bound=is_home_bound or (main is not None and main.is_home_bound),
        for_reports=for_reports,
    )
