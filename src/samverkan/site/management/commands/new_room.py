"""``samverkan manage new_room NAME``: the skeleton of a room, ready to be filled in."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from samverkan.site.new_room import Room, WrongName, write


class Command(BaseCommand):
    help = "Write the skeleton of a new room: docs/develop/add-a-room.md tells what to do with it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Names, English and Swedish."""
        parser.add_argument("name", help="the room's folder: one English word in the plural, such as forums")
        parser.add_argument(
            "--thing", help="what it keeps: one English word such as Forum; NAME without its s unless said"
        )
        parser.add_argument("--swedish", help="what the room is called in Swedish; NAME unless said")
        parser.add_argument("--swedish-thing", help="what it keeps is called in Swedish, in the singular")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, and say where."""
        name: str = options["name"]
        thing = options["thing"] or name.removesuffix("s").capitalize()
        swedish = options["swedish"] or name.capitalize()
        room = Room(name, thing, swedish, options["swedish_thing"] or thing.lower())
        try:
            written = write(room, settings.CHECKOUT)
        except WrongName as wrong:
            raise CommandError(str(wrong)) from wrong
        _in_order([str(path) for path in written if path.suffix == ".py"])
        for path in written:
            self.stdout.write(str(path.relative_to(settings.CHECKOUT)))


def _in_order(files: list[str]) -> None:
    """The names decide in which order imports stand and where lines break. Only a developer's checkout has ruff."""
    if find_spec("ruff"):
        for words in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
            subprocess.run([sys.executable, "-m", "ruff", *words, *files], cwd=settings.CHECKOUT, check=False)
