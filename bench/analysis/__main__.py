"""`python -m bench.analysis`."""

from __future__ import annotations

import sys

from bench.analysis import main

sys.exit(main())
