"""SVG that carries its own style, for PDF, Word and files.

The rules are those between the marks in figures.css with the light values of theme.css put in,
so that a document and a page never differ.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_CSS = Path(__file__).resolve().parents[1] / "static" / "css"
_BEGIN, _END = "/* documents: begin */", "/* documents: end */"
_TOKEN = re.compile(r"(?<![\w-])(--[\w-]+):([^;:{}]+);")
_LIGHT = re.compile(r"^var\(--in-light,([^)]+)\)")
_USE = re.compile(r"var\((--[\w-]+)\)")


@cache
def light_tokens() -> dict[str, str]:
    """Every token of the theme with its light value."""
    tokens: dict[str, str] = {}
    for name, value in _TOKEN.findall((_CSS / "theme.css").read_text("utf-8")):
        light = _LIGHT.match(value.strip())
        tokens.setdefault(name, (light[1] if light else value).strip())
    return tokens


def _resolve(value: str, depth: int = 0) -> str:
    if depth > 5:
        raise ValueError(f"The token in {value} refers to itself.")
    return _USE.sub(lambda use: _resolve(light_tokens()[use[1]], depth + 1), value)


@cache
def document_style() -> str:
    """The rules for charts and maps on white paper, without variables."""
    rules = "".join(part.partition(_END)[0] for part in (_CSS / "figures.css").read_text("utf-8").split(_BEGIN)[1:])
    return re.sub(r"\s+", " ", _resolve(rules)).strip()


def standalone(svg: str) -> str:
    """The same drawing with its style inside."""
    end_of_tag = svg.index(">") + 1
    return f"{svg[:end_of_tag]}<style>{document_style()}</style>{svg[end_of_tag:]}"
