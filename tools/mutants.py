"""Change the modules that hold rules, one small change at a time, and see that a test fails each time.

    .venv/bin/python tools/mutants.py                  every module of tests/mutants/rules.toml
    .venv/bin/python tools/mutants.py suppression      one of them
    .venv/bin/python tools/mutants.py --write          every module, and the table in docs/develop/tests.md;
                                                       with names only theirs, and the others' rows as last run

The last line says how many changes were tried and found. It fails below 90 %, and when a change that no test finds
is not in tests/mutants/survivors.toml with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RULES, SURVIVORS = ROOT / "tests" / "mutants" / "rules.toml", ROOT / "tests" / "mutants" / "survivors.toml"
REPORTS = ROOT / "build" / "reports" / "mutants"
PAGE = ROOT / "docs" / "develop" / "tests.md"
BEGIN, END = "<!-- the table of tools/mutants.py --write begins -->", "<!-- and ends -->"
#: Of a hundred changes so many must be found.
LEVEL = 90

Change = tuple[str, str, str, str]


@dataclass(frozen=True)
class Module:
    """One entry of rules.toml."""

    name: str
    files: list[str]
    tests: list[str]
    #: Why it is tried only when it is named; the last line says that it was not.
    waits: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a module. ``broken`` is what was said when its tests did not even run."""

    module: Module
    tried: list[dict[str, Any]]
    seconds: float = 0
    broken: str = ""

    @property
    def killed(self) -> int:
        return sum(bool(mutant["killed"]) for mutant in self.tried)

    def left(self) -> list[Change]:
        """The changes that no test found."""
        return [_change(mutant) for mutant in self.tried if not mutant["killed"]]


def _change(told: dict[str, Any]) -> Change:
    return told["file"], told["function"], told["was"], told["now"]


def modules() -> list[Module]:
    return [Module(name, **told) for name, told in tomllib.loads(RULES.read_text()).items()]


def reasons() -> dict[Change, str]:
    """The reviewed list: changes that no test can find, or none should, each with its reason."""
    listed = tomllib.loads(SURVIVORS.read_text()).get("survivor", [])
    return {_change(told): told["reason"] for told in listed}


def tried(module: Module) -> Outcome:
    """Run a module's tests over its mutants in a process of its own."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{module.name}.json"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-p", "tests.mutants.plugin", "-p", "no:cacheprovider", "-q", "-s"]
    command += ["--hypothesis-profile=mutants", "-m", "not browser and not long", f"--mutants-to={report}"]
    command += [*(f"--mutate={name}" for name in module.files), *module.tests]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode or not report.exists():
        return Outcome(module, [], broken=done.stdout[-6000:])
    return last(module)


def last(module: Module) -> Outcome:
    """What came of a module when it was last run here."""
    report = REPORTS / f"{module.name}.json"
    told = json.loads(report.read_text()) if report.exists() else {"mutants": [], "seconds": 0}
    return Outcome(module, told["mutants"], told["seconds"])


def line(outcome: Outcome, listed: dict[Change, str]) -> str:
    """One module in one line, and below it what is left without a reason."""
    left = outcome.left()
    without = [change for change in left if change not in listed]
    if outcome.broken:
        return f"{outcome.module.name}: its tests do not run\n{outcome.broken}"
    share = 100 * outcome.killed / max(1, len(outcome.tried))
    said = f"{outcome.module.name}: {outcome.killed} of {len(outcome.tried)} found ({share:.1f} %), {len(left)} left"
    said += f", {len(without)} of them without a reason" if without else ""
    return "\n".join([f"{said}, {outcome.seconds:.0f} s of computing", *map(_entry, without)])


def _entry(change: Change) -> str:
    """As it would stand in survivors.toml."""
    names = ("file", "function", "was", "now")
    keys = [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in zip(names, change, strict=True)]
    return "\n".join(["", "[[survivor]]", *keys, 'reason = ""'])


def table(outcomes: list[Outcome]) -> str:
    """The table of docs/develop/tests.md."""
    rows = [
        "| Module | Mutants | Found | Left, each listed with its reason | Found |",
        "| --- | --: | --: | --: | --: |",
    ]
    for name, some in [*((o.module.name, [o]) for o in outcomes), ("**together**", outcomes)]:
        number, found = sum(len(o.tried) for o in some), sum(o.killed for o in some)
        rows.append(f"| {name} | {number} | {found} | {number - found} | {100 * found / max(1, number):.1f} % |")
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="*", metavar="MODULE", help="modules of tests/mutants/rules.toml; otherwise all")
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 4), help="modules at the same time")
    parser.add_argument("--write", action="store_true", help="write the table in docs/develop/tests.md")
    args = parser.parse_args()
    every = modules()
    if unknown := set(args.only) - {module.name for module in every}:
        parser.error(f"{', '.join(sorted(unknown))}: not in {RULES.relative_to(ROOT)}.")
    chosen = [module for module in every if (module.name in args.only if args.only else not module.waits)]
    listed = reasons()
    outcomes = []
    with ThreadPoolExecutor(args.processes) as pool:
        for outcome in pool.map(tried, chosen):
            outcomes.append(outcome)
            print(line(outcome, listed), flush=True)
    left = [change for outcome in outcomes for change in outcome.left()]
    files = {name for module in chosen for name in module.files}
    for change in sorted(change for change in listed.keys() - set(left) if change[0] in files):
        print(f"listed in {SURVIVORS.relative_to(ROOT)}, but found or gone: {' | '.join(change)}")
    if args.write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(
            f"{before}{BEGIN}\n{table([last(module) for module in every if not module.waits])}\n{END}{rest.partition(END)[2]}"
        )
    number, killed = sum(len(o.tried) for o in outcomes), sum(o.killed for o in outcomes)
    without = sum(change not in listed for change in left)
    broken = [o.module.name for o in outcomes if o.broken]
    well = not broken and not without and 100 * killed >= LEVEL * number
    print(
        f"{'' if well else 'FAILED: '}{killed} of {number} mutants found ({100 * killed / max(1, number):.1f} %), "
        f"{len(left)} left, {without} of them without a reason"
        f"{'; tests that do not run: ' + ', '.join(broken) if broken else ''}; "
        + "; ".join(f"{o.module.name} {o.killed}/{len(o.tried)}" for o in outcomes)
        + "".join(f"; not tried: {module.name} ({module.waits})" for module in every if module.waits and not args.only)
    )
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
