"""Benchmarks of the analysis, each job in a fresh process of its own.

A module beside this one is a method. It has `cases() -> list[Case]` and
`first_call()`, which calls each function of the method once on next to
nothing, so that compiling and loading can be measured by themselves. One that puts
several methods together says `TOGETHER = True`, and its start is theirs.

    samverkan bench analysis                  every job and every start
    samverkan bench analysis near_repeat      one method
    samverkan bench analysis --peers --json   beside other tools, as JSON
    samverkan bench analysis --pictures docs/pictures --peers
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

_ROOT = Path(__file__).resolve().parent.parent.parent
# Below this a job is run a second time, and the second run counts: pages and caches are warm then.
_AGAIN_BELOW = 3.0
#: CPU seconds a first call may compile, a whole process from cache may take, and each further method may add.
COMPILE, PROCESS, FURTHER = 6.0, 3.0, 0.3
#: A permutation job of more seconds than the first must be faster on two workers by the second.
LONG, TWICE = 2.0, 1.7


@dataclass(frozen=True)
class Peer:
    """Another tool at the same job: either run here or a figure measured before.

    name: with version if fixed. run: called with what the case prepared, or what
    prepare makes of that outside the measurement. seconds: measured before, when
    it cannot be run here. note: where, or on what.
    """

    name: str
    run: Callable[[Any], Any] | None = None
    prepare: Callable[[Any], Any] | None = None
    seconds: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A job: `run(prepare())`, only run is measured.

    level: CPU seconds it must stay within; level_wall: wall seconds with two
    workers; level_mb: peak memory of the whole process. check: called with the result after the
    measurement, raises when it is wrong. two: the same job with two workers,
    measured in turn with run; its result must have the same p.
    """

    job: str
    size: str
    prepare: Callable[[], Any]
    run: Callable[[Any], Any]
    level: float | None = None
    level_wall: float | None = None
    level_mb: float | None = None
    peers: tuple[Peer, ...] = ()
    check: Callable[[Any], None] | None = None
    two: Callable[[Any], Any] | None = None


@dataclass
class Measured:
    """What one job took. error: instead of figures."""

    method: str
    job: str
    size: str
    who: str
    cpu: float | None = None
    wall: float | None = None
    peak_mb: float | None = None
    level: float | None = None
    level_wall: float | None = None
    level_mb: float | None = None
    ratio: float | None = None
    level_ratio: float | None = None
    note: str = ""
    error: str = ""

    @property
    def within(self) -> bool | None:
        """Whether every level of the job was met; None without a level."""
        pairs = ((self.cpu, self.level), (self.wall, self.level_wall), (self.peak_mb, self.level_mb))
        known = [value <= limit for value, limit in pairs if value is not None and limit is not None]
        if self.ratio is not None and self.level_ratio is not None:
            known.append(self.ratio >= self.level_ratio)
        return all(known) if known else None


@dataclass
class Start:
    """CPU seconds of a whole process that calls a method once.

    compile: with an empty cache of kernels; cached: with a full one; bare:
    Python and numpy alone; further: what it adds, with a full cache, to a
    process that has called another method. within: as for a job.
    """

    method: str
    compile: float
    cached: float
    bare: float
    further: float | None = None
    error: str = ""

    @property
    def within(self) -> bool | None:
        """Whether compiling, the whole process and a further method stay within their levels."""
        if self.error:
            return None
        return self.compile <= COMPILE and self.cached <= PROCESS and (self.further or 0.0) <= FURTHER


@dataclass
class Report:
    """Everything that was measured, and on what."""

    machine: dict[str, Any]
    jobs: list[Measured] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)


def methods() -> list[str]:
    """The methods that have benchmarks."""
    here = Path(__file__).parent
    return sorted(m.name for m in pkgutil.iter_modules([str(here)]) if not m.name.startswith("_"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `bench analysis`."""
    parser.add_argument("methods", nargs="*", metavar="METHOD", help=", ".join(methods()))
    parser.add_argument("--peers", action="store_true", help="also run other tools, where installed")
    parser.add_argument("--jobs", metavar="WORDS", help="only jobs whose name or size has these words")
    parser.add_argument("--no-starts", action="store_true", help="leave out compile and start times")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--pictures", metavar="FOLDER", help="instead: time against size as drawings, with --peers beside other tools"
    )


def run(args: argparse.Namespace) -> int:
    """Measure and print; 1 when a level was missed or a job failed."""
    wanted = args.methods or methods()
    unknown = sorted(set(wanted) - set(methods()))
    if unknown:
        print(f"No benchmarks for {', '.join(unknown)}; there are {', '.join(methods())}.", file=sys.stderr)
        return 2
    if args.pictures:
        from bench.analysis import _pictures

        return _pictures.draw(Path(args.pictures), args.methods, peers=args.peers)
    report = Report(machine=machine())
    with tempfile.TemporaryDirectory() as kernels:
        _measure_all(wanted, args, report, kernels)
        if not args.no_starts:
            _further(report.starts, kernels)
    if args.json:
        print(json.dumps(_plain(report), indent=1))
    else:
        _print(report)
    ours = [j for j in report.jobs if j.who == "samverkan"]
    missed = any(part.within is False or part.error for part in [*ours, *report.starts])
    return int(missed)


def _measure_all(wanted: list[str], args: argparse.Namespace, report: Report, kernels: str) -> None:
    for method in wanted:
        for index, case in enumerate(_cases(method)):
            if args.jobs and args.jobs.lower() not in f"{case.job} {case.size}".lower():
                continue
            report.jobs.append(_measure(method, index, case, None))
            _say(report.jobs[-1], args.json)
            if case.two is not None:
                report.jobs.append(_measure_two(method, index, case))
                _say(report.jobs[-1], args.json)
            for number, peer in enumerate(case.peers):
                if peer.run is None:
                    found = _blank(method, case, peer.name, note=peer.note or "measured before")
                    found.cpu = peer.seconds
                elif args.peers:
                    found = _measure(method, index, case, number)
                else:
                    continue
                report.jobs.append(found)
                _say(found, args.json)
        if not args.no_starts and not getattr(importlib.import_module(f"bench.analysis.{method}"), "TOGETHER", False):
            report.starts.append(_start(method, kernels))


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m bench.analysis …`."""
    parser = argparse.ArgumentParser(prog="samverkan bench analysis")
    add_arguments(parser)
    return run(parser.parse_args(argv))


def child(method: str, index: int, peer: int | None) -> dict[str, Any]:
    """Run one job in this process and tell what it took."""
    return timed(_cases(method)[index], method, peer)


def timed(case: Case, method: str, peer: int | None, runs: int = 2) -> dict[str, Any]:
    """What a case, or one of its peers, takes in this process: the best of the runs after the first, when it is short."""
    if peer is None:
        # Compiling and loading are measured by themselves (see _start), not as part of a job.
        importlib.import_module(f"bench.analysis.{method}").first_call()
    data, job = case.prepare(), case.run
    if peer is not None:
        other = case.peers[peer]
        if other.run is None:
            raise ValueError("this peer is not run here")
        data, job = data if other.prepare is None else other.prepare(data), other.run
    found = []
    for _ in range(runs):
        cpu, wall = _cpu(), time.perf_counter()
        result = job(data)
        found.append((_cpu() - cpu, time.perf_counter() - wall))
        if found[0][1] > _AGAIN_BELOW:
            break
    cpu, wall = min(found[1:] or found)
    peak = _peak_mb()
    if peer is None and case.check is not None:
        case.check(result)
    return {"cpu": cpu, "wall": wall, "peak_mb": peak}


def child_two(method: str, index: int) -> dict[str, Any]:
    """Run one job in this process with one worker and with two, in turn, twice."""
    case = _cases(method)[index]
    if case.two is None:
        raise ValueError("this job has no form for two workers")
    importlib.import_module(f"bench.analysis.{method}").first_call()
    data = case.prepare()
    walls: dict[Any, list[float]] = {case.run: [], case.two: []}
    cpus: dict[Any, list[float]] = {case.run: [], case.two: []}
    answers = []
    for job in (case.run, case.two) * 2:
        cpu, wall = _cpu(), time.perf_counter()
        answers.append(_p_values(job(data)))
        walls[job].append(time.perf_counter() - wall)
        cpus[job].append(_cpu() - cpu)
    if any(answer != answers[0] for answer in answers):
        raise AssertionError("two workers give another p than one")
    alone, both = min(walls[case.run]), min(walls[case.two])
    return {"cpu": min(cpus[case.two]), "wall": both, "alone": alone, "peak_mb": _peak_mb()}


def _p_values(result: Any) -> str:
    """Every digit of the p of a result, or of each of its clusters."""
    return repr([np.asarray(part.p_value).tolist() for part in getattr(result, "clusters", [result])])


def _cases(method: str) -> list[Case]:
    return list(importlib.import_module(f"bench.analysis.{method}").cases())


def _blank(method: str, case: Case, who: str, note: str = "") -> Measured:
    found = Measured(method, case.job, case.size, who, note=note)
    if who == "samverkan":
        found.level, found.level_mb = case.level, case.level_mb
    return found


def _measure(method: str, index: int, case: Case, peer: int | None) -> Measured:
    who = "samverkan" if peer is None else case.peers[peer].name
    found = _blank(method, case, who)
    code = f"import json, bench.analysis as b; print(json.dumps(b.child({method!r}, {index}, {peer!r})))"
    done = python(code, dict(os.environ))
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        found.error = "not installed" if "ModuleNotFoundError" in last[0] else last[0]
        return found
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    found.cpu, found.wall, found.peak_mb = figures["cpu"], figures["wall"], figures["peak_mb"]
    return found


def _measure_two(method: str, index: int, case: Case) -> Measured:
    """The job with two workers, its note telling how many times faster it is than with one."""
    found = _blank(method, case, "samverkan")
    found.job, found.level, found.level_wall = f"{case.job}, 2 workers", None, case.level_wall
    done = python(f"import json, bench.analysis as b; print(json.dumps(b.child_two({method!r}, {index})))", os.environ)
    if done.returncode:
        found.error = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return found
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    found.cpu, found.wall, found.peak_mb = figures["cpu"], figures["wall"], figures["peak_mb"]
    found.ratio = figures["alone"] / figures["wall"]
    if figures["alone"] > LONG:
        found.level_ratio = TWICE
    found.note = f"{found.ratio:.2f} times faster than the {figures['alone']:.3g} s of one, same p"
    return found


def _start(method: str, kernels: str) -> Start:
    """Three whole processes: without kernels, with an empty cache, with a full one, which ``kernels`` gets a copy of."""
    tell = "import time; print(time.process_time())"
    call = f"import importlib; importlib.import_module('bench.analysis.{method}').first_call(); {tell}"
    figures = []
    with tempfile.TemporaryDirectory() as cache:
        env = {**os.environ, "NUMBA_CACHE_DIR": cache}
        for code in (f"import numpy; {tell}", call, call):
            done = python(code, env)
            if done.returncode:
                return Start(method, 0, 0, 0, error=(done.stderr.strip().splitlines() or ["no message"])[-1])
            figures.append(float(done.stdout.strip().splitlines()[-1]))
        shutil.copytree(cache, kernels, dirs_exist_ok=True)
    bare, cold, warm = figures
    return Start(method, compile=cold - warm, cached=warm, bare=bare)


def _further(starts: list[Start], kernels: str) -> None:
    """Two processes from a full cache that call every method, the second one beginning with the last."""
    sound = [start for start in starts if not start.error]
    if len(sound) < 2:
        return
    env = {**os.environ, "NUMBA_CACHE_DIR": kernels}
    for order in (sound, [sound[-1], *sound[:-1]]):
        names = [start.method for start in order]
        code = f"import json, bench.analysis as b; print(json.dumps(b.child_further({names!r})))"
        done = python(code, env)
        if done.returncode:
            order[-1].error = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return
        added = json.loads(done.stdout.strip().splitlines()[-1])
        for start in order[1:]:
            start.further = min(added[start.method], start.further or added[start.method])


def child_further(names: list[str]) -> dict[str, float]:
    """CPU seconds that each method's first call adds in this process."""
    added = {}
    for name in names:
        before = time.process_time()
        importlib.import_module(f"bench.analysis.{name}").first_call()
        added[name] = time.process_time() - before
    return added


def python(code: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    paths = [str(_ROOT / "src"), str(_ROOT), *filter(None, [env.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**env, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )


def _cpu() -> float:
    """CPU seconds of this process, its threads and the children it has waited for."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def _peak_mb() -> float:
    try:
        # Unlike getrusage this starts afresh with the program, whatever the parent used.
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def machine() -> dict[str, Any]:
    import platform
    from importlib.metadata import version

    model = ""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor()
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "numba": version("numba"),
    }


def _say(found: Measured, quiet: bool) -> None:
    """A sign of life while the rest is running."""
    if not quiet and sys.stderr.isatty():
        took = found.error or f"{found.cpu or 0:.3g} s"
        print(f"{found.job}, {found.size}: {found.who} {took}", file=sys.stderr)


def _plain(report: Report) -> dict[str, Any]:
    return {
        "machine": report.machine,
        "jobs": [asdict(j) | {"within": j.within} for j in report.jobs],
        "starts": [asdict(s) | {"within": s.within} for s in report.starts],
    }


def _print(report: Report) -> None:
    machine = report.machine
    print(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']:.1f}; "
        f"Python {machine['python']}, numpy {machine['numpy']}, numba {machine['numba']}"
    )
    rows = [["job", "size", "who", "CPU s", "wall s", "peak MB", "level", "", "note"]]
    for j in report.jobs:
        levels = ((j.level, " s"), (j.level_wall, " s wall"), (j.level_mb, " MB"))
        told = [f"{value:g}{unit}" for value, unit in levels if value is not None]
        if j.level_ratio is not None:
            told.append(f"{j.level_ratio:g} times")
        level = ", ".join(told)
        verdict = {True: "met", False: "MISSED", None: ""}[j.within]
        figures = [_figure(j.cpu), _figure(j.wall), "" if j.peak_mb is None else f"{j.peak_mb:.0f}"]
        rows.append([j.job, j.size, j.who, *figures, level, verdict, j.error or j.note])
    _table(rows)
    if report.starts:
        print()
        names = ["first call of", "compile s", "process s", "beyond numpy s", "as a further method s", "", "note"]
        levels = ["level", f"{COMPILE:g}", f"{PROCESS:g}", "", f"{FURTHER:g}", "", ""]
        rows = [names, levels]
        for s in report.starts:
            further = "" if s.further is None else f"{s.further:.2f}"
            verdict = {True: "met", False: "MISSED", None: ""}[s.within]
            figures = [f"{s.compile:.2f}", f"{s.cached:.2f}", f"{s.cached - s.bare:.2f}", further]
            rows.append([s.method, *figures, verdict, s.error])
        _table(rows)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def _table(rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
