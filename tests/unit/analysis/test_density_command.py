"""`samverkan analyse density` on the events of tests/data, as docs/analysis/density.md shows it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from samverkan.analysis.density import density
from samverkan.cli import analyse

DATA = Path(__file__).resolve().parents[2] / "data" / "analysis"
EVENTS, AREA = str(DATA / "density_events.csv"), str(DATA / "density_area.geojson")
DOCS = Path(__file__).resolve().parents[3] / "docs" / "analysis" / "density.md"


def run(*arguments: str) -> int:
    return analyse.main(["density", *arguments])


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:  # type: ignore[type-arg]
    assert run(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def events() -> tuple[np.ndarray, np.ndarray]:
    table = np.genfromtxt(EVENTS, delimiter=",", names=True)
    return table["x"], table["y"]


def test_the_example_of_the_chapter(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = DOCS.read_text(encoding="utf-8")
    block = text.split("```console\n")[1].split("```")[0]
    command, _, wanted = block.partition("\n")
    monkeypatch.chdir(DOCS.parents[2])
    assert command.startswith("$ samverkan analyse ")
    assert analyse.main(command.removeprefix("$ samverkan analyse ").split()) == 0
    assert capsys.readouterr().out == wanted


@pytest.mark.parametrize("edge", ["none", "uniform", "diggle"])
def test_json_on_a_grid(edge: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, EVENTS, "--polygon", AREA, "--grid", "40,30", "--bandwidth", "400", "--edge", edge)
    area = json.loads(Path(AREA).read_text())
    direct = density(*events(), bandwidth=400, grid=(40, 30), polygon=area, edge=edge)  # type: ignore[arg-type]
    assert list(found)[:5] == ["x", "y", "density", "bandwidth", "mass"]
    assert np.shape(found["density"]) == (30, 40) and len(found["x"]) == 40 and len(found["y"]) == 30
    np.testing.assert_array_equal(found["density"], direct.density)
    assert found["mass"] == direct.mass and found["bandwidth"] == 400
    if edge == "diggle":
        assert found["mass"] == pytest.approx(len(events()[0]))


def test_json_at_places(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("x,y\n585900,6583900\n586500,6584500\n")
    found = printed(capsys, EVENTS, "--at", str(places), "--bandwidth", "300", "--kernel", "quartic")
    direct = density(*events(), bandwidth=300, at=([585900.0, 586500], [6583900.0, 6584500]), kernel="quartic")
    assert found["density"] == direct.density.tolist() and found["mass"] == direct.events


def test_bandwidth_from_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in ("diggle", "likelihood"):
        found = printed(capsys, EVENTS, "--polygon", AREA, "--grid", "20,20", "--bandwidth", rule)
        assert 50 < found["bandwidth"] < 1000 and found["parameters"]["bandwidth_rule"] == rule


def test_corners_from_csv_map_and_plot(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    corners, map_, plot = tmp_path / "area.csv", tmp_path / "d.geojson", tmp_path / "d.svg"
    corners.write_text("x,y\n585000,6583000\n587000,6583000\n587000,6585000\n")
    assert (
        run(
            EVENTS,
            "--polygon",
            str(corners),
            "--grid",
            "20,20",
            "--bandwidth",
            "300",
            "--map",
            str(map_),
            "--crs",
            "EPSG:3006",
            "--plot",
            str(plot),
        )
        == 0
    )
    features = json.loads(map_.read_text())["features"]
    assert 150 < len(features) < 260 and all(f["properties"]["density"] > 0 for f in features)
    assert plot.read_text().startswith("<svg")
    assert "lie outside the polygon" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bandwidth", "wide"], "give metres, diggle or likelihood"),
        (["--bandwidth", "0"], "bandwidth is 0"),
        (["--bandwidth", "9", "--grid", "5"], "two whole numbers"),
        (["--bandwidth", "9", "--bounds", "5,6"], "four numbers"),
        (["--bandwidth", "9", "--edge", "diggle"], "needs the polygon"),
        (["--bandwidth", "9", "--polygon", "nowhere.geojson"], "nowhere.geojson"),
        (["--bandwidth", "9", "--at", EVENTS, "--plot", "x.svg"], "draws a grid"),
    ],
)
def test_refusals(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(EVENTS, *arguments) == 2
    assert words in capsys.readouterr().err
