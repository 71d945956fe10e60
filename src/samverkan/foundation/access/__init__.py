"""Who acts, and what they may do.

Every call of a service or a selector begins with an :class:`Actor`: a person on one seat (a role
in one organisation). Rooms declare named permissions in their ``policy.py`` and every address is
declared with what it needs; an address that is not declared is refused.
"""

from .actor import ANONYMOUS, SYSTEM, Actor, Refused, give, register, registered, require
from .request import Request
from .routes import PUBLIC, SIGNED_IN, include, needs_of, route
from .rows import ALL, NONE, Rows, along, by, controller_of, exempt, with_content

__all__ = [
    "ALL",
    "ANONYMOUS",
    "NONE",
    "PUBLIC",
    "SIGNED_IN",
    "SYSTEM",
    "Actor",
    "Refused",
    "Request",
    "Rows",
    "along",
    "by",
    "controller_of",
    "exempt",
    "give",
    "include",
    "needs_of",
    "register",
    "registered",
    "require",
    "route",
    "with_content",
]
