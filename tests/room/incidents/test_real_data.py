"""The real data, counted by the product and by a script that knows nothing of it."""

from __future__ import annotations

import calendar
import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count

from samverkan.domain.incidents.importing import import_files
from samverkan.domain.incidents.importing.polisen import MAPPING
from samverkan.domain.incidents.models import Incident, IncidentVersion
from samverkan.domain.picture import facts
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.weeks import Week

pytestmark = pytest.mark.django_db


def test_all_police_events_twice_and_their_totals(real_data: Path) -> None:
    path = real_data / "polisen" / "events.jsonl.gz"
    first = import_files(SYSTEM, paths=[path], mapping=MAPPING)
    second = import_files(SYSTEM, paths=[path], mapping=MAPPING)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    digests = [e for e in events if e["type"].startswith("Sammanfattning")]
    assert (first.read, first.created, first.digests, first.rejected) == (
        len(events),
        len(events) - len(digests),
        len(digests),
        0,
    )
    assert (second.read, second.unchanged) == (len(events), len(events))
    assert not IncidentVersion.objects.exists()
    zone = ZoneInfo("Europe/Stockholm")
    counted = [e for e in events if not e["type"].startswith("Sammanfattning")]
    # The script's own reading of time and place, without the product's functions.
    weeks: Counter[str] = Counter()
    hours: Counter[tuple[int, int]] = Counter()
    months = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
    towns: Counter[str] = Counter()
    for event in counted:
        day, time, offset = event["datetime"].split()
        published = datetime.strptime(f"{day} {time.zfill(8)} {offset.replace(':', '')}", "%Y-%m-%d %H:%M:%S %z")
        # "21 augusti 23.40, Misshandel, Eskilstuna": every title of this history begins so.
        number, month, at = event["name"].replace("\xa0", " ").split(",")[0].split()
        hour, minute = at.replace(":", ".").split(".")
        moments = [
            datetime(
                published.year + near, months.index(month[:3]) + 1, int(number), int(hour), int(minute), tzinfo=zone
            )
            for near in (-1, 0, 1)
            if (month, number) != ("februari", "29") or calendar.isleap(published.year + near)
        ]
        moment = min(moments, key=lambda other: abs(other - published))
        year, week, weekday = moment.isocalendar()
        weeks[f"{year}-W{week:02d}"] += 1
        hours[weekday - 1, int(hour)] += 1
        town = event["location"]["name"].replace("\xa0", " ").strip()
        if town.endswith(" län"):
            town = event["name"].replace("\xa0", " ").rsplit(",", 1)[-1].strip()
        if town and not town.endswith(" län"):
            towns[town.lower()] += 1
    rows = Incident.objects.filter(is_digest=False)
    assert {str(Week.from_index(r["week"])): r["n"] for r in rows.values("week").annotate(n=Count("pk"))} == dict(weeks)
    columns = facts.read_columns(rows)
    slots = Counter(divmod(int(slot), facts.SLOTS_PER_DAY) for slot in columns["slot"])
    assert slots == hours
    named = rows.filter(municipality__isnull=False).values("municipality__name").annotate(n=Count("pk"))
    assert {r["municipality__name"].lower(): r["n"] for r in named} == dict(towns)
    # The reference point of a municipality is never taken for a scene.
    assert not Incident.objects.filter(x__isnull=False).exists()


def test_versions_and_snapshots_in_either_order_end_alike(real_data: Path) -> None:
    folder = real_data / "polisen"
    snapshots = sorted((folder / "api-snapshots").glob("*.json.gz"))
    history = folder / "event-versions.jsonl.gz"

    def state() -> list[tuple[str, str, str]]:
        return list(Incident.objects.order_by("external_id").values_list("external_id", "title", "description"))

    one = import_files(SYSTEM, paths=[*snapshots, history], mapping=MAPPING)
    forward = state()
    again = import_files(SYSTEM, paths=[*snapshots, history], mapping=MAPPING)
    assert (again.created, again.updated, again.digests) == (0, 0, 0)
    assert [f["name"] for f in one.files] == ["20231106T191604Z.json.gz", "20231107T114421Z.json.gz"]
    Incident.objects.all().delete()
    import_files(SYSTEM, paths=[history, *reversed(snapshots)], mapping=MAPPING)
    assert state() == forward


def test_from_2026_the_municipality_is_only_in_the_title(real_data: Path) -> None:
    import_files(SYSTEM, paths=[real_data / "polisen" / "api-snapshots" / "20260220T114247Z.json.gz"], mapping=MAPPING)
    assert Incident.objects.filter(municipality__name="Norrtälje").exists()
    assert not Incident.objects.filter(municipality__name__endswith=" län").exists()


def test_new_yorks_shootings_as_points(
    real_data: Path, tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samverkan.domain.incidents.importing import load_mapping
    from samverkan.foundation import municipality

    municipality.put(SYSTEM, key="geo.epsg", value=32618)
    mapping = load_mapping(Path(__file__).parents[3] / "docs" / "examples" / "new-york.toml")
    path = real_data / "load" / "nyc-shootings.csv.gz"
    counts = import_files(SYSTEM, paths=[path], mapping=mapping)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # Read on Stockholm's clock, some stand in the hour that it skips in March: they are told and not moved.
    zone = ZoneInfo("Europe/Stockholm")
    moments = [datetime.fromisoformat(f"{row['OCCUR_DATE'][:10]}T{row['OCCUR_TIME']}") for row in rows]
    there = [moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) for moment in moments]
    skipped = sum(said != was for said, was in zip(moments, there, strict=True))
    assert (counts.read, counts.created, counts.rejected) == (len(rows), len(rows) - skipped, skipped)
    assert 0 < skipped < 20 and all("klockan ställdes fram" in reject[2] for reject in counts.rejects)
    assert Incident.objects.filter(precision="point", hexagon__isnull=False).count() == len(rows) - skipped
    assert import_files(SYSTEM, paths=[path], mapping=mapping).unchanged == len(rows) - skipped
