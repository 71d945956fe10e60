"""`samverkan analyse METHOD FILE…`: place analysis on plain CSV files.

No database and no Django: only the module of the chosen method is imported,
so that the command starts as fast as the method's own kernels allow.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

METHODS: dict[str, tuple[str, str]] = {
    "clusters": ("clusters", "is something starting somewhere: space-time and spatial scans"),
    "near-repeat": ("near_repeat", "does one event bring the next: Knox, Mantel, Jacquez"),
    "hotspots": ("hotspots", "where does it gather: Getis-Ord Gi and Gi*"),
    "density": ("density", "a density surface by kernel, cut and corrected at the border"),
    "rhythm": ("rhythm", "when does it happen: hour by weekday, also for events known as spans"),
    "concentration": ("concentration", "how few places have most of it: Lorenz, Gini, shares"),
    "evaluate": ("evaluate", "did it work: WDD, WDQ, E-test, difference in differences, series"),
    "forecast-accuracy": ("forecast_accuracy", "how good was a map made beforehand: PAI, PEI, RRI"),
}
EXAMPLE = "samverkan analyse rhythm tests/data/analysis/rhythm_spans.csv --start from --end to --json"
INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare METHOD and leave the rest of the line to the method's own parser."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "methods:\n"
        + "\n".join(f"  {name:18} {line}" for name, (_, line) in METHODS.items())
        + "\n\n'samverkan analyse METHOD --help' shows the options of a method.\n\n"
        + f"example:\n  {EXAMPLE}"
    )
    parser.add_argument("method", metavar="METHOD", choices=METHODS, help="one of the methods below")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="files and options")


def run(args: argparse.Namespace) -> int:
    """Run the chosen method; 0 when it went well, 2 for bad input, 130 when stopped."""
    return main([args.method, *args.rest])


def main(argv: Sequence[str]) -> int:
    """Run `METHOD …` as given on the command line, without the word analyse."""
    if not argv or argv[0] not in METHODS:
        outer = argparse.ArgumentParser(prog="samverkan analyse")
        add_arguments(outer)
        outer.parse_args(list(argv))  # prints the help or the error, and leaves
    name, line = METHODS[argv[0]]
    from samverkan.analysis.errors import BadInput
    from samverkan.cli.analyse._io import FileProblem

    try:
        _writable_kernel_cache()
        module = importlib.import_module(f"{__name__}.{name}")
        parser = argparse.ArgumentParser(
            prog=f"samverkan analyse {argv[0]}",
            description=line[0].upper() + line[1:] + ".",
            epilog=f"example:\n  {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.add_arguments(parser)
        args = parser.parse_args(list(argv[1:]))
        with warnings.catch_warnings(record=True) as noticed:
            # numpy's own words for 0/0 say nothing to whoever asked; the figures themselves are told as missing.
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", RuntimeWarning)
            code = int(module.run(args))
        if noticed:
            print(
                "Note: some figures could not be computed, mostly for want of events, and are given as missing.",
                file=sys.stderr,
            )
        return code
    except (BadInput, FileProblem) as problem:
        print(f"samverkan analyse {argv[0]}: {problem}", file=sys.stderr)
        return 2
    except MemoryError:
        print(f"samverkan analyse {argv[0]}: there is not memory enough for so much.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # Files are written whole at the very end, so there is nothing half-done to clean up.
        print("Stopped. Nothing was written.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe (head, less) went away: not an error of ours.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - Python flushes it while closing down
        return 0


def _writable_kernel_cache() -> None:
    """Let compiled kernels survive the process also where the package is read-only."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        base = Path(home) if home else Path.home() / ".cache"
        folder = base / "samverkan" / "kernels"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError):
        user = os.getuid() if hasattr(os, "getuid") else "user"
        folder = Path(tempfile.gettempdir()) / f"samverkan-kernels-{user}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
