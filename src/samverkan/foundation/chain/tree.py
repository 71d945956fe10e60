"""Hash trees as in RFC 6962 section 2.1: leaves and nodes are told apart, so that neither can pass for the other."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf(content: bytes) -> bytes:
    """32 bytes for one row."""
    return sha256(b"\x00" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """32 bytes for all rows in their order."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    # Pairs from the left, the odd one carried up: the same tree as splitting at the largest power of two.
    while len(level) > 1:
        above = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = above if len(level) % 2 == 0 else [*above, level[-1]]
    return level[0]
