"""`samverkan analyse near-repeat` on the events of tests/data, as the chapters show it."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from samverkan.analysis.jacquez import jacquez
from samverkan.analysis.mantel import mantel
from samverkan.analysis.near_repeat import knox, local_knox
from samverkan.cli import analyse

ROOT = Path(__file__).resolve().parents[3]
EVENTS = str(ROOT / "tests" / "data" / "analysis" / "near_repeat_events.csv")
COLUMNS = [EVENTS, "--x", "east", "--y", "north", "--date", "day"]
DOCS = ROOT / "docs" / "analysis"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:  # type: ignore[type-arg]
    assert analyse.main(["near-repeat", *COLUMNS, *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def columns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.genfromtxt(EVENTS, delimiter=",", names=True, dtype=None, encoding="utf-8")
    return table["east"], table["north"], table["day"].astype("datetime64[D]")


def test_the_example_of_the_chapter(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    block = (DOCS / "near-repeat.md").read_text(encoding="utf-8").split("```console\n")[1].split("```")[0]
    command, _, wanted = block.partition("\n")
    monkeypatch.chdir(ROOT)
    assert command.startswith("$ samverkan analyse ")
    assert analyse.main(command.removeprefix("$ samverkan analyse ").split()) == 0
    assert capsys.readouterr().out == wanted


def test_the_examples_of_mantel_and_jacquez() -> None:
    found = mantel(*columns(), space_constant=100, time_constant=3, seed=1)
    told = f"correlation of {found.correlation:.3f}, z {found.z:.1f} and p {found.p_value:.3f}"
    assert told in re.sub(r"\s+", " ", (DOCS / "mantel.md").read_text(encoding="utf-8"))
    near = jacquez(*columns(), k=3, seed=1)
    told = f"{near.statistic:.1f} neighbours in common where {near.expected:.1f} are expected, p {near.p_value:.3f}"
    assert told in re.sub(r"\s+", " ", (DOCS / "jacquez.md").read_text(encoding="utf-8"))


def test_json_has_every_number_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "--bands", "0,1,200,400,inf", "--days", "0,1,2,3,inf", "--seed", "4")
    direct = knox(*columns(), bands=[0, 1, 200, 400, math.inf], days=[0, 1, 2, 3, math.inf], seed=4)
    assert list(found)[:8] == ["pairs", "bands", "days", "observed", "expected", "ratio", "p_value", "p_value_max"]
    assert found["pairs"] == direct.pairs == 215 * 214 // 2
    assert found["bands"] == [0, 1, 200, 400, None]
    assert found["interval"] == "[a, b)"
    assert found["band_labels"][1] == "[1, 200)"
    for key in ("observed", "expected", "ratio", "p_value", "p_value_max", "z", "variance"):
        assert found[key] == getattr(direct, key).tolist()
    assert np.array(found["observed"]).sum() == found["pairs"]


def test_every_option_reaches_the_method(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--bands", "0,150", "--days", "0,10", "--metric", "manhattan", "--same-place", "--closed", "right"]
    found = printed(capsys, *options, "--replicates", "99", "--workers", "2", "--mantel", "--jacquez", "2")
    direct = knox(
        *columns(),
        bands=[0, 150],
        days=[0, 10],
        metric="manhattan",
        same_place=True,
        closed="right",
        replicates=99,
        seed=0,
    )
    assert found["observed"] == direct.observed.tolist()
    assert found["p_value"] == direct.p_value.tolist()
    assert found["replicates"] == 99
    assert found["mantel"]["p_value"] == mantel(*columns(), metric="manhattan", replicates=99, seed=0).p_value
    assert found["jacquez"]["p_value"] == jacquez(*columns(), k=2, metric="manhattan", replicates=99, seed=0).p_value


def test_map_and_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    map_, plot = tmp_path / "links.geojson", tmp_path / "table.svg"
    arguments = ["--bands", "0,100,inf", "--days", "0,7,inf", "--map", str(map_), "--crs", "EPSG:3006"]
    printed(capsys, *arguments, "--plot", str(plot))
    features = json.loads(map_.read_text())["features"]
    local = local_knox(*columns(), distance=100, days=7, closed="left")
    assert [f["properties"]["links"] for f in features] == local.links.tolist()
    assert [f["properties"]["p_value"] for f in features] == local.p_value.tolist()
    lon, lat = features[0]["geometry"]["coordinates"]
    assert 15 < lon < 18 and 58 < lat < 60
    assert "[0, 100)" in plot.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bands", "0,200,100"], "rise"),
        (["--bands", "100,200", "--same-place"], "0 as the first"),
        (["--jacquez", "0"], "k is 0"),
        (["--replicates", "-1"], "replicates"),
        (["--x", "easting"], "no column"),
    ],
)
def test_what_cannot_be_is_said_in_words(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert analyse.main(["near-repeat", *COLUMNS, *arguments]) == 2
    assert words in capsys.readouterr().err


def test_neither_django_nor_kernels_are_imported_for_the_help() -> None:
    code = (
        "import sys\nfrom samverkan.cli import analyse\n"
        "try:\n    analyse.main(['near-repeat', '--help'])\nexcept SystemExit:\n    pass\n"
        "import samverkan.analysis.near_repeat, samverkan.analysis.mantel, samverkan.analysis.jacquez\n"
        "print([m for m in ('django', 'numba', 'scipy') if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "src", capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "example:" in done.stdout
