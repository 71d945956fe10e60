"""Finds what looks like personal data in a text. A help for the eye: the person decides.

Pure: no database, no settings. It marks rather too much than too little, and never claims to be complete: a text may
point somebody out without any of this.
"""

from __future__ import annotations

from .finder import Mark, find, pieces, stripped
from .numbers import (
    ADDRESS,
    BANK,
    BIRTH,
    EMAIL,
    IDENTITY,
    IP,
    PHONE,
    PLATE,
    USERNAME,
    is_identity_number,
)
from .people import NAME

__all__ = [
    "ADDRESS",
    "BANK",
    "BIRTH",
    "EMAIL",
    "IDENTITY",
    "IP",
    "NAME",
    "PHONE",
    "PLATE",
    "USERNAME",
    "Mark",
    "find",
    "is_identity_number",
    "pieces",
    "stripped",
]
