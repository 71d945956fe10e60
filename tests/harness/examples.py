"""Examples with known answers that other tools gave, which lie outside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def known_answers(*parts: str) -> Path:
    """A file or folder among the examples of the analysis; without it the test is skipped and says so.

    SAMVERKAN_SHARED_DATA names the folder of data; without it ``shared/data`` beside the repository.
    """
    given = os.environ.get("SAMVERKAN_SHARED_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"
    path = folder.joinpath("analysis", *parts)
    if not path.exists() and given:
        pytest.fail(f"SAMVERKAN_SHARED_DATA names a folder without {path.relative_to(folder)}")
    if not path.exists():
        # The examples are others' data and are not in the repository; brute force stands for them there.
        pytest.skip(f"no examples with known answers at {path} (SAMVERKAN_SHARED_DATA names their folder)")
    return path
