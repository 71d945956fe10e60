"""The text of a PDF, read from its glyphs."""

from __future__ import annotations

import io
import re

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
                    for part in operands[0] if str(operator) == "TJ" else operands:
                        if isinstance(part, pikepdf.String):
                            raw = bytes(part)
                            out += [
                                current.get(int.from_bytes(raw[i : i + 2], "big"), "") for i in range(0, len(raw), 2)
                            ]
    return "".join("".join(out).split()).replace("\u00a0", "")
