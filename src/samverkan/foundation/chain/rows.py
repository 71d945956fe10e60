# ruff: noqa: S608 (names of tables and columns come from the models and the signed chain, never from input)
"""The rows of a chained table as bytes: the database's own text of them, whatever the session was set to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.apps import apps

from . import tree

#: What decides how values are written.
_SETTINGS = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';"
    " SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL search_path = public"
)


def tables() -> dict[str, list[str]]:
    """Chained table → its columns, the number first. It only ever gets more of them."""
    return {
        model._meta.db_table: [
            str(model._meta.pk.column),
            *(str(field.column) for field in model._meta.local_concrete_fields if not field.primary_key),
        ]
        for model in apps.get_models()
        if getattr(model, "chained", False)
    }


def settle(cursor: Any) -> None:
    """Make the text of values the same in every session. In a transaction, for as long as it lasts."""
    cursor.execute(_SETTINGS)


def leaves(cursor: Any, table: str, columns: Sequence[str], after: int, upto: int) -> Iterator[tuple[int, bytes]]:
    """Number and hash of each row after one number and up to another, in order. ``cursor`` is psycopg's."""
    named = ", ".join(f'"{column}"' for column in columns)
    query = (
        f'COPY (SELECT {named} FROM public."{table}" WHERE "{columns[0]}" > {after:d} AND "{columns[0]}" <= {upto:d}'
        f' ORDER BY "{columns[0]}") TO STDOUT'
    )
    with cursor.copy(query) as copy:
        for row in copy:
            line = bytes(row)
            yield int(line.partition(b"\t")[0]), tree.leaf(line)


def batches(found: Iterator[tuple[int, bytes]], size: int) -> Iterator[tuple[int, list[bytes]]]:
    """Rows in lots: the highest number of each and its leaves."""
    for _number, lot in groupby(enumerate(found), key=lambda item: item[0] // size):
        rows = [row for _place, row in lot]
        yield rows[-1][0], [leaf for _id, leaf in rows]
