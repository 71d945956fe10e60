"""Who answers for marks: a room gives it to its roles, and says with each of its texts what it needs beside."""

from __future__ import annotations

PERMISSIONS: dict[str, set[str]] = {"marks.answer": set()}
