"""Lays out every template of pages in the same way: one tag a line, at most 120 signs, and what it renders unchanged.

``python tools/templates.py`` writes them anew; ``--check`` lists those that are not so, and lines that are too
long. A repository test asks the same.

A line is broken only where white space means nothing or stands already: beside tags of blocks (``<p>``, ``<td>``),
in text where there is a space, between attributes, and beside Django's tags where what surrounds them allows it.
Never inside ``{% %}``, ``{{ }}``, quotes, ``<pre>``, ``<textarea>``, ``<script>``, ``<style>`` and comments. The
text of ``{% blocktranslate %}`` is broken with ``trimmed``, which gives the same message.

A block's tag begins its line. Anything else stays on one line where it fits, and is otherwise opened: what it holds
stands two spaces in, and its end on a line of its own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.layout.reading import Unreadable  # noqa: E402
from tools.layout.template import Template  # noqa: E402
from tools.layout.writing import LONGEST, laid_out  # noqa: E402

#: What may be longer, since it is one text that cannot be shorter: alone on its line, or all of an attribute.
ONE_TEXT = re.compile(r"""\s*([\w:-]+=")?\{% translate "[^"]*"( context "[^"]*")?( as \w+)? %\}"?""")


class Known(dict[str, Template]):
    """Templates by name, read when they are asked for."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__()
        self.paths = {str(path).rpartition("/templates/")[2]: path for path in paths}

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self and name in self.paths:
            self[name] = Template(self.paths[name].read_text("utf-8"), self)
        return super().get(name, default)


def paths() -> list[Path]:
    """Every template of a page, and those that a new room begins with."""
    folders = (ROOT / "src", ROOT / "tools" / "room")
    return sorted(path for folder in folders for path in folder.rglob("templates/**/*.html"))


def as_it_should_be(path: Path, known: Known) -> str:
    """The text of a template as it should stand."""
    try:
        return laid_out(Template(path.read_text("utf-8"), known))
    except ValueError as wrong:
        raise Unreadable(f"{path.relative_to(ROOT)}: {wrong}") from wrong


def too_long(path: Path) -> list[str]:
    """The lines that are too long, and are not one text that cannot be shorter."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} signs: {line.strip()[:100]}"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > LONGEST and not ONE_TEXT.fullmatch(line)
    ]


def main(arguments: list[str]) -> int:
    """Write the templates anew, or with ``--check`` tell which are not as they should be."""
    found = paths()
    known = Known(found)
    wrong = []
    for path, text in {path: as_it_should_be(path, known) for path in found}.items():
        if text == path.read_text("utf-8"):
            continue
        if "--check" in arguments:
            wrong.append(f"{path.relative_to(ROOT)}: not as tools/templates.py lays it out")
        else:
            path.write_text(text, "utf-8")
    wrong += [line for path in found for line in too_long(path)]
    print(*wrong, sep="\n", end="\n" * bool(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
