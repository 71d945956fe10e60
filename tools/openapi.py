"""Writes docs/reference/openapi.json: the API as it is. A test compares the two.

python tools/openapi.py
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def main() -> int:
    sys.path.insert(0, str(CHECKOUT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samverkan.site.settings")
    import django

    django.setup()
    from samverkan.site.api import api

    path = CHECKOUT / "docs" / "reference" / "openapi.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
