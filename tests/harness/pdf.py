"""The text of a PDF, read from its glyphs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

import pikepdf


def _unicode_of(font: pikepdf.Object) -> dict[int, str]:
    """Glyph → text by a font's own table (ToUnicode)."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for low, high, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for n in range(int(low, 16), int(high, 16) + 1):
                found[n] = chr(int(text, 16) + n - int(low, 16))
    return found


def texts_by_mark(page: pikepdf.Page) -> dict[int, str]:
    """The text within each of a page's marks (MCID), by which the tags refer to it."""
    tables = {name: _unicode_of(font) for name, font in page.resources.get("/Font", {}).items()}
    current: dict[int, str] = {}
    open_: list[int | None] = []
    found: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                current = tables[str(operands[0])]
            case "BDC" | "BMC":
                told = operands[1] if len(operands) > 1 else None
                open_.append(int(told.MCID) if isinstance(told, pikepdf.Dictionary) and "/MCID" in told else None)
            case "EMC":
                open_.pop()
            case "Tj" | "TJ" as kind:
                mark = next((m for m in reversed(open_) if m is not None), -1)
                found[mark] = found.get(mark, "") + _set(operands[0] if kind == "TJ" else operands, current)
    return found


def _set(parts: Iterable[Any], glyphs: dict[int, str]) -> str:
    """The text of an operator that sets glyphs."""
    raws = [bytes(part) for part in parts if isinstance(part, pikepdf.String)]
    return "".join(glyphs.get(int.from_bytes(raw[i : i + 2], "big"), "") for raw in raws for i in range(0, len(raw), 2))


def text_of_pdf(file: bytes) -> str:
    """All text as it is set, without the spaces between words (which are no glyphs of their own on every line)."""
    out: list[str] = []
    with pikepdf.open(io.BytesIO(file)) as pdf:
        for page in pdf.pages:
            tables = {name: _unicode_of(font) for name, font in page.resources.Font.items()}
            current: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    current = tables[str(operands[0])]
                elif str(operator) in {"Tj", "TJ"}:
                    out.append(_set(operands[0] if str(operator) == "TJ" else operands, current))
    return "".join("".join(out).split()).replace("\u00a0", "")
