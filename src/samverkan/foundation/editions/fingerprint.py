"""What tells whether kept content is what it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Seal:
    """What an edition was locked with: the fingerprint of its whole content, and when (ISO 8601)."""

    sha256: str
    at: str


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content written in one certain way, so that anybody can check an edition."""
    return hashlib.sha256(
        json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    ).hexdigest()
