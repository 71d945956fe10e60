"""Database functions as Django expressions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import CharField, Func, Q, TextField
from django.db.models.functions import Lower
from django.db.models.lookups import Contains

from ..text import MARKED, PLAIN, folded, plain


class SvSort(Func):
    """The key that sorts text as Swedish does (å, ä, ö last) with numbers by value."""

    function = "sv_sort"
    output_field = CharField()


class Plain(Func):
    """Text in small letters without marks over them, for finding what was written without."""

    template = f"translate(lower(%(expressions)s), '{MARKED}', '{PLAIN}')"
    output_field: ClassVar = TextField()


def holding(text: str, *fields: str) -> Q:
    """Rows with the text in one of the fields, whatever the case.

    "atorget" finds Åtorget too, from a keyboard without the letter; "åtorget" finds Åtorget only, since å, ä and ö
    are letters of their own.
    """
    wanted = folded(text).replace("\0", "")  # which the database takes in no text
    as_found: Any = Plain if plain(wanted) == wanted else Lower
    found = Q()
    for field in fields:
        found |= Q(Contains(as_found(field), wanted))
    return found
