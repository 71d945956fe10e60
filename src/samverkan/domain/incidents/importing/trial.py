"""What would become of rows, asked of the database without storing any."""

from __future__ import annotations

from array import array
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from ..store import Outcome

_AT_ONCE = 20_000
_HELD = "SELECT external_id, content_hash, observed_at FROM incidents_incident WHERE source_id = %s AND external_id = ANY(%s)"
_HISTORY = (
    "SELECT i.external_id, v.content_hash FROM incidents_incidentversion v JOIN incidents_incident i ON i.id = v.incident_id "
    "WHERE i.source_id = %s AND i.external_id = ANY(%s)"
)


def _number(content: bytes | memoryview) -> int:
    return int.from_bytes(bytes(content[:8]), "little", signed=True)


class Trial:
    """Rows of one source on trial, some fifty bytes each. ``source_id`` is None for a source that is not there yet."""

    def __init__(self, source_id: int | None) -> None:
        self.source_id = source_id
        self.rows: list[tuple[str, bytes, datetime]] = []
        #: Per row: identity, content, time of observation, and what the source has: content (0 for nothing).
        self.ids, self.contents, self.times, self.held = array("q"), array("q"), array("d"), array("q")
        self.digests, self.told = array("b"), array("b")

    def add(self, external_id: str, content_hash: bytes, observed_at: datetime, is_digest: bool) -> None:
        """One more row, in the file's order."""
        self.rows.append((external_id, content_hash, observed_at))
        self.digests.append(is_digest)
        if len(self.rows) >= _AT_ONCE:
            self._ask()

    def _ask(self) -> None:
        rows, self.rows = self.rows, []
        held: dict[str, tuple[int, datetime]] = {}
        history: set[tuple[str, int]] = set()
        if self.source_id is not None and rows:
            names = list({external for external, _content, _seen in rows})
            with connection.cursor() as cursor:
                cursor.execute(_HELD, [self.source_id, names])
                held = {name: (_number(content), seen) for name, content, seen in cursor.fetchall()}
                if held:
                    cursor.execute(_HISTORY, [self.source_id, list(held)])
                    history = {(name, _number(content)) for name, content in cursor.fetchall()}
        nothing: tuple[int, Any] = (0, None)
        for external, content, seen in rows:
            number = _number(content)
            now, when = held.get(external, nothing)
            self.ids.append(hash(external))
            self.contents.append(number)
            self.times.append(seen.timestamp())
            self.held.append(now)
            # An older observation of what the history tells already is no version of its own.
            self.told.append(when is not None and seen <= when and (external, number) in history)

    def outcome(self) -> Outcome:
        """How many rows would become what, by the rules of the store: each row against the one before it in time."""
        self._ask()
        if not self.ids:
            return Outcome()
        ids, contents, held = (np.frombuffer(a, np.int64) for a in (self.ids, self.contents, self.held))
        times = np.frombuffer(self.times, np.float64)
        order = np.lexsort((np.arange(len(ids)), times, ids))
        ids, contents, held = ids[order], contents[order], held[order]
        digest, told = (np.frombuffer(a, np.int8)[order] > 0 for a in (self.digests, self.told))
        first = np.ones(len(ids), bool)
        first[1:] = np.diff(ids) != 0
        before = np.where(first, held, np.roll(contents, 1))
        new = first & (held == 0)
        same = ~new & ((contents == before) | (contents == held) | told)
        return Outcome(
            created=int((new & ~digest).sum()),
            updated=int((~new & ~same).sum()),
            unchanged=int(same.sum()),
            digests=int((new & digest).sum()),
        )
