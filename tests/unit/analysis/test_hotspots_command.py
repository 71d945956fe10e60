"""`samverkan analyse hotspots` on the cells of tests/data, as docs/analysis/hotspots.md shows it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from samverkan.analysis import grids
from samverkan.analysis.hotspots import hotspots
from samverkan.cli import analyse

DATA = Path(__file__).resolve().parents[2] / "data" / "analysis"
CELLS = str(DATA / "hotspots_cells.csv")
COLUMNS = ["--cells", CELLS, "--id", "cell", "--value", "incidents"]
BY_DISTANCE = [*COLUMNS, "--x", "x", "--y", "y", "--distance", "450"]
DOCS = Path(__file__).resolve().parents[3] / "docs" / "analysis" / "hotspots.md"


def run(*arguments: str) -> int:
    return analyse.main(["hotspots", *arguments])


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:  # type: ignore[type-arg]
    assert run(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_the_example_of_the_chapter(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = DOCS.read_text(encoding="utf-8")
    block = text.split("```console\n")[1].split("```")[0]
    command, _, wanted = block.partition("\n")
    monkeypatch.chdir(DOCS.parents[2])
    assert command.startswith("$ samverkan analyse ")
    assert analyse.main(command.removeprefix("$ samverkan analyse ").split()) == 0
    assert capsys.readouterr().out == wanted


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, *BY_DISTANCE, "--replicates", "999", "--seed", "5")
    assert found["statistic"] == "Gi*" and found["replicates"] == 999 and found["seed"] == 5
    assert list(found["cells"][0]) == ["id", "value", "z", "p_value", "p_permutation", "significant_fdr"]
    table = np.genfromtxt(CELLS, delimiter=",", names=True, dtype=None, encoding="utf-8")
    direct = hotspots(table["incidents"], grids.within(table["x"], table["y"], 450), replicates=999, seed=5)
    assert [c["id"] for c in found["cells"]] == list(table["cell"])
    for key in ("value", "z", "p_value", "p_permutation", "significant_fdr"):
        assert [c[key] for c in found["cells"]] == getattr(direct, key).tolist()
    assert any("Use " in w for w in found["warnings"])


def test_gi_without_relocations_and_islands_are_null(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cells, pairs = tmp_path / "cells.csv", tmp_path / "pairs.csv"
    cells.write_text("id,value\na,5\nb,1\nc,2\nd,9\n")
    pairs.write_text("from,to,weight\na,b,1\nb,c,0.5\n")
    found = printed(capsys, str(cells), "--neighbours", str(pairs), "--no-star", "--replicates", "0")
    assert found["statistic"] == "Gi" and found["tested"] == 3
    assert found["cells"][3] == {
        "id": "d",
        "value": 9.0,
        "z": None,
        "p_value": None,
        "p_permutation": None,
        "significant_fdr": False,
    }
    direct = hotspots([5.0, 1, 2, 9], grids.pairs(4, [0, 1], [1, 2], [1, 0.5]), star=False, replicates=0)
    assert [c["z"] for c in found["cells"][:3]] == direct.z[:3].tolist()


def test_map_and_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    map_, plot = tmp_path / "h.geojson", tmp_path / "h.svg"
    assert run(*BY_DISTANCE, "--map", str(map_), "--crs", "EPSG:3006", "--plot", str(plot)) == 0
    features = json.loads(map_.read_text())["features"]
    lon, lat = features[0]["geometry"]["coordinates"]
    assert len(features) == 144 and 16 < lon < 17 and 59 < lat < 60
    assert plot.read_text().startswith("<svg") and "stand out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--distance", "5"], "Which cells"),
        ([*COLUMNS, "--distance", "450"], "need --x and --y"),
        ([*COLUMNS, "--x", "x", "--y", "y", "--distance", "-1"], "distance is -1"),
        ([*COLUMNS, CELLS, "--x", "x", "--y", "y", "--distance", "450"], "stands on two rows"),
        ([*COLUMNS, "--neighbours", CELLS], "is not among the cells"),
        ([*COLUMNS, "--x", "x", "--y", "north", "--distance", "450"], "no column 'north'"),
    ],
)
def test_refusals(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert words in capsys.readouterr().err
