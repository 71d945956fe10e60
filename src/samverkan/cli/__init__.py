"""The command ``samverkan``: one program with subcommands.

Each command is a module beside this one with ``add_arguments(parser)``, ``run(args) -> int`` and
``EXAMPLE``. It is imported only when chosen, so that ``analyse`` never pays for Django and
``help`` pays for nothing.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "start a demonstration with invented people and data on this computer"),
    "serve": ("serve", "run the web server"),
    "worker": ("worker", "run the jobs that wait in the queue"),
    "import": ("import_", "read incidents, areas or places from files"),
    "fetch": ("fetch", "fetch from a source on the network, such as the police's event feed"),
    "picture": ("picture", "print or write the picture and the week"),
    "analyse": ("analyse", "analyse a CSV file: clusters, near repeats, hot spots and more"),
    "profile": ("profile", "write an empty profile for a municipality, or load one"),
    "invite": ("invite", "invite somebody by a private link, such as the first administrator"),
    "retention": ("retention", "dispose of what is due by the rules of retention"),
    "audit": ("audit", "verify that the change log and the locked weeks are what was sealed"),
    "backup": ("backup", "write the whole installation to one file"),
    "restore": ("restore", "read a backup into an empty installation"),
    "check": ("check", "tell what is well with the installation and what is not"),
    "manage": ("manage", "run one of Django's own commands"),
    "test": ("test", "run the tests"),
    "bench": ("bench", "measure, and print what was measured"),
}


class Failure(Exception):
    """Something the person at the keyboard can do something about; the message says what."""


def progress(total: int | None, label: str, unit: str = "it") -> Any:
    """A progress bar (``tqdm``) on standard error with update(n) and close(); silent when that is not a terminal."""
    from tqdm import tqdm

    return tqdm(total=total, desc=label, unit=unit, disable=not sys.stderr.isatty(), leave=False)


def _overview() -> str:
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name.ljust(width)}  {line}" for name, (_, line) in COMMANDS.items())
    return (
        "usage: samverkan COMMAND [options]\n\n"
        f"commands:\n{rows}\n\n"
        "samverkan COMMAND --help explains a command and gives an example.\n"
        "--data DIR (or SAMVERKAN_DATA) says which installation a command means; without it, .data in the checkout.\n"
        "It may stand anywhere, before the command's name too.\n\n"
        "example:\n  samverkan demo --port 8000"
    )


def parser_for(command: str) -> argparse.ArgumentParser:
    """The parser of one command, with its module's arguments and example."""
    module_name, line = COMMANDS[command]
    module = importlib.import_module(f"samverkan.cli.{module_name}")
    parser = argparse.ArgumentParser(
        prog=f"samverkan {command}",
        description=(module.__doc__ or line).strip(),
        epilog=f"example:\n  {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    return parser


#: Commands that know no installation.
WITHOUT_INSTALLATION = frozenset({"analyse", "test", "bench"})


def _take_data(words: Sequence[str]) -> tuple[list[str], str | None]:
    """The words without ``--data DIR``, and DIR. It may stand before or after a command's name, or anywhere later."""
    left, found = [], None
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name != "--data":
            left.append(word)
            continue
        given = value if equals else next(rest, "")
        if not given or given.startswith("--"):
            raise WrongCall("--data must be followed by the installation's folder.")
        if found not in {None, given}:
            raise WrongCall(f"--data names two folders, {found} and {given}. Name one.")
        found = given
    return left, found


class WrongCall(Exception):
    """A command that is not written as it must be; the message says how."""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments of a call. Raises WrongCall; argparse itself ends with status 2."""
    ahead = argv[2:] if argv[0] == "--data" else argv[1:] if argv[0].startswith("--data=") else argv
    command = ahead[0] if ahead else ""
    if command not in COMMANDS:
        raise WrongCall(f"There is no command '{command}'. samverkan help lists them.")
    if command in WITHOUT_INSTALLATION:
        if ahead is not argv:
            raise WrongCall(f"samverkan {command} uses no installation. Leave --data out.")
        return parser_for(command).parse_args(argv[1:])
    words, data = _take_data(argv)
    args = parser_for(command).parse_args(words[1:])
    args.data = Path(data) if data else None
    return args


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit status: 0 well, 1 refused or failed, 2 wrongly called."""
    if not argv or argv[0] in {"help", "-h", "--help"}:
        if len(argv) > 1 and argv[0] == "help" and argv[1] in COMMANDS:
            parser_for(argv[1]).print_help()
        else:
            print(_overview())
        return 0
    try:
        args = parse(argv)
    except WrongCall as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if hasattr(args, "data"):
        os.umask(0o077)  # what is written of an installation is for its owner only, whatever the shell's umask is
    try:
        return int(args.run(args))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
