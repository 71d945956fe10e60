"""A locked week of real data, counted once more straight from the files by a script that knows nothing of the product."""

from __future__ import annotations

import argparse
import contextlib
import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from samverkan.cli import picture
from samverkan.domain.est.week import services
from samverkan.domain.incidents.importing import import_files, load_mapping
from samverkan.domain.incidents.importing.polisen import MAPPING
from samverkan.domain.picture import facts
from samverkan.foundation import municipality
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.editions import fingerprint
from samverkan.foundation.weeks import Week
from tests.harness.pdf import text_of_pdf
from tests.harness.weeks import printed
from tests.room.incidents.conftest import real_data  # noqa: F401  (the fixture that says so when they are absent)

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).resolve().parents[4] / "docs" / "examples"
MONTHS = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
POLICE_WEEK, NEW_YORK_WEEK = (2024, 24), (2018, 30)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[Week], dict[str, Any]]:
    """What ``samverkan picture summary --json`` prints for a week."""
    monkeypatch.setattr(picture, "installation", lambda args: contextlib.nullcontext())

    def ask(week: Week) -> dict[str, Any]:
        parser = argparse.ArgumentParser()
        picture.add_arguments(parser)
        capsys.readouterr()
        assert picture.run(parser.parse_args(["summary", "--json", "--from", str(week), "--to", str(week)])) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return ask


def _locked(lead: Any, week: Week) -> dict[str, Any]:
    """The edition of a week, as its files are written: content with checksum and time."""
    facts.refresh()
    row = services.open_week(SYSTEM, week=week)
    edition = services.freeze(lead, week=row, version=row.version)
    assert fingerprint(edition.content) == edition.sha256
    return {**edition.content, "sha256": edition.sha256, "frozen_at": edition.frozen_at.isoformat(timespec="seconds")}


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {name: n for name, n in counts.items() if n}


def _named(groups: list[dict[str, Any]]) -> dict[str, int]:
    return _some({g["name"]: g["count"] for g in groups})


def _agrees(shown: dict[str, Any], told: dict[str, Any], kinds: Counter[str], source: str) -> None:
    """Edition, command and PDF against the independent count."""
    total = kinds.total()
    figures = shown["figures"]
    assert total > 20, "a week with so little proves nothing"
    assert (figures["total"], told["total"]) == (total, total)
    assert _named(figures["categories"]) == _some(told["by"]["category"]) == dict(kinds)
    assert _named(figures["sources"]) == _some(told["by"]["source"]) == {source: total}
    assert f"{total}rapporter" in text_of_pdf(printed(shown, "pdf"))
    assert f"{total} rapporter" in printed(shown, "html").decode().replace("\u00a0", " ")


def test_a_week_of_the_polices_events(real_data: Path, cast: Any, told: Callable[[Week], dict[str, Any]]) -> None:  # noqa: F811
    path = real_data / "polisen" / "events.jsonl.gz"
    import_files(SYSTEM, paths=[path], mapping=MAPPING)
    kinds: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            event = json.loads(line)
            # "21 augusti 23.40, Misshandel, Eskilstuna": when it happened. The year is that of the publication: this
            # week lies far from New Year.
            number, month, at = event["name"].replace("\u00a0", " ").split(",")[0].split()
            hour, minute = at.replace(":", ".").split(".")
            year = int(event["datetime"][:4])
            if (month, number) == ("februari", "29") and year % 4:
                continue
            local = datetime(year, 1 + MONTHS.index(month[:3]), int(number), int(hour), int(minute))  # noqa: DTZ001
            if local.isocalendar()[:2] == POLICE_WEEK and not event["type"].startswith("Sammanfattning"):
                kinds[event["type"].strip()] += 1
    week = Week(*POLICE_WEEK)
    _agrees(_locked(cast["coordinator"], week), told(week), kinds, MAPPING.source_name)


def test_a_week_of_new_yorks_shootings(real_data: Path, cast: Any, told: Callable[[Week], dict[str, Any]]) -> None:  # noqa: F811
    municipality.put(SYSTEM, key="geo.epsg", value=32618)
    path = real_data / "load" / "nyc-shootings.csv.gz"
    import_files(SYSTEM, paths=[path], mapping=load_mapping(EXAMPLES / "new-york.toml"))
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        days = [date.fromisoformat(row["OCCUR_DATE"][:10]) for row in csv.DictReader(file)]
    shootings = sum(day.isocalendar()[:2] == NEW_YORK_WEEK for day in days)
    week = Week(*NEW_YORK_WEEK)
    shown = _locked(cast["coordinator"], week)
    _agrees(shown, told(week), Counter({"Skottlossning": shootings}), "Skottlossningar i New York")
    # They are points, so the map of the edition holds every one of them.
    assert shown["figures"]["municipality_only"] == 0 and shown["figures"]["map"]
