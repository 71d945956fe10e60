"""``python -m samverkan``: the same as ``./samverkan``."""

from __future__ import annotations

import sys

from samverkan.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
