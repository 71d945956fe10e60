"""What the pages of imports, categories and corrections show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from samverkan.foundation.access import Actor, require
from samverkan.foundation.postgres.functions import SvSort

from .categories import AREA_ONLY, EXACT
from .homes import often_a_home
from .models import DIGESTS, Category, ImportProfile, ImportRun, Incident, PointAnswer, Precision, Upload


def runs(actor: Actor) -> QuerySet[ImportRun]:
    """Imports, the latest first, without the rejected rows themselves."""
    require(actor, "incidents.import")
    return (
        ImportRun.objects.visible_to(actor)
        .select_related("source", "started_by")
        .defer("rejects")
        .order_by("-started_at", "-pk")
    )


def run(actor: Actor, public_id: UUID) -> ImportRun | None:
    """One import, if there is one."""
    require(actor, "incidents.import")
    return (
        ImportRun.objects.visible_to(actor).select_related("source", "started_by").filter(public_id=public_id).first()
    )


def upload(actor: Actor, public_id: UUID) -> Upload | None:
    """The actor's own files that wait to be read; others' do not exist."""
    require(actor, "incidents.import")
    return Upload.objects.visible_to(actor).filter(public_id=public_id).first()


def profile_names(actor: Actor) -> list[str]:
    """Saved mappings by name."""
    require(actor, "incidents.import")
    return list(ImportProfile.objects.visible_to(actor).order_by("name").values_list("name", flat=True))


def categories(actor: Actor, *, retired: bool = False) -> list[tuple[Category, list[Category]]]:
    """Main categories in their order, each with its parts. Each has ``n``, its number of incidents;
    a main category also ``with_parts``, with those of its parts, retired ones too.

    Retired ones only when asked for; a main category in use is shown although it is retired.
    """
    require(actor, "incidents.categories")
    counts: dict[int, int] = dict(Incident.objects.order_by().values_list("category").annotate(n=Count("pk")))
    rows: list[Any] = list(Category.objects.order_by("order", SvSort("name_sv"), "pk"))
    parts: dict[int, list[Category]] = {}
    sums: dict[int, int] = {}
    for row in rows:
        row.n = counts.get(row.pk, 0)
        sums[row.main_id or row.pk] = sums.get(row.main_id or row.pk, 0) + row.n
        if row.main_id and (retired or row.retired_on is None):
            parts.setdefault(row.main_id, []).append(row)
    for row in rows:
        row.with_parts = sums.get(row.pk, row.n)
    return [
        (row, parts.get(row.pk, []))
        for row in rows
        if row.main_id is None and (retired or row.retired_on is None or row.pk in parts)
    ]


def to_answer(actor: Actor) -> list[tuple[Category, str]]:
    """Categories whose exact places no person has said may be kept, each with the answer that is proposed.

    Main categories only where they have incidents of their own, or no parts.
    """
    require(actor, "incidents.categories")
    rows = (
        Category.objects.of_incidents()
        .exclude(point_answer=PointAnswer.GIVEN)
        .filter(retired_on=None)
        .annotate(is_used=Exists(Incident.objects.filter(category=OuterRef("pk"))))
        .annotate(has_parts=Exists(Category.objects.filter(main=OuterRef("pk"))))
        .filter(Q(main__isnull=False) | Q(is_used=True) | Q(has_parts=False))
        .order_by(SvSort("name_sv"), "pk")
    )
    return [(row, AREA_ONLY if often_a_home(row.name_sv) else EXACT) for row in rows]


def category(actor: Actor, code: str) -> Category:
    """One category with its history. Raises Category.DoesNotExist."""
    require(actor, "incidents.categories")
    return (
        Category.objects.select_related("main")
        .prefetch_related("versions__main", "versions__replaced_by")
        .get(code=code)
    )


def event_kinds(also: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Codes and names of the main categories that incidents are counted in, and of those in ``also``. One question."""
    name: Any = F("name_sv")
    if (get_language() or "sv").startswith("en"):
        name = Coalesce(NullIf("name_en", Value("")), "name_sv")
    rows = Category.objects.filter(Q(main=None, retired_on=None) & ~Q(code=DIGESTS) | Q(code__in=list(also)))
    return list(rows.order_by(SvSort(name), "pk").annotate(shown=name).values_list("code", "shown"))


def with_exact_place(actor: Actor, category: Category) -> int:
    """How many incidents would lose their exact place if the category became home-bound."""
    require(actor, "incidents.categories")
    return category.incidents.filter(precision__in=[Precision.POINT, Precision.APPROXIMATE]).count()


def to_edit(actor: Actor, public_id: UUID) -> Incident | None:
    """One incident, for who may change it."""
    require(actor, "incidents.edit")
    return (
        Incident.objects.visible_to(actor)
        .select_related("category", "source", "place", "area")
        .filter(public_id=public_id)
        .first()
    )


def with_words(actor: Actor, public_id: UUID) -> Incident:
    """The incident as those see it who may change it. Raises Incident.DoesNotExist."""
    require(actor, "incidents.edit")
    return Incident.objects.visible_to(actor).select_related("category").get(public_id=public_id)
