"""Reads the areas of a municipality's profile: classified by others, without borders."""

from __future__ import annotations

from typing import Any

from samverkan.foundation.access import Actor, require
from samverkan.foundation.people import services as people

from .models import Area, AreaEdition, AreaScheme

#: Fields of a row of ``[[areas]]``.
REQUIRED, OPTIONAL = ("scheme", "scheme_name", "edition", "code", "name", "valid_from"), ("source", "classification")
DATES = ("valid_from",)


def read_areas(actor: Actor, rows: list[dict[str, Any]]) -> None:
    """Store the ``[[areas]]`` of a profile; an area that is there already keeps its borders.

    Each row gives scheme, scheme_name, edition, code, name and valid_from, and may give
    classification and source. Reading twice changes nothing.
    """
    require(actor, "places.manage")
    for row in rows:
        scheme, _new = AreaScheme.objects.get_or_create(code=row["scheme"], defaults={"name": row["scheme_name"]})
        edition, _new = AreaEdition.objects.get_or_create(
            scheme=scheme,
            name=row["edition"],
            defaults={"valid_from": row["valid_from"], "source": row.get("source", "")},
        )
        Area.objects.get_or_create(
            edition=edition,
            code=row["code"],
            defaults={
                "controller": people.home(),
                "name": row["name"],
                "classification": row.get("classification", ""),
                "valid_from": row["valid_from"],
            },
        )
