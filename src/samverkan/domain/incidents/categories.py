"""Categories: the standard ones, those that sources bring, and their history."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from samverkan.foundation.access import SYSTEM
from samverkan.foundation.text import folded

from .models import Category, PointAnswer

#: The two answers to whether a category's exact places may be kept, as mappings and pages write them.
EXACT, AREA_ONLY = "exact", "area"


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
            Category.objects.create(
                code=entry["code"],
                name_sv=entry["sv"],
                name_en=entry["en"],
                order=order * 10,
                is_home_bound=False,
                point_answer=PointAnswer.GIVEN,
            )
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
                point_answer=PointAnswer.GIVEN,
            )


#: Characters of a category's name.
LONGEST = 120


def _codes(entry: dict[str, Any]) -> list[str]:
    return [entry["code"], *(part["code"] for part in entry["parts"])]


class Points:
    """What becomes of the exact places of a file's categories, asked before anything is stored.

    ``answers`` is what a person has said of categories by name: EXACT or AREA_ONLY. It holds for those that nobody
    had answered for before; what is answered already is changed on its page and not by a file.
    """

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        self.answers = {folded(name): answer for name, answer in (answers or {}).items()}
        rows = [
            (part["code"], part["sv"], part.get("home_bound", False), True)
            for entry in standard()
            for part in (entry, *entry["parts"])
        ]
        rows += [
            (code, name, home_bound, answer != PointAnswer.WAITS)
            for code, name, home_bound, answer in Category.objects.values_list(
                "code", "name_sv", "is_home_bound", "point_answer"
            )
        ]
        #: Code or folded name of each category, the standard ones also before they are stored → its answer, or "".
        self.known = {
            key: (AREA_ONLY if home_bound else EXACT) if answered else ""
            for code, name, home_bound, answered in rows
            for key in (code, folded(name))
        }

    def is_new(self, name: str) -> bool:
        """Whether there is no category of the name."""
        name = name[:LONGEST]
        return name not in self.known and folded(name) not in self.known

    def of(self, name: str, main: str = "") -> str:
        """EXACT, AREA_ONLY, or nothing where nobody has answered."""
        name, main = name[:LONGEST], main[:LONGEST]
        said = self.known.get(name) or self.known.get(folded(name))
        if not said and self.is_new(name) and AREA_ONLY in (self.known.get(main), self.known.get(folded(main))):
            return AREA_ONLY  # with the whole main category
        return said or self.answers.get(folded(name), "")


class Lookup:
    """Categories by code or name during one import; unknown ones are added under a main category.

    ``answers`` are those of :class:`Points`, and are kept with the categories.
    """

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        ensure_standard()
        self.answers = {folded(name): answer for name, answer in (answers or {}).items()}
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
        said = self.answers.get(folded(name))
        if said and found.point_answer == PointAnswer.WAITS:
            from .services.categories import answer  # which needs what is here

            answer(SYSTEM, answers={found.code: said})
            found = Category.objects.select_related("main").get(pk=found.pk)
        self.by_key[name] = found
        return found

    def _known(self, name: str) -> Category | None:
        return self.by_key.get(name) or self.by_key.get(folded(name))

    def _make(self, name: str, main: str) -> Category:
        parent = self.mains.get(main) or self.by_key.get(folded(main))
        if parent is None and main:
            parent = Category.objects.create(code=self.code_of(main), name_sv=main)
            self._remember(parent)
        parent = parent or self.mains["ovrigt"]
        if parent.main is not None:
            parent = self.mains[parent.main.code]
        self.made.append(name)
        return Category.objects.create(
            code=self.code_of(name),
            name_sv=name,
            main=parent,
            order=parent.order + 9,
            # Said to be home-bound with all its parts; else it waits for an answer of its own.
            point_answer=PointAnswer.GIVEN if whole_is_home_bound(parent) else PointAnswer.WAITS,
        )

    @staticmethod
    def code_of(name: str) -> str:
        base = slugify(name)[:70] or "kategori"
        code, number = base, 1
        while Category.objects.filter(code=code).exists():
            number += 1
            code = f"{base}-{number}"
        return code


def whole_is_home_bound(main: Category | None) -> bool:
    """Whether somebody has said of a main category that it is home-bound, which holds for its parts too."""
    return main is not None and main.is_home_bound and main.point_answer == PointAnswer.GIVEN
