"""A list that others fill at start, in ``apps.ready``: the door through which a floor or a room is told of those above it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Entries by key, in the order of ``order`` and then of the key. A key belongs to one entry."""

    name: str
    _entries: dict[str, T] = field(default_factory=dict)

    def put(self, key: str, entry: T) -> None:
        """Add an entry; the same key again replaces it only if it is equal."""
        if self._entries.get(key, entry) != entry:
            raise ValueError(f"'{key}' is registered twice in {self.name}.")
        self._entries[key] = entry

    def get(self, key: str) -> T | None:
        return self._entries.get(key)

    def items(self) -> list[tuple[str, T]]:
        return sorted(self._entries.items())

    def all(self) -> list[T]:
        return [self._entries[key] for key in sorted(self._entries, key=self._place)]

    def _place(self, key: str) -> tuple[int, str]:
        return (getattr(self._entries[key], "order", 0), key)
