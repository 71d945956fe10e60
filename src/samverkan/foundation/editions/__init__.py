"""Content that is locked for ever: typed while it is used, plain data where it is kept, with a fingerprint.

``models`` holds the table that a room makes its own of, ``sealing`` locks, ``versions`` finds one, ``drawings``
are maps and charts.
"""

from .fingerprint import Seal, fingerprint
from .kept import Kept, read, write
from .whole import Whole

__all__ = ["Kept", "Seal", "Whole", "fingerprint", "read", "write"]
