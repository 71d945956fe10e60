"""Categories are added, changed and answered for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from samverkan.foundation import clock, events
from samverkan.foundation.access import Actor, require
from samverkan.foundation.web.errors import Conflict, Refusal

from ..categories import EXACT, BecameHomeBound, Lookup, whole_is_home_bound
from ..models import Category, CategoryVersion, PointAnswer, SourceKind
from .recording import blur_home_bound


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
    is_home_bound = is_home_bound or whole_is_home_bound(main)
    # Whoever had not answered before may have parts that others have answered for.
    becomes_home_bound = is_home_bound and not whole_is_home_bound(current)
    shows_places = current.is_home_bound and not is_home_bound
    current.name_sv, current.name_en, current.main = name_sv.strip(), name_en.strip(), main
    current.is_home_bound, current.for_reports, current.retired_on = is_home_bound, for_reports, retired_on
    current.point_answer = PointAnswer.GIVEN
    current.version += 1
    current.save()
    if shows_places:
        _to_be_told_again(current)
    if becomes_home_bound:
        blur_home_bound(actor, category=current)
        events.publish(BecameHomeBound(current.pk))
        for part in current.parts.exclude(is_home_bound=True, point_answer=PointAnswer.GIVEN):
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
        code=Lookup.code_of(name_sv),
        name_sv=name_sv.strip(),
        name_en=name_en.strip(),
        main=main,
        is_home_bound=is_home_bound or whole_is_home_bound(main),
        point_answer=PointAnswer.GIVEN,
        for_reports=for_reports,
    )


@transaction.atomic
def answer(actor: Actor, *, answers: Mapping[str, str]) -> None:
    """Say of categories by code whether their exact places may be kept: EXACT or AREA_ONLY.

    An answer to what somebody else has answered meanwhile is left aside: what was said first stands until it is
    changed on the category's own page. AREA_ONLY takes the exact places away that there are, for good.
    """
    require(actor, "incidents.categories")
    rows = Category.objects.select_for_update(of=("self",)).select_related("main").filter(code__in=answers)
    for row in rows.order_by(F("main_id").asc(nulls_first=True), "pk"):
        row.refresh_from_db()
        if row.point_answer == PointAnswer.GIVEN:
            continue  # by somebody else meanwhile, or with its main category just now
        change(
            actor,
            category=row,
            version=row.version,
            name_sv=row.name_sv,
            name_en=row.name_en,
            main=row.main,
            is_home_bound=answers[row.code] != EXACT,
            for_reports=row.for_reports,
            retired_on=row.retired_on,
        )


def _to_be_told_again(category: Category) -> None:
    """Let the same file, read once more, give the incidents the places that were not kept before the answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE incidents_incident i SET content_hash = decode(md5(i.content_hash), 'hex') "
            "FROM incidents_source s WHERE s.id = i.source_id AND s.kind = %s AND i.category_id = %s AND i.x IS NULL",
            [SourceKind.FILE, category.pk],
        )
