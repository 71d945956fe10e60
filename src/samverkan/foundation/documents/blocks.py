"""What a document is made of, whatever the file: plain data that PDF, Word and HTML each set in their way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG without style, with words for those who do not see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; ``note`` is small (method and limits), ``strong`` is to be seen, ``before`` belongs to what follows."""

    text: str
    style: str = "body"


@dataclass(frozen=True)
class Cell:
    text: str
    strong: bool = False
    drawing: Drawing | None = None


@dataclass(frozen=True)
class Column:
    """``share`` is the part of the width; 0 is as wide as the words."""

    label: str
    numeric: bool = False
    share: int = 0
    drawn: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under named columns; the first column heads its row, and the last row may be a sum."""

    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    total: bool = False
    small: bool = False


@dataclass(frozen=True)
class Figure:
    title: str
    drawing: Drawing


@dataclass(frozen=True)
class Item:
    title: str
    lines: list[str]


@dataclass(frozen=True)
class Items:
    """A list of things, each with a name and what is said of it."""

    items: list[Item]


@dataclass(frozen=True)
class Break:
    """What follows begins on a new page."""


Block = Heading | Text | Table | Figure | Items | Break


@dataclass(frozen=True)
class Document:
    """A whole document.

    Attributes
    ----------
    room : what stands over the title, such as the part of the program and the municipality.
    marks : tone and text of what must be seen at once, such as that the data are invented.
    foot : lines at the foot of every page: the state, and the fingerprint where there is one.
    at : the time it speaks of, which is also the file's.
    language : of the words; they are Swedish in Sweden unless said otherwise.
    """

    title: str
    room: str
    lead: str
    marks: list[tuple[str, str]]
    foot: list[str]
    at: datetime
    author: str
    description: str
    blocks: list[Block] = field(default_factory=list)
    language: str = "sv"
    region: str = "SE"
