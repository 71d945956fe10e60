"""Run the tests: style, import floors, types, the test suite, and with --all the rules' mutants.

With paths or options of pytest after the command only pytest is run, with those.
The last line says what ran, and what did not and why; the one before it how many attacks were tried.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from samverkan.cli import runtime

EXAMPLE = "samverkan test\n  samverkan test --all\n  samverkan test tests/unit -k suppression"

ROOT = runtime.CHECKOUT
REPORTS = ROOT / "build" / "reports"


@dataclass
class Lane:
    """One part of the suite and how it went."""

    name: str
    command: list[str]
    report: Path | None = None
    seconds: float = 0.0
    #: Its words are shown as they come, and not only when it fails.
    shown: bool = False
    failed: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much."""
    parser.add_argument("--all", action="store_true", help="also the tests that take minutes")
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 4), help="processes for pytest")
    parser.add_argument("pytest", nargs=argparse.REMAINDER, metavar="…", help="paths and options for pytest alone")


def run(args: argparse.Namespace) -> int:
    """Run the lanes one after the other, all of them even when one fails."""
    runtime.compile_messages()
    REPORTS.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium()
    if args.pytest:
        return subprocess.run(_pytest(*args.pytest), cwd=ROOT, env=_environment(chromium), check=False).returncode
    lanes = _lanes(args)
    started = time.monotonic()
    for lane in lanes:
        _run(lane, chromium)
    if attacks := _attacks(lanes):
        print(f"\n{attacks}", flush=True)
    print(_summary(lanes, chromium, time.monotonic() - started), flush=True)
    return int(any(lane.failed for lane in lanes))


def find_chromium() -> str | None:
    """Debian's chromium, or the program that SAMVERKAN_CHROMIUM names. Root gets it installed."""
    named = os.environ.get("SAMVERKAN_CHROMIUM")
    if named:
        return named if shutil.which(named) else None
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    runtime.say("Installing chromium for the browser tests.")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            break
    return shutil.which("chromium")


def _environment(chromium: str | None) -> dict[str, str]:
    # No test may reach anybody's installation or depend on the caller's settings.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SAMVERKAN_", "DATABASE_URL"))}
    # What belongs to the tests themselves: without the folder of real data their comparisons would not run.
    names = ("REQUIRE_BROWSER", "TEST_FOLDER", "SHARED_DATA", "WRITE_MATRIX", "WRITE_QUERIES")
    own = [f"SAMVERKAN_{name}" for name in names]
    passed = {name: os.environ[name] for name in own if name in os.environ}
    found = {"SAMVERKAN_CHROMIUM": chromium} if chromium else {}
    return kept | passed | found | {"PYTHONPATH": str(runtime.SOURCE)}


def _pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def _lanes(args: argparse.Namespace) -> list[Lane]:
    binaries = Path(sys.executable).parent
    lanes = [
        Lane("style", [sys.executable, "-m", "ruff", "check", "--quiet", "."]),
        Lane("format", [sys.executable, "-m", "ruff", "format", "--check", "--quiet", "."]),
        Lane("floors", [str(binaries / "python"), "-c", _LINT_IMPORTS]),
        Lane("types", [sys.executable, "-m", "mypy", "--no-error-summary"]),
    ]
    only = [] if args.all else ["not long"]
    # Who has done its half takes over of another's, so that none idles while one has the heavy tests; the files
    # of the browser tests stay whole.
    for name, marks, dist in (("tests", "not browser", "worksteal"), ("browser", "browser", "loadfile")):
        extra = ["-n", str(args.processes), "--dist", dist] if args.processes > 1 else []
        report = REPORTS / f"{name}.xml"
        lanes.append(
            Lane(
                name,
                _pytest(
                    "-q", "-m", " and ".join([marks, *only]), f"--junitxml={report}", "-p", "no:cacheprovider", *extra
                ),
                report,
            )
        )
    if args.all:
        command = [sys.executable, "tools/mutants.py", "--processes", str(args.processes)]
        lanes.append(Lane("mutants", command, shown=True))
    return lanes


#: The program's own script has the environment's path in its first line, which may hold spaces.
_LINT_IMPORTS = (
    "import sys; from importlinter.cli import lint_imports_command;"
    "sys.argv = ['lint-imports', '--cache-dir', 'build/import-linter'];"
    "lint_imports_command()"
)


def _run(lane: Lane, chromium: str | None) -> None:
    print(f"\n{lane.name}", flush=True)
    started = time.monotonic()
    if lane.report is not None:
        lane.report.unlink(missing_ok=True)
    # The linters' words matter only when they complain; pytest shows how far it has come.
    said = subprocess.PIPE if lane.report is None and not lane.shown else None
    done = subprocess.run(
        lane.command,
        cwd=ROOT,
        env=_environment(chromium),
        stdout=said,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lane.seconds = time.monotonic() - started
    # pytest answers 5 when a lane has no tests, which is well for a selection.
    lane.failed = done.returncode not in ({0, 5} if lane.report else {0})
    if lane.failed and done.stdout:
        print(done.stdout, flush=True)
    if lane.report is not None and lane.report.exists():
        _count(lane, lane.report)
    print(f"{lane.name}: {'FAILED' if lane.failed else 'well'} in {lane.seconds:.0f} s", flush=True)


def _count(lane: Lane, report: Path) -> None:
    """Add up what a report of pytest tells: outcomes, why some did not run, and attacks that were refused."""
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own file
        outcome = next((child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed")
        lane.counts[outcome] += 1
        for noted in case.iter("property"):
            if outcome == "passed" and (noted.get("name") or "").startswith("tried "):
                lane.tried[(noted.get("name") or "")[6:]] += int(noted.get("value") or 0)
        if outcome == "skipped":
            skip = case.find("skipped")
            lane.skipped[(skip.get("message") or "no reason given") if skip is not None else ""] += 1


def _attacks(lanes: list[Lane]) -> str:
    """The line before the last; empty where none was tried."""
    tried = sum((lane.tried for lane in lanes), Counter[str]())
    kinds = ", ".join(f"{what} {number}" for what, number in sorted(tried.items()))
    return f"attacks tried and refused: {sum(tried.values())} ({kinds})" if tried else ""


def _summary(lanes: list[Lane], chromium: str | None, seconds: float) -> str:
    """The last line."""
    counts: Counter[str] = sum((lane.counts for lane in lanes), Counter())
    failed = [lane.name for lane in lanes if lane.failed]
    parts = [f"{counts['passed']} tests passed in {seconds / 60:.1f} minutes"]
    if failed:
        parts.insert(0, f"FAILED: {', '.join(failed)}")
        parts.append(f"{counts['failure'] + counts['error']} failed")
    skipped: Counter[str] = sum((lane.skipped for lane in lanes), Counter())
    parts += [f"{number} not run: {reason}" for reason, number in sorted(skipped.items())]
    if chromium is None and not any("chromium" in reason for reason in skipped):
        parts.append("browser tests need chromium: apt-get install chromium")
    return "; ".join(parts) + "."
