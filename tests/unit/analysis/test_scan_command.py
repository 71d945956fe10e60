"""`samverkan analyse clusters`: the chapter's example, the JSON, and every way to give the columns."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from samverkan.analysis.scan import Options, bernoulli_scan, permutation_scan, poisson_scan
from samverkan.cli.analyse import main

ROOT = Path(__file__).resolve().parents[3]
EVENTS = "tests/data/analysis/clusters_events.csv"
KEYS = [
    "rank",
    "statistic",
    "p_value",
    "p_gumbel",
    "recurrence_interval_days",
    "observed",
    "expected",
    "start",
    "end",
    "radius_m",
    "centre",
    "members",
]


def told(capsys, *argv):
    """The JSON the command prints."""
    assert main(["clusters", *map(str, argv), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *argv):
    assert main(["clusters", *map(str, argv)]) == 2
    return capsys.readouterr().err


def write(path, head, rows):
    path.write_text("\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


@pytest.fixture
def events():
    rng = np.random.default_rng(3)
    place, day = rng.integers(0, 12, 150), rng.integers(0, 40, 150)
    x, y = rng.integers(0, 3000, (2, 12)) / 1.0
    return place, day, x, y


def test_the_chapter_shows_what_the_command_prints(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs/analysis/clusters.md").read_text()
    command = text.split("```console\n")[1].split("```")[0].strip()
    shown = text.split("```text\n")[1].split("```")[0]
    program, analyse, *argv = shlex.split(command)
    assert (program, analyse) == ("samverkan", "analyse")
    assert main(argv) == 0
    assert capsys.readouterr().out == shown


def test_json_keys_dates_and_row_numbers(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = told(
        capsys,
        EVENTS,
        "--x",
        "east",
        "--y",
        "north",
        "--date",
        "day",
        "--prospective",
        "--max-radius",
        1000,
        "--max-days",
        14,
        "--replicates",
        99,
        "--seed",
        5,
        "--every",
        7,
    )
    assert list(result)[:6] == ["model", "cases", "locations", "replicates", "seed", "clusters"]
    assert (result["model"], result["cases"], result["locations"]) == ("permutation", 444, 60)
    assert (result["replicates"], result["seed"]) == (99, 5)
    top = result["clusters"][0]
    assert list(top) == KEYS
    assert (top["start"], top["end"]) == ("2026-03-23", "2026-03-29")
    assert top["recurrence_interval_days"] == 7 / top["p_value"]
    # Members are the numbers of the first data row at each coordinate, the centre first.
    rows = [line.split(",") for line in Path(EVENTS).read_text().splitlines()[1:]]
    inside = {tuple(rows[m - 1][1:]) for m in top["members"]}
    assert len(inside) == len(top["members"])
    assert all([r[1:] for r in rows].index(rows[m - 1][1:]) == m - 1 for m in top["members"])
    centre = [float(v) for v in rows[top["members"][0] - 1][1:]]
    assert centre == top["centre"]
    counted = sum(tuple(r[1:]) in inside and top["start"] <= r[0] <= top["end"] for r in rows)
    assert counted == top["observed"]


def test_two_files_joined_by_name_equal_the_library(capsys, tmp_path, events):
    place, day, x, y = events
    cases = write(tmp_path / "cases.csv", "name,day,n", ((f"p{p}", d, 2) for p, d in zip(place, day, strict=True)))
    # One place more, without cases: it is a centre too.
    where = write(tmp_path / "where.csv", "name,e,n", [*((f"p{i}", x[i], y[i]) for i in range(12)), ("far", 9e6, 0)])
    result = told(
        capsys,
        "--cases",
        cases,
        "--locations",
        where,
        "--id",
        "name",
        "--x",
        "e",
        "--y",
        "n",
        "--date",
        "day",
        "--count",
        "n",
        "--max-radius",
        900,
        "--replicates",
        19,
        "--seed",
        2,
    )
    direct = permutation_scan(
        [*x, 9e6],
        [*y, 0],
        day,
        place=place,
        count=np.full(150, 2),
        options=Options(max_radius=900, replicates=19, seed=2),
    )
    assert result["locations"] == 13
    assert [c["statistic"] for c in result["clusters"]] == [c.statistic for c in direct.clusters]
    assert result["clusters"][0]["members"] == [f"p{m}" for m in direct.clusters[0].members]
    assert result["clusters"][0]["recurrence_interval_days"] is None
    # Day numbers come back as day numbers.
    assert result["clusters"][0]["start"] == direct.clusters[0].start


def test_poisson_by_population_in_either_file(capsys, tmp_path, events):
    place, day, x, y = events
    people = np.arange(12) * 10 + 5
    rows = zip(place, day, strict=True)
    cases = write(tmp_path / "cases.csv", "name,day", ((f"p{p}", d) for p, d in rows))
    where = write(tmp_path / "where.csv", "name,x,y,people", ((f"p{i}", x[i], y[i], people[i]) for i in range(12)))
    two = told(
        capsys,
        "--cases",
        cases,
        "--locations",
        where,
        "--id",
        "name",
        "--population",
        "people",
        "--max-radius",
        900,
        "--replicates",
        19,
    )
    direct = poisson_scan(
        x,
        y,
        count=np.ones(150, int),
        place=place,
        expected=people,
        expected_place=np.arange(12),
        options=Options(max_radius=900, replicates=19),
    )
    assert two["model"] == "poisson"
    assert [c["statistic"] for c in two["clusters"]] == [c.statistic for c in direct.clusters]
    assert two["clusters"][0]["start"] is None
    # One file, one row a place.
    counts = np.bincount(place, minlength=12)
    one = write(tmp_path / "one.csv", "x,y,n,people", zip(x, y, counts, people, strict=True))
    single = told(capsys, one, "--count", "n", "--population", "people", "--max-radius", 900, "--replicates", 19)
    assert [c["statistic"] for c in single["clusters"]] == pytest.approx([c.statistic for c in direct.clusters])
    # One file of dated cases, the population repeated on each row of a place.
    dated = write(
        tmp_path / "dated.csv",
        "x,y,day,people",
        ((x[p], y[p], d, people[p]) for p, d in zip(place, day, strict=True)),
    )
    timed = told(capsys, dated, "--date", "day", "--population", "people", "--replicates", 9, "--max-days", 5)
    again = told(
        capsys,
        "--cases",
        cases,
        "--locations",
        where,
        "--id",
        "name",
        "--population",
        "people",
        "--date",
        "day",
        "--replicates",
        9,
        "--max-days",
        5,
    )
    assert [c["statistic"] for c in timed["clusters"]] == pytest.approx([c["statistic"] for c in again["clusters"]])


def test_expected_by_place_and_day(capsys, tmp_path):
    rng = np.random.default_rng(5)
    place, day = np.repeat(np.arange(6), 8), np.tile(np.arange(8), 6)
    mean, count = rng.random(48) + 0.5, rng.poisson(1.5, 48)
    path = write(tmp_path / "panel.csv", "x,y,day,n,e", zip(place, place * 0, day, count, mean, strict=True))
    result = told(
        capsys,
        path,
        "--date",
        "day",
        "--count",
        "n",
        "--expected",
        "e",
        "--max-radius",
        1,
        "--replicates",
        9,
        "--prospective",
    )
    direct = poisson_scan(
        place,
        place * 0,
        count=count,
        day=day,
        expected=mean,
        expected_day=day,
        expected_place=np.arange(48),
        prospective=True,
        options=Options(max_radius=1, replicates=9),
    )
    assert [c["statistic"] for c in result["clusters"]] == [c.statistic for c in direct.clusters]
    panel = told(
        capsys,
        path,
        "--date",
        "day",
        "--count",
        "n",
        "--population",
        "e",
        "--max-radius",
        1,
        "--replicates",
        9,
        "--prospective",
    )
    assert [c["statistic"] for c in panel["clusters"]] == [c["statistic"] for c in result["clusters"]]


def test_bernoulli_in_degrees_and_controls_in_either_file(capsys, tmp_path, events):
    place, _, x, y = events
    lon, lat = 16.5 + x / 50_000, 59.3 + y / 100_000
    case = np.arange(150) % 3 == 0
    one = write(
        tmp_path / "one.csv",
        "lon,lat,case,control",
        ((lon[p], lat[p], int(c), int(not c)) for p, c in zip(place, case, strict=True)),
    )
    direct = bernoulli_scan(
        lon[place],
        lat[place],
        count=case,
        controls=~case,
        options=Options(max_radius=1500, replicates=19, geographic=True),
    )
    common = ("--lon", "lon", "--lat", "lat", "--max-radius", 1500, "--replicates", 19)
    result = told(capsys, one, *common, "--count", "case", "--controls", "control")
    assert result["model"] == "bernoulli"
    assert [c["statistic"] for c in result["clusters"]] == [c.statistic for c in direct.clusters]
    cases = write(tmp_path / "cases.csv", "name", ((f"p{p}",) for p in place[case]))
    others = np.bincount(place[~case], minlength=12)
    where = write(
        tmp_path / "where.csv",
        "name,lon,lat,controls",
        ((f"p{i}", lon[i], lat[i], others[i]) for i in range(12)),
    )
    two = told(capsys, "--cases", cases, "--locations", where, "--id", "name", *common, "--controls", "controls")
    assert [c["statistic"] for c in two["clusters"]] == pytest.approx([c.statistic for c in direct.clusters])


def test_map_and_plot(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    common = (EVENTS, "--x", "east", "--y", "north", "--date", "day", "--prospective", "--max-radius", "1000")
    drawn, picture = tmp_path / "a.geojson", tmp_path / "a.svg"
    argv = ["clusters", *common, "--replicates", "9", "--map", str(drawn), "--crs", "EPSG:3006"]
    assert main([*argv, "--plot", str(picture)]) == 0
    features = json.loads(drawn.read_text())["features"]
    lon, lat = features[0]["geometry"]["coordinates"][0][0]
    assert 16 < lon < 17
    assert 59 < lat < 60
    assert features[0]["properties"]["rank"] == 1
    assert "60 places" in picture.read_text()


def test_refusals_say_what_to_do(capsys, tmp_path):
    path = write(tmp_path / "a.csv", "x,y,day,n", [(0, 0, 1, 1), (0, 0, 2, 2)])
    assert "--date" in refused(capsys, path)
    assert "both --cases" in refused(capsys, path, "--cases", path)
    assert "--id" in refused(capsys, "--cases", path, "--locations", path)
    assert "--lon and --lat" in refused(capsys, path, "--lon", "x", "--date", "day")
    assert "needs --controls" in refused(capsys, path, "--model", "bernoulli")
    assert "one of" in refused(capsys, path, "--population", "n", "--controls", "n")
    assert "--until" in refused(capsys, path, "--date", "day", "--until", "soon")
    write(path, "x,y,day,n", [(0, 0, 1, 1), (0, 0, 2, 2), (0, 0, 2, 3)])
    assert "differs between rows" in refused(capsys, path, "--date", "day", "--population", "n")
    assert "time needs dates" in refused(capsys, path, "--controls", "n", "--prospective")
    where = write(tmp_path / "w.csv", "id,x,y", [("a", 0, 0), ("a", 1, 0)])
    cases = write(tmp_path / "c.csv", "id,day", [("b", 1)])
    join = ("--cases", cases, "--locations", where, "--id", "id", "--date", "day")
    assert "two coordinates" in refused(capsys, *join)
    write(where, "id,x,y", [("a", 0, 0)])
    assert "'b' is not in" in refused(capsys, *join)


def test_from_and_until_leave_rows_out(capsys, tmp_path, events):
    place, day, x, y = events
    path = write(tmp_path / "a.csv", "x,y,day", ((x[p], y[p], d) for p, d in zip(place, day, strict=True)))
    common = (path, "--date", "day", "--max-radius", 900, "--replicates", 9)
    result = told(capsys, *common, "--from", 5, "--until", 30)
    kept = (day >= 5) & (day <= 30)
    direct = permutation_scan(
        x, y, day[kept], place=place[kept], first_day=5, last_day=30, options=Options(max_radius=900, replicates=9)
    )
    assert result["cases"] == kept.sum()
    assert (result["parameters"]["first_day"], result["parameters"]["last_day"]) == (5, 30)
    assert [c["statistic"] for c in result["clusters"]] == pytest.approx([c.statistic for c in direct.clusters])


def test_the_command_starts_without_django():
    code = (
        "import sys; from samverkan.cli.analyse import main;"
        f"assert main(['clusters', {str(ROOT / EVENTS)!r}, '--x', 'east', '--y', 'north', '--date', 'day',"
        "'--replicates', '9']) == 0; assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_the_package_comes_without_numba():
    code = (
        "import sys, samverkan.analysis, samverkan.analysis.scan, samverkan.analysis.emerging;"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
