"""Lays out what stands within one tag: attributes, and texts to translate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.layout.printing import NOTHING_THERE, Concat, Doc, Fill, Group, IfBroken, Indent, Line, Text
from tools.layout.words import HOLDING, WHITE


@dataclass
class Condition:
    """Attributes that stand where something holds: ``{% if … %} checked{% endif %}``."""

    parts: list[tuple[str, list[Attribute]]]
    closing: str


#: An attribute as written, or a condition; the first of a tag is its name.
Attribute = str | Condition
_PIECE = re.compile(r"""\{%.*?%\}|\{\{.*?\}\}|[ \t\n\r\f]+|["']|[^ \t\n\r\f"'{]+|.""", re.DOTALL)


def _pieces(text: str) -> Iterator[str]:
    """White space, Django's tags, values in quotes, and what else stands in a tag."""
    quoted, quote = "", ""
    for piece in _PIECE.findall(text):
        if quote or piece in ("'", '"'):
            quoted += piece
            if not quote:
                quote = piece
            elif piece == quote:
                yield quoted
                quoted, quote = "", ""
        else:
            yield piece


def _word(piece: str) -> str:
    return piece[2:-2].split()[0] if piece.startswith("{%") else ""


class Mixed(ValueError):
    """A tag whose attributes cannot be told apart: it stays as written."""


def _attributes(pieces: list[str], first: bool, begun: bool = True) -> list[Attribute]:
    """The attributes to the end of a tag, or to the end of a part of a condition, taken off ``pieces``.

    ``first``: the tag's name comes first, without space before it. ``begun``: white space stands before.
    """
    found: list[Attribute] = [""] if first else []
    spaced = begun and not first
    while pieces and not (_word(pieces[0]) in {"else", "elif", "empty"} or _word(pieces[0]).startswith("end")):
        piece = pieces.pop(0)
        if piece[0] in WHITE:
            spaced = True
        elif _word(piece) in HOLDING:
            found.append(_condition(piece, pieces, spaced))
            spaced = False
        elif spaced:
            found.append(piece)
            spaced = False
        elif found and isinstance(found[-1], str):
            found[-1] += piece
        else:
            raise Mixed
    return found


def _condition(opening: str, pieces: list[str], spaced: bool) -> Condition:
    parts: list[tuple[str, list[Attribute]]] = []
    part = opening
    while not parts or not _word(part).startswith("end"):
        lead = bool(pieces) and pieces[0][0] in WHITE
        held = _attributes(pieces, first=False, begun=spaced)
        # What is repeated without a space is one word, and what another template gives may begin with none.
        if (held and not lead and (not spaced or _word(opening) == "for")) or _word(opening) == "block":
            raise Mixed
        parts.append((part, held))
        if not pieces:
            raise Mixed
        part = pieces.pop(0)
    return Condition(parts, part)


def tag(text: str) -> Doc:
    """The tag of an element, with its attributes on lines of their own where it does not fit."""
    end = "/>" if text.endswith("/>") else ">"
    try:
        name, *attributes = _attributes(list(_pieces(text.removesuffix(end))), first=True)
    except Mixed:
        return Text(text)
    assert isinstance(name, str)
    return Group([Text(name), Indent([*_each(attributes)]), Line(""), Text(end)] if attributes else [Text(name + end)])


def _each(attributes: list[Attribute], lead: str = " ") -> Iterator[Doc]:
    """Attributes with what stands before each: ``lead`` before the first, when it is on the line."""
    for attribute in attributes:
        if isinstance(attribute, str):
            yield Line(lead)
            yield Text(attribute)
        else:
            # On a line of its own a condition has its space before it, else within; what is repeated has it within.
            alone = " " if _word(attribute.parts[0][0]) == "for" else ""
            yield IfBroken(Concat([Line(""), _condition_doc(attribute, alone)]), _condition_doc(attribute, lead))
        lead = " "


def _condition_doc(condition: Condition, lead: str) -> Doc:
    docs: list[Doc] = []
    for part, held in condition.parts:
        docs += [Text(part), Indent([*_each(held, lead)]), Line("")]
    return Group([*docs, Text(condition.closing)])


_WORD = re.compile(r"(?:\{\{.*?\}\}|<[^>]*>|[^ ])+")


def message(text: str) -> Doc:
    """A text to translate. Broken it is ``trimmed``, which takes line breaks and indentation out of the message."""
    tags = re.findall(r"\{% *(?:end)?blocktranslate\b.*?%\}|\{% *plural *%\}", text)
    opening, *others = tags
    texts = re.split("|".join(re.escape(tag) for tag in tags), text)[1:-1]
    if re.search(r"\strimmed\s", opening):
        opening = re.sub(r"\strimmed(?=\s)", "", opening, count=1)
        texts = [re.sub(r"\s*\n\s*", " ", held.strip()) for held in texts]
    if any(not held or held != held.strip() or re.search(r"\s\s|[^\S \xa0]", held) for held in texts):
        return Text(text)
    start = re.match(r"\{% *blocktranslate", opening)
    assert start
    docs: list[Doc] = [Text(start[0]), IfBroken(Text(" trimmed"), NOTHING_THERE), Text(opening[start.end() :])]
    for held, after in zip(texts, others, strict=True):
        parts = [part for word in _WORD.findall(held) for part in (Line(" "), Text(word))]
        docs += [Indent([Line(""), Fill(parts[1:])]), Line(""), Text(after)]
    return Group(docs)
