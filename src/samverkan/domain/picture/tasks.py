"""Keeps the prepared figures warm, so that the first question after an import need not wait."""

from __future__ import annotations

from samverkan.foundation import jobs


@jobs.periodic("*/5 * * * *", name="picture.refresh")
def refresh() -> int:
    """Make stale weeks anew. Returns how many."""
    from . import facts

    return facts.refresh()
