"""Small helpers of the incidents' tests."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samverkan.domain.incidents.importing.mapping import Mapping, from_dict


@pytest.fixture
def mapping() -> Mapping:
    """A mapping with an id, coordinates in degrees and a category."""
    return from_dict(
        {
            "source": {"code": "prov", "name": "Prov"},
            "columns": {
                "id": "id",
                "started": "when",
                "category": "what",
                "title": "title",
                "lon": "lon",
                "lat": "lat",
                "observed_at": "seen",
                "seriousness": "grave",
            },
        }
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """``write(rows, "csv" | "jsonl" | "json" | "csv.gz" | "xlsx")`` makes a file of dicts."""

    def make(rows: list[dict[str, Any]], kind: str = "csv", name: str = "rows") -> Path:
        path = tmp_path / f"{name}.{kind}"
        columns = list(dict.fromkeys(key for row in rows for key in row))
        if kind == "jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        elif kind == "json":
            path.write_text(json.dumps(rows), "utf-8")
        elif kind == "xlsx":
            import openpyxl

            book = openpyxl.Workbook()
            book.active.append(columns)
            for row in rows:
                book.active.append([row.get(c, "") for c in columns])
            book.save(path)
        else:
            opener = gzip.open if kind.endswith(".gz") else open
            with opener(path, "wt", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)
        return path

    return make


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real data written by nobody here; tests that need it say so when it is absent."""
    given = os.environ.get("SAMVERKAN_SHARED_DATA")
    path = Path(given) if given else Path(__file__).resolve().parents[4] / "shared" / "data"
    if not (path / "polisen").is_dir():
        pytest.skip("the real data are not on this machine (SAMVERKAN_SHARED_DATA names their folder)")
    return path
