"""Database functions as Django expressions."""

from __future__ import annotations

from django.db.models import CharField, Func


class SvSort(Func):
    """The key that sorts text as Swedish does (å, ä, ö last) with numbers by value."""

    function = "sv_sort"
    output_field = CharField()
