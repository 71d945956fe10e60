"""Measure, and print what was measured with its sizes.

Without a name the benches are listed. Each is a program in the folder bench; what follows the name
is its own options.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
from pathlib import Path

from samverkan.cli import Failure, runtime

EXAMPLE = "samverkan bench demo\n  samverkan bench analysis --peers"

FOLDER = runtime.CHECKOUT / "bench"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which one."""
    parser.add_argument("name", nargs="?", help="the bench (without: list them)")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="the bench's own options")


def run(args: argparse.Namespace) -> int:
    """Run one bench as a program of its own, so that nothing else's memory is counted with it."""
    if args.name is None:
        for name, path in benches().items():
            print(f"{name:<16} {_first_line(path)}")
        return 0
    if args.name not in benches():
        raise Failure(f"There is no bench '{args.name}'. There are: {', '.join(benches())}.")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(runtime.SOURCE), str(runtime.CHECKOUT)])}
    return subprocess.run(
        [sys.executable, "-m", f"bench.{args.name}", *args.rest], cwd=runtime.CHECKOUT, env=environment, check=False
    ).returncode


def benches() -> dict[str, Path]:
    """Name → program, for every bench."""
    modules = {path.stem: path for path in FOLDER.glob("[!_]*.py")}
    packages = {path.parent.name: path.with_name("__init__.py") for path in FOLDER.glob("*/__main__.py")}
    return dict(sorted((modules | packages).items()))


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
