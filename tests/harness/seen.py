"""What is seen of a page: its tags and its texts, with white space as a browser collapses it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tools.layout.words import BLOCKS, BOXED, BOXES, DRAWN, ROWS, UNSEEN, VOID

_WHITE = re.compile(r"([ \t\n\r\f]+)")
_KEPT = {"pre", "textarea"}


def flat(html: str) -> str:
    """A page without the line breaks of its templates, to ask for an element with its text in one string."""
    html = re.sub(r"<[a-zA-Z][^>]*>", lambda tag: re.sub(r"\s*\n\s*", " ", tag[0]).replace(" >", ">"), html)
    return re.sub(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)", "", html)


def seen(html: str) -> tuple[list[object], list[object]]:
    """Tags and texts in order; and beside them what shows nothing where it stands (scripts, hidden fields)."""
    reader = _Seen()
    reader.feed(html)
    reader.close()
    reader.edge()
    return reader.items, reader.unseen


class _Seen(HTMLParser):
    """Goes through a page as its lines are laid out: a space is seen once, and not at the edge of a block."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[object] = []
        self.unseen: list[object] = []
        self.open: list[tuple[str, str, bool]] = []  # name, how it is laid out, if it lays out a row
        self.fresh = True  # nothing on the line yet
        self.space: int | None = None  # where a space is that nothing has followed

    def edge(self) -> None:
        """The line ends here."""
        if self.space is not None:
            self.items.pop(self.space)
        self.space, self.fresh = None, True

    def _ink(self, item: object) -> None:
        self.items.append(item)
        self.space, self.fresh = None, False

    def _kind(self, tag: str, classes: set[str]) -> str:
        if tag in BLOCKS | DRAWN | {"pre"} or (self.open and self.open[-1][2]):
            return "block"
        return "box" if tag in BOXES or classes & (BOXED | ROWS) else "line"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        classes = set((values.get("class") or "").split())
        if tag in UNSEEN or (tag == "input" and values.get("type") == "hidden"):
            self.unseen.append((tag, attrs))
            if tag not in VOID:
                self.open.append((tag, "unseen", False))
            return
        kind = self._kind(tag, classes)
        if kind == "block":
            self.edge()
        if tag in VOID:
            if kind == "block":
                self.items.append((tag, attrs))
            else:
                self._ink((tag, attrs))
            return
        if kind == "box":
            self._ink((tag, attrs))
        else:
            self.items.append((tag, attrs))
        if kind != "line":
            self.edge()
        self.open.append((tag, kind, bool(classes & ROWS)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not any(name == tag for name, _kind, _row in self.open):
            return
        while self.open:
            name, kind, _row = self.open.pop()
            if kind in {"block", "box"}:
                self.edge()
            if kind != "unseen":
                self.items.append("/" + name)
            if kind == "box":
                self.fresh = False
            if name == tag:
                return

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][1] == "unseen":
            if data.strip():
                self.unseen.append(data.strip())
            return
        if any(name in _KEPT for name, _kind, _row in self.open):
            self._ink(data)
            return
        for part in _WHITE.split(data):
            if not part:
                continue
            if not _WHITE.fullmatch(part):
                self._ink(part)
            elif not self.fresh and self.space is None:
                self.space = len(self.items)
                self.items.append(" ")
