"""The command: files in, JSON out, and clear words when something is wrong."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samverkan.cli.analyse import METHODS, _io, _svg, main

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "tests" / "data" / "analysis"


@pytest.fixture(autouse=True)
def _words_of_the_command() -> Iterator[None]:
    """The command runs without Django and says what it says in English; so also here, where Django is up."""
    from django.utils.translation import override

    with override("en"):
        yield


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def make(text: str, name: str = "in.csv", encoding: str = "utf-8") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return str(path)

    return make


def output(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_commas_semicolons_and_marks_are_understood(write: Any) -> None:
    plain = _io.read_csv([write("x,y\n1.5,2\n")], {"x": "x", "y": "y"})
    excel = _io.read_csv([write("\ufeffx;y\r\n1,5;2\r\n\r\n")], {"x": "x", "y": "y"})
    tabs = _io.read_csv([write("y\tx\n2\t1,5\n")], {"x": "x", "y": "y"})
    for table in (plain, excel, tabs):
        assert (table["x"].tolist(), table["y"].tolist()) == ([1.5], [2.0])
    unicode = _io.read_csv([write("x\ty\n1,5\t2\n   \n", encoding="utf-16")], {"x": "x", "y": "y"})
    assert (unicode["x"].tolist(), unicode["y"].tolist()) == ([1.5], [2.0])
    swedish = _io.read_csv([write("plats\nÅrby\n", encoding="cp1252")], {"id": "plats"})
    assert swedish["id"].tolist() == ["Årby"]


def test_several_files_are_read_one_after_the_other(write: Any) -> None:
    paths = [write("a\n1\n2\n", "1.csv"), write("b,a\n0,3\n", "2.csv")]
    assert _io.read_csv(paths, {"x": "a"})["x"].tolist() == [1, 2, 3]


def test_dates_in_the_forms_people_write(write: Any) -> None:
    text = "d\n2026-03-29\n2026-3-5\n2026/03/29\n2026-03-29T23:59\n"
    days = _io.read_csv([write(text)], {"date": "d"})["date"]
    assert days.astype(str).tolist() == ["2026-03-29", "2026-03-05", "2026-03-29", "2026-03-29"]
    assert _io.read_csv([write("d\n20260329\n")], {"date": "d"})["date"].astype(str).tolist() == ["2026-03-29"]
    numbers = _io.read_csv([write("d\n7\n-3\n")], {"date": "d"})["date"]
    assert (numbers.dtype.kind, numbers.tolist()) == ("i", [7, -3])
    assert _io.day_label(7, numbers) == 7
    assert _io.day_label(20541, days) == "2026-03-29"


def test_times_with_and_without_zone_are_the_same_instant(write: Any) -> None:
    text = "t\n2026-07-01 12:00\n2026-07-01T10:00Z\n2026-07-01 12:00:00+02:00\n"
    times = _io.read_csv([write(text)], {"start": "t"}, zone="Europe/Stockholm")["start"]
    assert set(times.astype(str)) == {"2026-07-01T10:00:00"}
    with pytest.raises(_io.FileProblem, match=r"line 3.*--zone"):
        _io.read_csv([write(text)], {"start": "t"})


@pytest.mark.parametrize(
    ("text", "columns", "kinds", "words"),
    [
        ("x\n1\nabc\n", {"x": "x"}, {}, r"in\.csv, line 3, column 'x': 'abc' is not a number"),
        ("x\n1\n\n,5\n", {"x": "x"}, {}, r"line 4: .*2 fields"),
        ('x,y\n"a\nb",1\n2,x\n', {"y": "y"}, {}, r"line 4, column 'y'"),
        ("x\n1\nnan\n", {"x": "x"}, {}, r"line 3.*empty"),
        ("x\n1\n1e999\n", {"x": "x"}, {}, r"line 3.*1e999"),
        ("x,y\n1,\n", {"y": "y"}, {}, r"line 2, column 'y'"),
        ("n\n1.5\n", {"n": "n"}, {"n": "count"}, r"line 2.*whole number"),
        ("n\n-1\n", {"n": "n"}, {"n": "count"}, r"line 2.*whole number"),
        ("d\n2026-02-30\n", {"date": "d"}, {}, r"line 2.*not a date"),
        ("t\n2026-02-03 25:00\n", {"start": "t"}, {}, r"line 2.*25:00.*not a time of day"),
        ("a,b\n1,2\n", {"x": "lon"}, {}, r"line 1: there is no column 'lon'.*'a', 'b'"),
        ("", {"x": "x"}, {}, r"is empty"),
        ("x\n1\n1_000\n", {"x": "x"}, {}, r"line 3, column 'x': '1_000' is not a number"),
        ("d\n7\n99999999999999999999\n", {"date": "d"}, {}, r"line 3, column 'd'.*not a date or a day number"),
        ("x,x\n1,2\n", {"x": "x"}, {}, r"in\.csv: .*“x”"),
        ("x\n1\n\0\n", {"x": "x"}, {}, r"line 3: .*NUL"),
    ],
)
def test_mistakes_are_named_by_file_line_and_column(
    write: Any, text: str, columns: dict[str, str], kinds: dict[str, str], words: str
) -> None:
    with pytest.raises(_io.FileProblem, match=words):
        _io.read_csv([write(text)], columns, kinds)


def test_a_missing_file_and_a_mistake_end_with_two(write: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rhythm", "nowhere.csv", "--start", "t"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err
    assert main(["concentration", write("n\n-4\n"), "--count", "n"]) == 2
    assert "line 2, column 'n'" in capsys.readouterr().err
    assert main(["forecast-accuracy", write("p,o\n1,1\n"), "--predicted", "p", "--observed", "o", "--level", "9"]) == 2
    assert "level" in capsys.readouterr().err


def test_every_method_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for method in METHODS:
        with pytest.raises(SystemExit) as left:
            main([method, "--help"])
        assert left.value.code == 0
        assert f"samverkan analyse {method}" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        main(["guess"])
    assert left.value.code == 2


def test_json_is_exact_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output(capsys, "rhythm", str(DATA / "rhythm_spans.csv"), "--start", "from", "--end", "to")
    weights = np.array(shown["weights"])
    assert weights.shape == (7, 24)
    assert weights.sum() == pytest.approx(shown["events"], rel=1e-13)
    assert _io.jsonable({"a": np.float64("inf"), "b": np.arange(2), "c": np.datetime64("2026-01-02")}) == {
        "a": None,
        "b": [0, 1],
        "c": "2026-01-02",
    }
    assert json.loads(json.dumps(_io.jsonable(np.array([0.1 + 0.2])))) == [0.1 + 0.2]


AREAS = str(DATA / "evaluate_areas.csv")


@pytest.mark.parametrize(
    ("words", "own"),
    [
        (["wdd", AREAS], {"local", "displacement"}),
        (["wdd", AREAS, "--kind", "kind", "--harm", "weight"], {"local", "displacement"}),
        (["wdd", "--treated", "30,20", "--control", "30,29", "--sizes", "1,2"], {"local", "displacement"}),
        (["wdq", AREAS], {"success", "total_net_effect", "meaningful", "meaning"}),
        (["e-test", AREAS], {"ratio", "rates"}),
        (["did", AREAS], {"irr", "irr_interval"}),
        (
            [
                "did",
                str(DATA / "evaluate_panel.csv"),
                "--unit",
                "area",
                "--period",
                "month",
                "--treatment",
                "treated",
                "--outcome",
                "events",
                "--model",
                "ols",
            ],
            {"se_model", "clusters", "p_permutation"},
        ),
        (["its", str(DATA / "evaluate_months.csv"), "--count", "events", "--change", "46"], {"rate_ratio", "fitted"}),
        (
            ["burst", str(DATA / "evaluate_burst.csv"), "--first", "2026-01-01", "--last", "2026-06-30"],
            {"start", "end", "p_naus"},
        ),
    ],
)
def test_every_evaluation_has_the_five_figures(
    capsys: pytest.CaptureFixture[str], words: list[str], own: set[str]
) -> None:
    shown = output(capsys, "evaluate", *words)
    assert {"estimate", "se", "z", "p_value", "interval", "parameters", "warnings"} | own <= set(shown)
    assert len(shown["interval"]) == 2


def test_the_change_is_a_date_or_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    months = str(DATA / "evaluate_months.csv")
    by_row = output(capsys, "evaluate", "its", months, "--count", "events", "--change", "46")
    by_date = output(
        capsys, "evaluate", "its", months, "--date", "month", "--count", "events", "--change", "2023-10-01"
    )
    assert by_row["estimate"] == by_date["estimate"]
    assert by_row["parameters"]["change"] == 45


def test_dates_of_a_burst_are_dates(capsys: pytest.CaptureFixture[str]) -> None:
    burst = str(DATA / "evaluate_burst.csv")
    shown = output(capsys, "evaluate", "burst", burst, "--first", "2026-01-01", "--last", "2026-06-30")
    assert (shown["start"], shown["end"]) == ("2026-03-02", "2026-03-08")
    assert shown["parameters"]["first"] == "2026-01-01"


@pytest.mark.parametrize(
    "words",
    [
        ["rhythm", str(DATA / "rhythm_spans.csv"), "--start", "from"],
        ["rhythm", str(DATA / "evaluate_burst.csv"), "--profile", "month", "--date", "date"],
        ["concentration", str(DATA / "concentration_streets.csv"), "--count", "events"],
        ["forecast-accuracy", str(DATA / "forecast_cells.csv"), "--predicted", "forecast", "--observed", "events"],
        ["evaluate", "its", str(DATA / "evaluate_months.csv"), "--count", "events", "--change", "46"],
        ["evaluate", "burst", str(DATA / "evaluate_burst.csv")],
    ],
)
def test_plots_are_drawings_and_pictures(words: list[str], tmp_path: Path) -> None:
    import xml.etree.ElementTree as ET

    assert main([*words, "--plot", str(tmp_path / "a.svg")]) == 0
    tree = ET.parse(tmp_path / "a.svg")
    assert tree.getroot().find("{http://www.w3.org/2000/svg}title") is not None
    assert not any("style" in e.attrib or e.tag.endswith(("style", "script")) for e in tree.iter())
    assert main([*words, "--plot", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_plot_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(_io.FileProblem, match="svg or"):
        _io.write_plot(tmp_path / "a.gif", _svg.heatmap(np.ones((1, 1)), ["a"], ["b"], "c"))


def test_metres_north_are_written_out_on_a_plot() -> None:
    drawn = str(_svg.Axes("a", x=(581_000, 586_000), y=(6_580_000, 6_586_000)))
    assert ">6582000<" in drawn and "e+" not in drawn


def test_maps_are_converted(tmp_path: Path) -> None:
    path = tmp_path / "m.geojson"
    square = _io.polygon([(584900, 6580800), (585100, 6580800), (585100, 6581000)])
    _io.write_map(path, [(_io.point(585000, 6580900), {"n": np.int64(3)}), (square, {})], crs="EPSG:3006")
    first, second = json.loads(path.read_text())["features"]
    assert first["geometry"]["coordinates"] == pytest.approx([16.51, 59.36], abs=0.02)
    assert first["properties"] == {"n": 3}
    ring = second["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    with pytest.raises(_io.FileProblem, match="EPSG"):
        _io.write_map(path, [], crs="nonsense")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(_io.FileProblem, match="cannot be written"):
        _io.write_whole(tmp_path / "missing" / "a.json", "x")
    _io.write_whole(tmp_path / "a.json", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_brings_no_django_and_the_package_no_numba() -> None:
    code = (
        "import sys; import samverkan.analysis, samverkan.analysis.rhythm, samverkan.analysis.evaluate;"
        "import samverkan.cli.analyse as a; assert 'numba' not in sys.modules, 'numba';"
        f"a.main(['rhythm', {str(DATA / 'rhythm_spans.csv')!r}, '--start', 'from', '--json']);"
        "assert 'django' not in sys.modules, 'django'"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


def test_kernels_are_kept_in_a_folder_that_can_be_written(tmp_path: Path) -> None:
    code = "import os, samverkan.cli.analyse as a; a._writable_kernel_cache(); print(os.environ['NUMBA_CACHE_DIR'])"
    bare = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | {"PYTHONPATH": str(ROOT / "src")}
    for cache in (str(tmp_path), "/proc/nowhere"):
        run = [sys.executable, "-c", code]
        done = subprocess.run(run, env=bare | {"XDG_CACHE_HOME": cache}, capture_output=True, text=True, check=True)
        assert os.access(done.stdout.strip(), os.W_OK)
    assert python(code, NUMBA_CACHE_DIR="/as/it/was").stdout.strip() == "/as/it/was"


def test_kernels_compiled_from_other_sources_are_not_used(tmp_path: Path) -> None:
    source = ROOT / "src" / "samverkan" / "analysis"
    copy = tmp_path / "src" / "samverkan" / "analysis"
    copy.mkdir(parents=True)
    for file in source.glob("*.py"):
        (copy / file.name).write_bytes(file.read_bytes())
    (copy.parent / "__init__.py").touch()
    code = (
        "from samverkan.analysis._kernels_rhythm import aoristic; import numpy as np;"
        "aoristic(*[np.zeros(n, 'i8') for n in (1, 1, 0, 1)], np.zeros(168), np.zeros(168), np.zeros(4, 'i8'))"
    )
    cache = tmp_path / "cache"
    folders = []
    for _ in range(2):
        env = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "NUMBA_CACHE_DIR": str(cache)}
        subprocess.run([sys.executable, "-c", code], env=env, check=True)
        folders.append({folder.name for folder in cache.iterdir()})
        # What is built into a kernel stands in another file, which numba itself does not look at.
        with (copy / "_kernels_random.py").open("a") as changed:
            changed.write("\n")
    assert [len(found) for found in folders] == [1, 2]


def test_ctrl_c_stops_cleanly(tmp_path: Path) -> None:
    target = tmp_path / "out.svg"
    words = ["concentration", str(DATA / "concentration_streets.csv"), "--count", "events", "--plot", str(target)]
    code = f"import sys, samverkan.cli.analyse as a; print('up', flush=True); sys.exit(a.main({words!r} + ['--replicates', '100000000']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    try:
        _, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in error
    assert "Stopped" in error
    assert not target.exists()


def test_a_heat_map_has_room_for_its_names_and_its_title() -> None:
    import xml.etree.ElementTree as ET

    columns = ["[0, 7)", "[7, 14)", "[14, 28)", "[28, inf)"]
    title = "215 events: observed pairs as a share of expected, metres by days"
    text = _svg.heatmap(np.array([[13.7, 0, 0, 1.0]]), ["same place"], columns, title)
    root = ET.fromstring(text)
    placed = [(float(t.get("x", "0")), t.text) for t in root.iter("{http://www.w3.org/2000/svg}text")]
    middles = [x for x, words in placed if words in columns]
    assert len(middles) == 4
    # Twelve-pixel letters are about seven wide.
    assert all(b - a > 7 * len("[28, inf)") for a, b in itertools.pairwise(middles))
    assert float(root.get("width", "0")) > 16 + 7 * len(title)
    assert "13.7" in [words for _x, words in placed]
