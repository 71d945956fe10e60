"""Files as people have them: every case that lies beside the repository does what its ``expected.txt`` says."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from samverkan.cli.analyse import main
from samverkan.domain.incidents.importing import Counts, import_files, load_mapping
from samverkan.domain.incidents.importing.polisen import MAPPING
from samverkan.domain.incidents.models import Category, Incident
from samverkan.domain.places.models import Area, Place
from samverkan.domain.places.services.importing import Result, import_areas, import_places
from samverkan.foundation.access import SYSTEM
from samverkan.foundation.files.images import Unreadable, normalise

STOCKHOLM = ZoneInfo("Europe/Stockholm")
_GIVEN = os.environ.get("SAMVERKAN_SHARED_DATA")
CASES = (Path(_GIVEN) if _GIVEN else Path(__file__).resolve().parents[3] / "shared" / "data") / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir()) if CASES.is_dir() else []
CHECKS: dict[str, Callable[[Path], None]] = {}

#: What is not kept yet, and where it stands.
LATER: dict[str, str] = {}

pytestmark = pytest.mark.skipif(
    not NAMES, reason="the cases are not on this machine (SAMVERKAN_SHARED_DATA names the folder that holds them)"
)


def case(*numbers: str) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    def keep(check: Callable[[Path], None]) -> Callable[[Path], None]:
        CHECKS.update(dict.fromkeys(numbers, check))
        return check

    return keep


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_case(name: str) -> None:
    number = name.partition("-")[0]
    if number in LATER:
        pytest.skip(f"{name}: {LATER[number]}")
    assert number in CHECKS, f"{name} has no check: write one by its expected.txt"
    CHECKS[number](CASES / name)


# ---------------------------------------------------------------- incidents


def take(folder: Path, name: str = "") -> Counts:
    path = folder / name if name else next(p for p in sorted(folder.glob("in.*")))
    return import_files(SYSTEM, paths=[path], mapping=load_mapping(folder / "mapping.toml"))


def times() -> list[str]:
    return [
        i.started_at.astimezone(STOCKHOLM).strftime("%Y-%m-%d" + ("" if i.time_precision == "day" else " %H:%M"))
        for i in Incident.objects.order_by("external_id")
    ]


def created(counts: Counts, number: int, rejected: int = 0) -> None:
    assert (counts.created, counts.rejected, counts.files) == (number, rejected, []), [r[:3] for r in counts.rejects]


def refused(counts: Counts, word: str) -> None:
    """The whole file is refused, with a sentence that says so."""
    assert counts.created == 0 and len(counts.files) == 1
    assert re.search(word, counts.files[0]["problem"]), counts.files


@case("01", "04", "06", "08", "11", "26", "30", "33", "35", "88")
def _all_rows_are_read(folder: Path) -> None:
    said = int((re.search(r"(\d+) rows? (?:created|placed)", (folder / "expected.txt").read_text()) or ["", "2"])[1])
    if folder.name.startswith("30"):
        said = 1  # the file has one row
    created(take(folder), said)
    if folder.name.startswith("26"):
        assert Incident.objects.filter(precision="point").count() == 2
    if folder.name.startswith("08"):
        assert Incident.objects.get(external_id="1").description == "rad ett\nrad två"
    if folder.name.startswith("06"):
        assert Category.objects.filter(name_sv="Skadegörelse").exists()


@case("10")
def _ruined_identities_are_told(folder: Path) -> None:
    counts = take(folder)
    assert counts.created == 0 and counts.rejected == 3
    assert all("2,02603E+11" in why for _f, _l, why, _r in counts.rejects)


@case("13", "14", "31", "37", "43", "48")
def _times_are_as_written(folder: Path) -> None:
    wanted = {
        "13": ["2026-03-12 14:05"],
        "14": [f"2026-03-{day}" for day in ("03 00:00", "02 09:05", "02 09:05", "02 09:05", "02 09:00", "02")],
        "31": ["2026-03-02 10:15", "2026-03-03 23:40"],
        "37": ["2026-03-02 10:15"],
        "43": ["2026-03-02 18:00"],
        "48": ["2026-03-02 14:30", "2026-03-02 14:59", "2026-03-02 09:05"],
    }[folder.name[:2]]
    created(take(folder), len(wanted), 1 if folder.name.startswith("48") else 0)
    assert times() == wanted


@case("32")
def _a_day_is_no_midnight(folder: Path) -> None:
    created(take(folder), 2)
    assert times() == ["2026-03-02", "2026-03-03"]


@case("16")
def _an_old_code_page(folder: Path) -> None:
    created(take(folder), 1)
    incident = Incident.objects.get()
    assert (incident.category.name_sv, incident.description) == ("Skadegörelse", "på gården")


@case("21")
def _a_local_zone_is_said(folder: Path) -> None:
    import_areas(
        SYSTEM,
        paths=[CASES / "61-areas-crs-name-unknown-epsg-given" / "in.geojson"],
        scheme="district",
        edition="2026",
        epsg=3006,
    )
    created(take(folder), 1)
    incident = Incident.objects.get()
    assert incident.precision == "point"
    mapping = load_mapping(folder / "mapping.toml")
    mapping = type(mapping)(**{**mapping.__dict__, "epsg": None, "source_code": "annan"})
    counts = import_files(SYSTEM, paths=[folder / "in.csv"], mapping=mapping)
    assert counts.rejected == 1 and counts.created == 0


@case("22", "42")
def _no_day_and_no_date(folder: Path) -> None:
    counts = take(folder)
    assert counts.created == 0 and counts.rejected == counts.read == 2
    word = "månad" if folder.name.startswith("22") else "kalkyl"
    assert any(word in why for _f, _l, why, _r in counts.rejects), [r[2] for r in counts.rejects]


@case("28", "39", "40", "46", "58")
def _refused_in_words(folder: Path) -> None:
    word = {"28": "webbsida", "39": "formel", "40": "Strict", "46": "lösenord", "58": r"\.ods.*CSV.*XLSX"}
    refused(take(folder), word[folder.name[:2]])


@case("29")
def _a_nul_and_a_wide_row(folder: Path) -> None:
    created(take(folder), 1, 1)


@case("50", "55")
def _points_in_metres(folder: Path) -> None:
    created(take(folder), 1)
    incident = Incident.objects.get()
    assert incident.x == pytest.approx(584500, abs=0.05) and incident.y == pytest.approx(6581000, abs=0.05)


@case("52")
def _points_that_are_missing(folder: Path) -> None:
    created(take(folder), 3)
    assert list(Incident.objects.order_by("external_id").values_list("precision", flat=True)) == [
        "point",
        "municipality",
        "municipality",
    ]


@case("53")
def _changed_places(folder: Path) -> None:
    counts = take(folder)
    assert counts.created == 0 and "bytt plats" in counts.rejects[0][2]


@case("86")
def _homes_keep_no_point(folder: Path) -> None:
    counts = take(folder)
    assert counts.rejected == 0 and counts.created == counts.read
    assert not Incident.objects.filter(x__isnull=False).exists()


@case("89")
def _the_police_tell_when_it_happened(folder: Path) -> None:
    import_files(SYSTEM, paths=[folder / "in.json"], mapping=MAPPING)
    first, second = Incident.objects.filter(external_id__in=["900001", "900002"]).order_by("external_id")
    assert first.started_at == datetime(2026, 8, 21, 21, 40, tzinfo=UTC)
    assert second.started_at == datetime(2026, 8, 21, 23, 15, tzinfo=UTC)


# --------------------------------------------------------- areas and places


def areas(folder: Path, **more: Any) -> Result:
    path = next(p for p in folder.glob("in.*") if p.suffix in {".geojson", ".gpkg"})
    return import_areas(SYSTEM, paths=[path], scheme="district", edition="2026", **more)


@case("61")
def _the_advice_of_the_refusal_works(folder: Path) -> None:
    assert areas(folder, epsg=3006).created == 1


@case("63")
def _areas_are_mended(folder: Path) -> None:
    assert areas(folder).created == 4


@case("65")
def _codes_are_not_row_numbers(folder: Path) -> None:
    assert areas(folder).created == 1
    assert Area.objects.get().code != "7"


@case("70", "74")
def _geopackages(folder: Path) -> None:
    result = areas(folder)
    assert result.created == 1
    assert len(result.problems) == (0 if folder.name.startswith("70") else 2)


@case("72")
def _a_geopackage_still_open(folder: Path) -> None:
    result = areas(folder)
    assert result.created == 1 or (result.problems and "-wal" in result.problems[0])
    assert result.created + len(result.problems) > 0


@case("80", "82", "84")
def _places(folder: Path) -> None:
    path = next(p for p in folder.glob("in.*"))
    result = import_places(SYSTEM, paths=[path])
    number = 2 if folder.name.startswith("80") else 1
    assert (result.created, result.problems) == (number, [])
    place = Place.objects.order_by("pk").first()
    assert place is not None
    if folder.name.startswith("82"):
        assert (place.x, place.y) == (pytest.approx(584500, abs=0.05), pytest.approx(6581000, abs=0.05))
    if folder.name.startswith("84"):
        assert "Söder" in place.name


# ----------------------------------------------------------------- analysis


def analyse(folder: Path, method: str, *arguments: str, code: int = 0) -> tuple[Any, str]:
    """(JSON, standard error) of a method; files by name are those of the case."""
    words = [str(folder / a) if a.endswith(".csv") else a for a in arguments]
    out, told = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(told):
        ended = main([method, *words, "--json"])
    assert ended == code, told.getvalue()
    return (json.loads(out.getvalue()) if out.getvalue() else None), told.getvalue()


NEAR = ("near-repeat", "in.csv", "--bands", "0,500,1000", "--days", "0,7,14", "--replicates", "99")


@case("120", "123", "124", "128", "142")
def _analyse_reads_the_same(folder: Path) -> None:
    number = folder.name.partition("-")[0]
    near, told = analyse(folder, *NEAR)
    if number in {"120", "123"}:
        assert near["events"] == 60
    if number == "124":
        assert re.search("day", " ".join(near["warnings"]) + told), "which day it takes is told"
    if number == "142":
        assert near["events"] == 2


@case("130", "131")
def _hotspots_at_the_edge(folder: Path) -> None:
    found, _told = analyse(
        folder, "hotspots", "--cells", "in.csv", "--x", "x", "--y", "y", "--distance", "450", "--no-star"
    )
    assert found["warnings"]
    if folder.name.startswith("131"):
        assert not any(cell["significant_fdr"] for cell in found["cells"])
    else:
        assert [cell["z"] for cell in found["cells"]].count(None) == 1


@case("135")
def _rhythm_at_the_edge(folder: Path) -> None:
    found, _told = analyse(folder, "rhythm", "in.csv", "--start", "from", "--end", "to")
    assert sum(map(sum, found["weights"])) == pytest.approx(found["events"])
    assert found["warnings"]


@case("138")
def _one_location(folder: Path) -> None:
    found, told = analyse(
        folder, "clusters", "in.csv", "--model", "permutation", "--x", "x", "--y", "y", "--date", "date"
    )
    assert found["warnings"] or told


@case("140")
def _a_location_that_is_missing(folder: Path) -> None:
    _none, told = analyse(
        folder, "clusters", "--cases", "cases.csv", "--locations", "loc.csv", "--model", "permutation", "--id", "id",
        "--x", "x", "--y", "y", "--date", "date", "--count", "n", code=2,
    )  # fmt: skip
    assert "'z'" in told


# ------------------------------------------------------------------- photos


def photo(content: bytes) -> Image.Image:
    made = normalise(content)
    image = Image.open(io.BytesIO(made.content))
    image.load()
    assert not image.getexif() and b"ftyp" not in made.content
    return image


@case("100")
def _a_motion_photo(folder: Path) -> None:
    out = io.BytesIO()
    Image.effect_noise((1200, 900), 50).convert("RGB").save(out, "JPEG", quality=85)
    image = photo(out.getvalue() + b"\x00\x00\x00\x18ftypmp42" + os.urandom(9 << 20))
    assert image.size == (1200, 900)


@case("102", "103", "105", "108", "109")
def _pictures(folder: Path) -> None:
    for path in sorted(folder.glob("in*")):
        if folder.name.startswith("109"):
            try:
                photo(path.read_bytes())
            except Unreadable as refusal:
                assert refusal.code == "pixels"
            continue
        image = photo(path.read_bytes())
        if folder.name.startswith("103"):
            red, _green, blue = image.resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
            assert blue > red
        if folder.name.startswith("108"):
            width = image.size[0]
            red, green, blue = image.getpixel((width - 3, 2))  # type: ignore[misc]
            assert red > 150 and green < 110 and blue < 110, path.name
