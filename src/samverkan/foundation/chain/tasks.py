"""Work by the clock: what was written in the last minute is sealed."""

from __future__ import annotations

from .. import jobs
from . import sealing


@jobs.periodic("* * * * *", name="chain.seal")
def seal() -> int:
    """Seal what was written to the change log and the locked weeks. Returns how many rows."""
    return sealing.seal()
