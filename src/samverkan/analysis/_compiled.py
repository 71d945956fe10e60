"""How the compiled loops are compiled.

Nearly all of a first call is numba reading and typing the source, so what is
not needed is not made. ``kernel`` is for functions that Python calls: kept on
disk, free of the interpreter's lock. ``kernel_part`` is for functions that only
kernels call: they are built into these, so a way in from Python and a place on
disk of their own would only cost time. Calling one from Python breaks.

Divisions follow IEEE 754 (a division by zero is infinite or not a number); a
loop that must not divide by zero asks first.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numba


def _fold_cache() -> None:
    """Keep what is compiled from these very sources in a folder of its own.

    Numba asks only whether the file of a kernel has changed, not the files of
    the parts that are built into it, so an old part could live on in a cache.
    """
    config: Any = numba.config
    if config.CACHE_DIR:
        here = Path(__file__)
        sources = [here, *sorted(here.parent.glob("_kernels_*.py"))]
        stamp = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
        config.CACHE_DIR = str(Path(config.CACHE_DIR) / stamp[:16])


_fold_cache()
# Two of these options are left out of numba's own type hints.
_njit: Any = numba.njit
kernel = _njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)
kernel_part = _njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
