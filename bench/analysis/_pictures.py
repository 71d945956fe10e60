"""Time against size, as drawings: each point a process of its own, both axes logarithmic."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.analysis import Case, Peer, machine, python, timed
from bench.analysis import density as density_bench
from bench.analysis import hotspots as hotspots_bench
from bench.analysis import mantel as mantel_bench
from bench.analysis import near_repeat as knox_bench
from bench.analysis import rhythm as rhythm_bench
from bench.analysis import scan as scan_bench

# A tool that needs longer than this at one size is not asked for the next.
_PATIENCE = 8.0


@dataclass(frozen=True)
class Picture:
    """One drawing. case: the job at a size. known: other tools' points (size, seconds) measured before."""

    method: str
    title: str
    unit: str
    sizes: tuple[int, ...]
    case: Callable[[int], Case]
    known: dict[str, tuple[tuple[float, float], ...]]


def _knox(n: int) -> Case:
    from samverkan.analysis.near_repeat import knox

    def run(events: Any) -> Any:
        return knox(*events, bands=[0, 200], days=[0, 14], closed="right")

    return Case(
        "",
        "",
        partial(knox_bench.scene, n),
        run,
        peers=(Peer("pointpats", knox_bench.pointpats_knox, knox_bench.warm),),
    )


def _mantel(n: int) -> Case:
    from samverkan.analysis.mantel import mantel

    return Case(
        "", "", partial(knox_bench.scene, n), lambda e: mantel(*e), peers=(Peer("pointpats", mantel_bench.pointpats),)
    )


def _hotspots(n: int) -> Case:
    from samverkan.analysis.hotspots import hotspots

    peer = Peer("esda", hotspots_bench.esda(999), hotspots_bench.weights)
    side = round(n**0.5)
    return Case(
        "", "", partial(hotspots_bench.counts, side), lambda data: hotspots(*data, replicates=999), peers=(peer,)
    )


def _density(n: int) -> Case:
    from samverkan.analysis.density import density

    box = (0.0, 0.0, density_bench.SIDE, density_bench.SIDE)

    def run(data: Any) -> Any:
        return density(*data, bandwidth=density_bench.BANDWIDTH, grid=(500, 500), bounds=box)

    return Case("", "", partial(density_bench.events, n), run, peers=(Peer("KDEpy", density_bench.kdepy),))


def _rhythm(n: int) -> Case:
    from samverkan.analysis.rhythm import aoristic

    return Case("", "", partial(rhythm_bench.spans, n, 24), lambda data: aoristic(*data, zone="Europe/Stockholm"))


# Windows of the three scans that SaTScan was measured at: places, days, cases, side, longest.
_SCANS = {
    209_062: (1000, 90, 5000, 10_000, 7),
    895_980: (1000, 365, 20_000, 10_000, 30),
    5_775_720: (5000, 365, 50_000, 20_000, 30),
}


def _scan(windows: int) -> Case:
    *how, longest = _SCANS[windows]
    return Case("", "", partial(scan_bench.data, *how), partial(scan_bench.permutation, longest=longest))


PICTURES = {
    "scan": Picture(
        "scan",
        "Emerging clusters: prospective permutation scan, 999 replicates",
        "windows",
        tuple(_SCANS),
        _scan,
        {"SaTScan 10.3.2": ((209_062, 0.82), (895_980, 3.5), (5_775_720, 39.7))},
    ),
    "knox": Picture(
        "near_repeat",
        "Near repeat: Knox in one band, 999 permutations",
        "events",
        (500, 1000, 2000, 5000, 20_000, 100_000),
        _knox,
        {"pointpats 2.5.5": ((5000, 26.9), (20_000, 400))},
    ),
    "mantel": Picture(
        "mantel",
        "Mantel with reciprocal distances, 999 permutations",
        "events",
        (250, 500, 1000, 2000, 5000),
        _mantel,
        {},
    ),
    "hotspots": Picture(
        "hotspots",
        "Hot spots: Gi* with 999 permutations",
        "cells",
        (400, 2500, 10_000, 40_000, 99_856),
        _hotspots,
        {"esda 2.9.0": ((10_000, 0.93), (99_856, 11.5))},
    ),
    "density": Picture(
        "density",
        "Density on 500 × 500 cells, no edge correction",
        "events",
        (1000, 10_000, 100_000, 1_000_000),
        _density,
        {"KDEpy 1.1.12": ((1_000_000, 0.165),), "spatstat 3.0-6": ((1_000_000, 2.18),)},
    ),
    "rhythm": Picture(
        "rhythm",
        "Hour by weekday from spans of up to a day",
        "spans",
        (1000, 10_000, 100_000, 1_000_000),
        _rhythm,
        {"crimepy": ((20_000, 1.93),)},
    ),
}


def draw(folder: Path, wanted: list[str], *, peers: bool) -> int:
    """Measure and write ``bench-<name>.svg`` for each picture, and print the points; 1 when a job of ours failed."""
    failed = False
    about = machine()
    foot = f"{about['processor']}, {about['cores']} cores, load {about['load']:.1f}; CPU seconds of one process"
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in PICTURES.items():
        if wanted and picture.method not in wanted:
            continue
        series = {"samverkan": _points(name, picture, None)}
        failed |= len(series["samverkan"]) < len(picture.sizes)
        if peers:
            others = picture.case(picture.sizes[0]).peers
            series |= {other.name: _points(name, picture, k) for k, other in enumerate(others)}
        series |= {f"{tool}, measured before": list(points) for tool, points in picture.known.items()}
        series = {tool: points for tool, points in series.items() if points}
        for tool, points in series.items():
            print(f"{name}: {tool}: " + ", ".join(f"{size:,.0f} {picture.unit} {s:.3g} s" for size, s in points))
        (folder / f"bench-{name}.svg").write_text(_drawing(picture, series, foot), encoding="utf-8")
    return int(failed)


def _points(name: str, picture: Picture, peer: int | None) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for size in picture.sizes:
        code = f"import json, bench.analysis._pictures as p; print(json.dumps(p.child({name!r}, {size}, {peer!r})))"
        done = python(code, dict(os.environ))
        if done.returncode:
            print(f"{name}, {size}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}", file=sys.stderr)
            break
        figures = json.loads(done.stdout.strip().splitlines()[-1])
        found.append((size, figures["cpu"]))
        if figures["cpu"] > _PATIENCE:
            break
    return found


def child(name: str, size: int, peer: int | None) -> dict[str, Any]:
    """One point, in this process."""
    picture = PICTURES[name]
    return timed(picture.case(size), picture.method, peer, runs=6)


def _drawing(picture: Picture, series: dict[str, list[tuple[float, float]]], foot: str) -> str:
    """Both axes in powers of ten; each tool's name at the end of its line."""
    from samverkan.cli.analyse import _svg

    sizes = [size for points in series.values() for size, _ in points]
    times = [seconds for points in series.values() for _, seconds in points]
    x0, x1 = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
    y0, y1 = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    left, top, width, height = 80.0, 64.0, 480.0, 280.0
    page = _svg.Drawing(760, 420, picture.title)
    page.text(16, 26, picture.title, size=15)
    page.text(16, 46, "seconds", size=11, fill=_svg.SUBTLE)

    def across(size: float) -> float:
        return left + width * (math.log10(size) - x0) / (x1 - x0)

    def up(seconds: float) -> float:
        return top + height * (1 - (math.log10(seconds) - y0) / max(1, y1 - y0))

    for power in range(y0, max(y1, y0 + 1) + 1):
        page.line(left, up(10.0**power), left + width, up(10.0**power))
        page.text(left - 8, up(10.0**power) + 4, f"{10.0**power:g}", anchor="end", size=11, fill=_svg.SUBTLE)
    for power in range(x0, x1 + 1):
        page.line(across(10.0**power), top, across(10.0**power), top + height)
        page.text(across(10.0**power), top + height + 18, f"{10**power:,}", anchor="middle", size=11, fill=_svg.SUBTLE)
    page.text(left + width, top + height + 36, picture.unit, anchor="end", size=11, fill=_svg.SUBTLE)
    page.text(16, 408, foot, size=11, fill=_svg.SUBTLE)
    colours = [_svg.ACCENT, _svg.ATTENTION, _svg.INK, _svg.SUBTLE]
    for (tool, points), colour in zip(series.items(), colours, strict=False):
        places = [(across(size), up(seconds)) for size, seconds in points]
        page.path(places, stroke=colour, dash="5 4" if "before" in tool else "")
        for (x, y), (size, seconds) in zip(places, points, strict=True):
            page.circle(x, y, 3.5, fill=colour, title=f"{tool}: {size:,.0f} {picture.unit} in {seconds:.3g} s")
        x, y = places[-1]
        name, _, when = tool.partition(", ")
        page.text(x + 8, y + 4, name, size=12, fill=colour)
        if when:
            page.text(x + 8, y + 18, when, size=11, fill=colour)
    return str(page)
