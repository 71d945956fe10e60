"""What the municipality has decided and what is publicly known of it.

Settings are dated rows of declared keys: ``declare`` says name, type, default and meaning, ``get``
answers what holds on a day, ``put`` adds what holds from a day on.
"""

from .settings import WEEKDAYS, Declared, days, declare, declared, get, group, history, kilometres, put, weeks

__all__ = [
    "WEEKDAYS",
    "Declared",
    "days",
    "declare",
    "declared",
    "get",
    "group",
    "history",
    "kilometres",
    "put",
    "weeks",
]
