"""The document as PDF/UA-1 by Typst. Texts reach it as data and are never read as markup."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

from samverkan.foundation import web
from samverkan.foundation.web.charts import standalone
from samverkan.foundation.web.charts.standalone import light_tokens

from .blocks import Document

_LAYOUT = Path(__file__).with_name("document.typ")
_VENDOR = Path(web.__file__).parent / "static" / "vendor" / "inter-ui"
#: Characters that no font of ours has, as the typesetter names them.
_LACKING = re.compile(r'the text `"(.{0,300}?)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_COLOURS = {
    "ink": "--ds-color-neutral-text-default",
    "subtle": "--ds-color-neutral-text-subtle",
    "rule": "--ds-color-neutral-border-subtle",
    "line": "--ds-color-neutral-border-default",
    "accent": "--ds-color-accent-base-default",
}


@cache
def fonts() -> typst.Fonts:
    """Inter as it is vendored, and what the typesetter brings for other scripts; never the system's."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[next(_VENDOR.iterdir())])


def picture(svg: str, ppi: float = 192) -> bytes:
    """A drawing as PNG, for Word."""
    page = (
        b'#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image(bytes(sys.inputs.svg), format: "svg")'
    )
    compiler = typst.Compiler(page, font_paths=fonts(), sys_inputs={"svg": standalone(svg)})
    made = compiler.compile(format="png", ppi=ppi)
    assert isinstance(made, bytes)
    return made


def write(document: Document) -> bytes:
    """The bytes of the PDF. A character that no font has is written by its number, as (U+1F600)."""
    data = _data(document)
    for attempt in range(4):
        try:
            return _compile(data, document)
        except typst.TypstError as error:
            lacking = {_unescaped(text) for text in _LACKING.findall(error.diagnostic)}
            if not lacking or attempt == 3:
                raise
            characters = {c for text in lacking for c in text}
            # What is named last is only what came first; after two rounds all that is not Latin goes.
            data = _replaced(data, characters, everything=attempt == 2)
    raise AssertionError("unreachable")


def _compile(data: dict[str, Any], document: Document) -> bytes:
    compiler = typst.Compiler(
        _LAYOUT.read_bytes(),
        font_paths=fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
    )
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(document.at.timestamp()))
    assert isinstance(made, bytes)
    return made


def _data(document: Document) -> dict[str, Any]:
    """The blocks as plain data, each with its kind; drawings with their style inside."""
    blocks = []
    for block in document.blocks:
        one = asdict(block)
        one["kind"] = type(block).__name__.lower()
        if one["kind"] == "figure":
            one["drawing"]["svg"] = standalone(one["drawing"]["svg"])
        for row in one.get("rows", ()):
            for cell in row:
                if cell["drawing"]:
                    cell["drawing"]["svg"] = standalone(cell["drawing"]["svg"])
        blocks.append(one)
    return {
        "title": document.title,
        "room": document.room,
        "lead": document.lead,
        "marks": [{"tone": tone, "text": text} for tone, text in document.marks],
        "foot": document.foot,
        "author": document.author,
        "description": document.description,
        "language": document.language,
        "region": document.region,
        "page": page_words(),
        "colours": {name: light_tokens()[token] for name, token in _COLOURS.items()},
        "blocks": blocks,
    }


def page_words() -> list[str]:
    """The words before, between and after the two page numbers."""
    return (_("Page %(page)s of %(pages)s") % {"page": "\0", "pages": "\0"}).split("\0")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)


def _replaced(value: Any, characters: set[str], *, everything: bool) -> Any:
    if isinstance(value, str):
        if value.startswith("<svg"):
            return value
        return "".join(f"(U+{ord(c):04X})" if c in characters or (everything and ord(c) > 0x2FFF) else c for c in value)
    if isinstance(value, dict):
        return {k: _replaced(v, characters, everything=everything) for k, v in value.items()}
    if isinstance(value, list):
        return [_replaced(v, characters, everything=everything) for v in value]
    return value
