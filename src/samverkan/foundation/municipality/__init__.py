"""What the municipality has decided and what is publicly known of it.

Settings are dated rows of declared keys: ``declare`` says type, default and meaning, ``get`` answers
what holds on a day, ``put`` adds what holds from a day on.
"""

from .settings import Declared, declare, declared, get, history, put

__all__ = ["Declared", "declare", "declared", "get", "history", "put"]
