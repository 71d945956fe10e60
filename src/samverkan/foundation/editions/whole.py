"""What the whole content of every edition says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from .kept import Kept


@dataclass(frozen=True, kw_only=True)
class Whole(Kept):
    """The content of an edition, or of one that is not locked yet.

    Attributes
    ----------
    format : which rules it was put together by; what was kept before it was said is 1.
    put_together_at : ISO 8601.
    language : that of what is kept in words.
    edition : which edition it is; None of what is not locked.
    corrects : what it corrects in the one before.
    """

    format: int = 1
    put_together_at: str
    language: str = "sv"
    edition: int | None = None
    corrects: str = ""
