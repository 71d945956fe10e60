"""Finds every text of the interface and keeps each room's Swedish file complete.

``python tools/messages.py`` lists what lacks Swedish; ``--update`` adds empty entries to fill in and
drops entries that nothing uses. A repository test runs the same search.
"""

from __future__ import annotations

import io
import sys
from collections import defaultdict
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parents[1] / "src" / "samverkan"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "gettext_noop": None,
}

Message = tuple[str | None, str | tuple[str, str]]


def room_of(path: Path) -> Path:
    """The package whose locale folder holds the texts of a file."""
    parts = path.relative_to(SOURCE).parts
    if "locale" in parts:
        return SOURCE.joinpath(*parts[: parts.index("locale")])
    return SOURCE.joinpath(*parts[: 2 if parts[0] in {"foundation", "domain"} and len(parts) > 2 else 1])


def _python(code: str) -> list[Message]:
    found: list[Message] = []
    for _line, function, messages, _comments in extract_python(io.BytesIO(code.encode()), list(KEYWORDS), [], {}):
        spec = KEYWORDS[function]
        values = list(messages) if isinstance(messages, tuple | list) else [messages]
        context = values.pop(0) if spec and isinstance(spec[0], tuple) else None
        if not values or not isinstance(values[0], str):
            continue
        plural = bool(spec) and len([s for s in spec if not isinstance(s, tuple)]) == 2
        found.append(
            (
                context,
                (values[0], values[1]) if plural and len(values) > 1 and isinstance(values[1], str) else values[0],
            )
        )
    return found


def _template(text: str) -> list[Message]:
    from django.utils.translation.template import templatize

    # What is not translated stands there as signs that mean nothing, and its indentation means nothing either.
    return _python("\n".join(line.strip() for line in templatize(text).splitlines()))


def used() -> dict[Path, set[Message]]:
    """Every text in use, by room."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    result: dict[Path, set[Message]] = defaultdict(set)
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts and "analysis" not in path.relative_to(SOURCE).parts:
            messages = _python(path.read_text("utf-8"))
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            messages = _template(path.read_text("utf-8"))
        else:
            continue
        result[room_of(path)].update(m for m in messages if m[1] not in ("", ("", "")))
    return result


def catalogue(room: Path) -> Catalog:
    path = room / "locale" / "sv" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale="sv", project="Samverkan", version="1", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="sv")


def every_known() -> dict[tuple[str | None, str], object]:
    """All Swedish texts of all rooms: Django looks a text up in all of them."""
    known: dict[tuple[str | None, str], object] = {}
    for room in {room_of(p) for p in SOURCE.rglob("django.po")}:
        for message in catalogue(room):
            if (
                message.id
                and message.string
                and not message.fuzzy
                and (not isinstance(message.string, tuple) or all(message.string))
            ):
                known[(message.context, message.id if isinstance(message.id, str) else message.id[0])] = message.string
    return known


def missing() -> list[tuple[Path, Message]]:
    """Texts in use that have no Swedish in any room."""
    known = every_known()
    return [
        (room, message)
        for room, messages in sorted(used().items())
        for message in sorted(messages, key=str)
        if (message[0], message[1] if isinstance(message[1], str) else message[1][0]) not in known
    ]


def update(only: set[str]) -> None:
    """Add empty entries for what lacks Swedish; drop entries that nothing in the product uses."""
    everything = used()
    keys = {(c, m if isinstance(m, str) else m[0]) for messages in everything.values() for c, m in messages}
    lacking = defaultdict(list)
    for room, message in missing():
        lacking[room].append(message)
    for room in sorted(set(everything) | set(lacking)):
        if only and room.name not in only:
            continue
        current = catalogue(room)
        for message in list(current):
            # The texts of the libraries that sign people in are in the room of the web, and used by none of ours.
            if (
                message.id
                and room.name != "web"
                and (message.context, message.id if isinstance(message.id, str) else message.id[0]) not in keys
            ):
                current.delete(message.id, message.context)
        for context, message in lacking[room]:
            current.add(message, context=context)
        path = room / "locale" / "sv" / "LC_MESSAGES" / "django.po"
        if len(list(current)) > 1 or path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            current.header_comment = "# Swedish of Samverkan."
            with path.open("wb") as file:
                write_po(file, current, omit_header=False, no_location=True, width=120)


def main() -> int:
    arguments = sys.argv[1:]
    if "--update" in arguments:
        update({a for a in arguments if not a.startswith("-")})
    lacking = missing()
    for room, (context, message) in lacking:
        print(f"{room.relative_to(SOURCE)}: {context + ': ' if context else ''}{message}")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main())
