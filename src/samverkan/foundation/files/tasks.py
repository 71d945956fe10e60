"""Work by the clock: stray contents are swept, and retention rules are carried out."""

from __future__ import annotations

from .. import jobs
from . import retention, services


@jobs.periodic("41 2 * * *", name="files.sweep")
def sweep() -> None:
    """Remove sealed contents that no row speaks of."""
    services.sweep()


@jobs.periodic("11 2 * * *", name="retention.run")
def run() -> None:
    """Dispose of everything whose time has come."""
    retention.run()
