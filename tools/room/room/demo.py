"""Invented data, made through the services."""

from __future__ import annotations

from typing import Any

from . import services


def load(context: Any) -> None:
    """Two that are open and one that is closed."""
    lead = context.actor("samordnare")
    for title in ("Den första (påhittad)", "Den andra (påhittad)"):
        services.add(lead, title=title, is_invented=True)
    row = services.add(lead, title="Den avslutade (påhittad)", is_invented=True)
    services.step(lead, row=row, version=row.version, name="close")
