"""Puts the fragments in changes/ together into a version's part of CHANGELOG.md.

python tools/changelog.py                                      print what it would be
python tools/changelog.py --release 0.2.0 --date 2026-12-01    write it and remove the fragments
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Kind in a fragment's name → heading, in the order of the change log.
KINDS = {"security": "Security", "changed": "Changed", "added": "Added", "fixed": "Fixed", "removed": "Removed"}
_NAME = re.compile(rf"[a-z0-9]+(?:-[a-z0-9]+)*\.({'|'.join(KINDS)})\.md")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


class WrongFragment(ValueError):
    """A fragment cannot be used; the message says which and why."""


def fragments(root: Path = ROOT) -> list[Path]:
    """All fragments, sorted by name. Raises WrongFragment for the first that is no fragment."""
    found = []
    for path in sorted((root / "changes").iterdir()):
        if path.name == "README.md":
            continue
        if not _NAME.fullmatch(path.name):
            raise WrongFragment(
                f"changes/{path.name}: name it what-it-is.KIND.md, where KIND is one of {', '.join(KINDS)}."
            )
        text = path.read_text("utf-8").strip()
        if not text.endswith(".") or text.startswith(("#", "-", "*")) or "\n\n" in text:
            raise WrongFragment(
                f"changes/{path.name}: write whole sentences in one paragraph, without heading or list."
            )
        found.append(path)
    return found


def part(version: str, day: str, paths: list[Path]) -> str:
    """A version's part of the change log."""
    lines = [f"## {version}{f' – {day}' if day else ''}", ""]
    for kind, heading in KINDS.items():
        mine = [path for path in paths if path.name.endswith(f".{kind}.md")]
        if mine:
            lines += [f"### {heading}", "", *(f"- {' '.join(path.read_text('utf-8').split())}" for path in mine), ""]
    return "\n".join(lines)


def release(version: str, day: str, root: Path = ROOT) -> None:
    """Write the part above the earlier ones, and remove its fragments."""
    paths = fragments(root)
    log = root / "CHANGELOG.md"
    head, mark, earlier = log.read_text("utf-8").partition("\n## ")
    parts = [head.strip(), part(version, day, paths).strip(), *([f"## {earlier.strip()}"] if mark else [])]
    log.write_text("\n\n".join(parts) + "\n", "utf-8")
    for path in paths:
        path.unlink()


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a version. Write for example 0.2.0.")
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date. Write for example 2026-12-01.") from None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--release", type=_version, metavar="VERSION", help="write the part of this version")
    parser.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="the day of the release")
    args = parser.parse_args(arguments)
    if bool(args.release) != bool(args.date):
        parser.error("--release and --date go together")
    try:
        if args.release:
            release(args.release, args.date)
        else:
            print(part("Next version", "", fragments()), end="")
    except WrongFragment as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
