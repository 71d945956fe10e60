"""Runs a module in a process of its own: a question as JSON in, an answer as JSON out.

For what a web process or a worker must not carry, such as numba's compiler. Results of compiling are
kept in the installation's folder, or where NUMBA_CACHE_DIR says, so that the next run begins at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

SOURCE = Path(__file__).resolve().parents[2]


def ask(module: str, question: Any, *, seconds: int = 300) -> Any:
    """The answer of ``python -m module`` to a question. Raises RuntimeError with its last words when it fails."""
    cache = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(settings.DATA) / "cache" / "numba")
    cache.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(filter(None, (str(SOURCE), os.environ.get("PYTHONPATH", ""))))
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        env={**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(cache)},
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout)
