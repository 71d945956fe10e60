"""`python -m bench.analysis`, from the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.analysis import main

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
sys.exit(main())
