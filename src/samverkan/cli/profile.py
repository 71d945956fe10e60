"""Write an empty municipality profile, check one, or load one into the installation.

A profile holds public facts only: organisations, groups and public services, by function and never
by name. What is known of Eskilstuna stands in src/samverkan/site/profiles.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from samverkan.cli import Failure, runtime

EXAMPLE = "samverkan profile new exempelby.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which file."""
    runtime.add_data_argument(parser)
    parser.add_argument("action", choices=("new", "check", "load"), help="write an empty profile, check one, load one")
    parser.add_argument("file", type=Path, metavar="FILE", help="the profile, a TOML file")


def run(args: argparse.Namespace) -> int:
    """Do it, and say what came of it."""
    if args.action == "new":
        return _new(args.file)
    if args.action == "check":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samverkan.site.settings")
        import django

        django.setup()
        return _tell(args.file, load=False)
    with runtime.installation(args):
        return _tell(args.file, load=True)


def _new(path: Path) -> int:
    from samverkan.site.profiles import TEMPLATE

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text("utf-8"))
    except FileExistsError:
        raise Failure(f"{path} exists already. Choose another name.") from None
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.") from error
    print(f"{path} is written. Fill it in, then: samverkan profile check {path}")
    return 0


def _tell(path: Path, *, load: bool) -> int:
    from samverkan.foundation.access import SYSTEM
    from samverkan.site.profiles.reading import WrongProfile, load_profile, read_profile

    try:
        profile = load_profile(path, actor=SYSTEM) if load else read_profile(path)
    except WrongProfile as wrong:
        raise Failure("\n".join(wrong.problems)) from wrong
    counts = (
        f"{1 + len(profile.organisations)} organisations, {len(profile.groups)} groups, "
        f"{len(profile.contacts)} contacts, {len(profile.settings)} settings"
    )
    print(f"{profile.municipality['name']}: {counts}{' loaded' if load else ', no problems'}.")
    return 0
