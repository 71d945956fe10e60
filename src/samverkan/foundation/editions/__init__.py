"""Content that is locked for ever: typed while it is used, plain data where it is kept, with a fingerprint."""

from .fingerprint import Seal, fingerprint
from .kept import Kept, read, write

__all__ = ["Kept", "Seal", "fingerprint", "read", "write"]
