"""Columns of one week's incidents as a short string of bytes, and back.

Every column keeps the narrowest type that holds it: ten million incidents must fit in the memory
of a small computer. A column is written as its name, its type and its values; the whole is
compressed at the fastest level.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.integer]

#: What is kept of each incident. Identities are database keys, 0 when there is none.
COLUMNS = (
    "id",
    "category",
    "area",
    "source",
    "kind",
    "municipality",
    "slot",
    "hexagon",
    "precision",
    "seriousness",
    "observation",
)

KINDS = ("event", "development", "place_feature")
PRECISIONS = ("point", "approximate", "area", "municipality")
OBSERVATIONS = ("observed", "second_hand", "unknown")

#: ``slot`` is weekday × SLOTS_PER_DAY + hour; the last hour of each day stands for "only the day is known".
SLOTS_PER_DAY = 25
NO_HOUR = 24


def narrow(values: Column) -> Column:
    """The same values in the smallest type that holds them."""
    if not values.size:
        return values.astype(np.uint8)
    low, high = int(values.min()), int(values.max())
    for kind in (np.uint8, np.uint16, np.int32, np.int64):
        limits = np.iinfo(kind)
        if limits.min <= low and high <= limits.max:
            return values.astype(kind)
    raise OverflowError("A column does not fit in 64 bits.")


def pack(columns: Mapping[str, Column]) -> bytes:
    """The columns as bytes."""
    narrowed = {name: np.ascontiguousarray(narrow(columns[name])) for name in COLUMNS}
    head = json.dumps([[name, column.dtype.str] for name, column in narrowed.items()]).encode()
    body = b"".join(column.tobytes() for column in narrowed.values())
    return struct.pack("<I", len(head)) + head + zlib.compress(body, 1)


def unpack(packed: bytes | memoryview, rows: int) -> dict[str, Column]:
    """The columns again; ``rows`` is how many incidents there are."""
    data = bytes(packed)
    (size,) = struct.unpack_from("<I", data)
    head = json.loads(data[4 : 4 + size])
    body = zlib.decompress(data[4 + size :])
    columns: dict[str, Column] = {}
    at = 0
    for name, kind in head:
        dtype = np.dtype(kind)
        columns[name] = np.frombuffer(body, dtype, rows, at)
        at += rows * dtype.itemsize
    return columns
