"""The police's events happened when their titles say, and were published later."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from samverkan.domain.incidents.importing import import_files
from samverkan.domain.incidents.importing.polisen import MAPPING, time_of
from samverkan.domain.incidents.importing.rows import BadValue
from samverkan.domain.incidents.importing.run import week_of
from samverkan.domain.incidents.models import Incident, IncidentVersion, WeekChange
from samverkan.domain.picture import facts, history
from samverkan.foundation.access import SYSTEM


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("title", "published", "happened", "precision"),
    [
        (
            "21 augusti 23.40, Misshandel, Eskilstuna",
            "2025-08-22T01:05:00+02:00",
            "2025-08-21T23:40:00+02:00",
            "minute",
        ),
        (
            "21 augusti 23:40, Misshandel, Eskilstuna",
            "2025-08-22T01:05:00+02:00",
            "2025-08-21T23:40:00+02:00",
            "minute",
        ),
        ("1 mars 9.05, Rån, Eskilstuna", "2025-03-01T10:00:00+01:00", "2025-03-01T09:05:00+01:00", "minute"),
        # The year is never said: the closest one holds, over New Year both ways.
        ("31 december 23.50, Brand, Eskilstuna", "2026-01-01T00:20:00+01:00", "2025-12-31T23:50:00+01:00", "minute"),
        ("01 januari 00.10, Brand, Eskilstuna", "2025-12-31T23:55:00+01:00", "2026-01-01T00:10:00+01:00", "minute"),
        ("29 februari 12.00, Brand, Eskilstuna", "2024-02-29T13:00:00+01:00", "2024-02-29T12:00:00+01:00", "minute"),
        # Two hours are called 02.30 in October: the closest again is the first only by convention, and stays one hour.
        ("26 oktober 02.30, Brand, Eskilstuna", "2025-10-26T08:00:00+01:00", "2025-10-26T02:30:00+02:00", "minute"),
        # What the title does not say.
        ("Misshandel, Eskilstuna", "2025-08-22T01:05:00+02:00", "2025-08-22T01:05:00+02:00", "latest"),
        ("21 augusti, Misshandel, Eskilstuna", "2025-08-22T01:05:00+02:00", "2025-08-22T01:05:00+02:00", "latest"),
        ("12 personer 10.30", "2025-08-22T01:05:00+02:00", "2025-08-22T01:05:00+02:00", "latest"),
    ],
)
def test_when_it_happened(title: str, published: str, happened: str, precision: str) -> None:
    assert time_of(title, utc(published)) == (utc(happened), precision)


@pytest.mark.parametrize(
    "title",
    ["31 april 10.00, Brand", "29 februari 10.00, Brand", "12 maj 24.10, Brand", "30 mars 02.30, Brand, Eskilstuna"],
)
def test_a_time_that_does_not_exist_is_told(title: str) -> None:
    with pytest.raises(BadValue, match=title.split(",")[0]):
        time_of(title, utc("2025-04-01T08:00:00+02:00" if "mars" in title else "2026-05-12T08:00:00+02:00"))


def event(title: str, identity: int = 1, summary: str = "Text.") -> dict[str, Any]:
    return {
        "id": identity,
        "datetime": "2025-08-22 1:05:00 +02:00",
        "name": title,
        "summary": summary,
        "url": "/1/",
        "type": "Misshandel",
        "location": {"name": "Eskilstuna", "gps": "59.37,16.51"},
    }


def take(folder: Path, *events: dict[str, Any], name: str = "events.json") -> Any:
    (folder / name).write_text(json.dumps(events), encoding="utf-8")
    return import_files(SYSTEM, paths=[folder / name], mapping=MAPPING)


@pytest.mark.django_db
def test_publication_is_kept_beside_and_an_unknown_hour_is_no_hour(tmp_path: Path) -> None:
    counts = take(
        tmp_path,
        event("21 augusti 23.40, Misshandel, Eskilstuna"),
        event("Misshandel", 2),
        event("31 juni 10.00, Brand", 3),
    )
    assert (counts.created, counts.rejected) == (2, 1)
    assert "31 juni 10.00" in counts.rejects[0][2]
    told, silent = Incident.objects.order_by("external_id")
    assert told.started_at == utc("2025-08-21T23:40:00+02:00")
    assert told.published_at == silent.published_at == silent.started_at == utc("2025-08-22T01:05:00+02:00")
    slots = {int(i): int(s) % facts.SLOTS_PER_DAY for i, s in zip(*_slots(), strict=True)}
    assert slots == {told.pk: 23, silent.pk: facts.NO_HOUR}
    assert "senast" in history.when(silent)
    assert "senast" not in history.when(told)
    again = take(tmp_path, event("21 augusti 23.40, Misshandel, Eskilstuna"), event("Misshandel", 2))
    assert again.unchanged == 2


def _slots() -> tuple[Any, Any]:
    columns = facts.read_columns(Incident.objects.all())
    return columns["id"], columns["slot"]


@pytest.mark.django_db
def test_what_was_stored_before_is_read_again(tmp_path: Path) -> None:
    take(tmp_path, event("21 augusti 23.40, Misshandel, Eskilstuna"))
    take(tmp_path, event("21 augusti 23.30, Misshandel, Eskilstuna"), name="later.json")
    take(tmp_path, event("31 juni 10.00, Brand", 2) | {"name": "Brand"})
    before = _state()
    # As they were stored when publication was taken for the event.
    published = utc("2025-08-22T01:05:00+02:00")
    Incident.objects.update(started_at=published, published_at=None, time_precision="minute", week=week_of(published))
    version = IncidentVersion.objects.get()
    content = {name: value for name, value in version.content.items() if name != "published_at"}
    version.content = content | {"started_at": published.isoformat(), "time_precision": "minute"}
    version.save()
    WeekChange.objects.all().delete()
    with connection.schema_editor() as editor:
        importlib.import_module("samverkan.domain.incidents.migrations.0007_when_the_police_say_it_happened")._reread(
            apps, editor
        )
    assert _state() == before
    assert set(WeekChange.objects.values_list("week", flat=True)) == {week_of(published)}


def _state() -> tuple[Any, Any]:
    return (
        list(
            Incident.objects.order_by("external_id").values_list("started_at", "published_at", "time_precision", "week")
        ),
        [
            (datetime.fromisoformat(v["started_at"]), datetime.fromisoformat(v["published_at"]), v["time_precision"])
            for v in IncidentVersion.objects.values_list("content", flat=True)
        ],
    )
