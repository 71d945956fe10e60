"""Writes the skeleton of a room from ``tools/room``, which is a small real room under names that stand for others.

What is edited outside the room's own folders is ``INSTALLED_APPS``, the contract of rooms, and the list of the guide's
chapters, nothing else.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.text import slugify


class WrongName(ValueError):
    """A name that no room can have; says why, and what to write instead."""


@dataclass(frozen=True)
class Room:
    """``name`` of the folder, ``thing`` of what it keeps (English, one word each), and both in Swedish."""

    name: str
    thing: str
    swedish: str
    swedish_thing: str

    def check(self, checkout: Path) -> None:
        """Raises WrongName."""
        if not re.fullmatch(r"[a-z][a-z0-9]{1,29}", self.name) or keyword.iskeyword(self.name):
            raise WrongName(f"'{self.name}' cannot name a folder of Python. Write one English word of small letters.")
        if not re.fullmatch(r"[A-Z][a-z0-9]{1,29}", self.thing) or keyword.iskeyword(self.thing.lower()):
            raise WrongName(f"'{self.thing}' cannot name a model. Write one English word that begins with a capital.")
        if self.thing.lower() == self.name:
            raise WrongName(f"The room and what it keeps are both called '{self.name}'. Name the room in the plural.")
        if not slugify(self.swedish) or not self.swedish_thing.strip() or '"' in self.swedish + self.swedish_thing:
            raise WrongName("Write what the room and the thing are called in Swedish, without quotes.")
        for path in (*self.folders(checkout), self.chapter(checkout)):
            if path.exists():
                raise WrongName(f"{path} is there already. Choose another name, or take it away.")

    def folders(self, checkout: Path) -> tuple[Path, Path]:
        """The room, and its tests."""
        return checkout / "src" / "samverkan" / "domain" / self.name, checkout / "tests" / "room" / self.name

    def chapter(self, checkout: Path) -> Path:
        """Its chapter of the guide."""
        return checkout / "docs" / "guide" / f"{self.name}.md"

    def named(self, text: str) -> str:
        """A text of the template with this room's names in it."""
        for there, here in (
            ("nyadress", slugify(self.swedish)),
            ("Nyttrum", self.swedish),
            ("Nysak", self.swedish_thing[:1].upper() + self.swedish_thing[1:]),
            ("newroom", self.name),
            ("Newroom", self.name.capitalize()),
            ("NEWTHING", self.thing.upper()),
            ("newthing", self.thing.lower()),
            ("Newthing", self.thing),
        ):
            text = text.replace(there, here)
        return text


def write(room: Room, checkout: Path) -> list[Path]:
    """Write the room and its tests, and put it in the house. Returns what was written and edited.

    Raises WrongName before anything is written.
    """
    room.check(checkout)
    edited = {checkout / path: edit(room, (checkout / path).read_text("utf-8")) for path, edit in _EDITS.items()}
    written = []
    for template, folder in zip(("room", "tests"), room.folders(checkout), strict=True):
        source = checkout / "tools" / "room" / template
        for path in sorted(p for p in source.rglob("*") if p.is_file() and p.suffix in {".py", ".html", ".po"}):
            target = folder / room.named(str(path.relative_to(source)))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(room.named(path.read_text("utf-8")), "utf-8")
            written.append(target)
    chapter = room.chapter(checkout)
    chapter.write_text(room.named((checkout / "tools" / "room" / "guide.md").read_text("utf-8")), "utf-8")
    written.append(chapter)
    for path, text in edited.items():
        path.write_text(text, "utf-8")
    return [*written, *edited]


def _in_settings(room: Room, text: str) -> str:
    """After the last room of ``INSTALLED_APPS``."""
    last = list(re.finditer(r'^    "samverkan\.domain\.\w+",\n', text, re.MULTILINE))[-1]
    return f'{text[: last.end()]}    "samverkan.domain.{room.name}",\n{text[last.end() :]}'


def _in_contract(room: Room, text: str) -> str:
    """To the right of all rooms: it may use them, and none uses it."""
    start = 'containers = ["samverkan.domain"]\nlayers = [\n'
    return text.replace(start, f'{start}  "({room.name})",\n')


def _in_guide(room: Room, text: str) -> str:
    """Before the chapter that every installation has of its people."""
    after = "- [People and settings](guide/people-and-settings.md)"
    return text.replace(
        after, f"- [{room.name.capitalize()}](guide/{room.name}.md): what is kept, and who sees it.\n{after}"
    )


_EDITS = {
    Path("src/samverkan/site/settings.py"): _in_settings,
    Path("pyproject.toml"): _in_contract,
    Path("docs/README.md"): _in_guide,
}
