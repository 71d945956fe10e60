"""What whoever reads a result should know, and what stopped it."""

from __future__ import annotations

import sys
from collections.abc import Iterable


class FileProblem(ValueError):
    """A file that cannot be read as asked; the sentence names file, line and column."""


def print_warnings(warnings: Iterable[str]) -> None:
    """Print the warnings of a result on standard error."""
    for text in warnings:
        print(f"Note: {text}", file=sys.stderr)
