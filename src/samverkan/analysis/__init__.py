"""Place analysis: arrays in, frozen results out.

Each method family is a module of its own (``scan``, ``knox``, ``hotspots`` …)
and is imported where it is used. Importing this package costs nothing: the
compiled kernels are loaded by the function that needs them.
"""

from __future__ import annotations
