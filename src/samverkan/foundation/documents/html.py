"""The document as one page of HTML that needs nothing else: style and drawings inside, no scripts."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from samverkan.foundation.web.charts.standalone import document_style, light_tokens

from .blocks import Break, Column, Document, Drawing, Figure, Heading, Items, Table, Text

_STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: TINT; color: INK; font: 16px/1.5 Inter, "Segoe UI", Arial, sans-serif; font-feature-settings: "tnum"; }
main { box-sizing: border-box; max-width: 820px; margin: 24px auto; padding: 32px 40px 40px; background: #fff; border: 1px solid RULE; border-top: 4px solid ACCENT; }
h1 { font-size: 34px; line-height: 1.24; font-weight: 600; margin: 8px 0 12px; }
h2 { font-size: 21px; line-height: 1.33; font-weight: 600; margin: 40px 0 12px; }
h3 { font-size: 17px; font-weight: 600; margin: 24px 0 8px; }
p { margin: 0 0 12px; max-width: 68ch; white-space: pre-line; overflow-wrap: anywhere; }
.room, .note, footer { font-size: 14px; color: SUBTLE; }
.lead { font-size: 18px; color: SUBTLE; }
.strong { font-weight: 600; }
.mark { display: inline-block; font-size: 14px; padding: 2px 8px; border-radius: 3px; margin: 0 8px 12px 0; }
.mark.plain { border: 1px dashed LINE; color: SUBTLE; }
.mark.warning { background: #FDF1DC; color: #7A4B00; }
ul { list-style: none; margin: 0 0 16px; padding: 0; }
li { margin: 0 0 16px; }
li p { margin: 0; }
.scroll { overflow-x: auto; margin: 0 0 12px; }
table { width: 100%; border-collapse: collapse; font-size: 15px; }
table.small { width: auto; font-size: 14px; }
caption { text-align: left; font-size: 14px; color: SUBTLE; padding-bottom: 4px; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid RULE; font-weight: 400; overflow-wrap: break-word; }
thead th { border-bottom: 1px solid LINE; color: SUBTLE; font-weight: 500; vertical-align: bottom; overflow-wrap: normal; }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.total th, .total td { font-weight: 600; border-top: 1px solid LINE; border-bottom: 0; }
strong { font-weight: 600; }
figure { margin: 0 0 12px; }
svg { max-width: 100%; height: auto; }
footer { margin-top: 48px; padding-top: 12px; border-top: 1px solid RULE; overflow-wrap: anywhere; }
@media (max-width: 640px) { main { margin: 0; padding: 20px 16px; border-left: 0; border-right: 0; } h1 { font-size: 30px; } }
@media print { body { background: #fff; } main { margin: 0; padding: 0; border: 0; max-width: none; } thead { display: table-header-group; } tr, figure { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""
_TOKENS = {
    "INK": "--ds-color-neutral-text-default",
    "SUBTLE": "--ds-color-neutral-text-subtle",
    "RULE": "--ds-color-neutral-border-subtle",
    "LINE": "--ds-color-neutral-border-default",
    "ACCENT": "--ds-color-accent-base-default",
    "TINT": "--ds-color-neutral-background-tinted",
}
_ID = re.compile(r'(\bid="|\baria-(?:labelledby|describedby)="|url\(#)([^")]+)')


def write(document: Document) -> bytes:
    """The bytes of the page, in UTF-8."""
    page = _Page()
    body = "".join(page.block(block) for block in document.blocks)
    marks = "".join(f'<span class="mark {tone}">{escape(text)}</span>' for tone, text in document.marks)
    style = re.sub("|".join(_TOKENS), lambda m: light_tokens()[_TOKENS[m[0]]], _STYLE) + document_style()
    foot = "".join(f"<p>{escape(line)}</p>" for line in document.foot)
    return (
        f'<!doctype html>\n<html lang="{escape(document.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # The page asks nothing of anybody, and runs nothing even if a text tried to.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<title>{escape(document.title)}</title>\n<meta name="description" content="{escape(document.description)}">\n'
        f"<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f'<p class="room">{escape(document.room)}</p>\n<h1>{escape(document.title)}</h1>\n{marks}\n'
        f'<p class="lead">{escape(document.lead)}</p>\n{body}<footer>{foot}</footer>\n</main>\n</body>\n</html>\n'
    ).encode()


class _Page:
    """Writes blocks, and keeps the names inside the drawings apart."""

    def __init__(self) -> None:
        self.drawings = 0

    def block(self, block: Any) -> str:
        if isinstance(block, Heading):
            level = block.level + 1
            return f"<h{level}>{escape(block.text)}</h{level}>\n"
        if isinstance(block, Text):
            kind = f' class="{block.style}"' if block.style in {"note", "strong"} else ""
            return f"<p{kind}>{escape(block.text)}</p>\n"
        if isinstance(block, Items):
            items = "".join(
                f"<li><p><strong>{escape(i.title)}</strong></p>{''.join(f'<p>{escape(line)}</p>' for line in i.lines)}</li>"
                for i in block.items
            )
            return f"<ul>{items}</ul>\n"
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Figure):
            return f"<figure>{self.drawing(block.drawing)}</figure>\n"
        assert isinstance(block, Break)
        return ""

    def drawing(self, drawing: Drawing) -> str:
        """The drawing as part of the page: one image with its words as its name, and its own ids."""
        self.drawings += 1
        svg = _ID.sub(lambda m: f"{m[1]}d{self.drawings}-{m[2]}", drawing.svg)
        head, rest = svg.split(">", 1)
        head = re.sub(r'\s(?:role|aria-labelledby|aria-describedby)="[^"]*"', "", head)
        return f'{head} role="img" aria-label="{escape(drawing.alt)}">{rest}'

    def table(self, table: Table) -> str:
        head = "".join(f'<th scope="col"{_class(c)}>{escape(c.label)}</th>' for c in table.columns)
        rows = []
        for number, row in enumerate(table.rows):
            cells = []
            for i, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
                text = self.drawing(cell.drawing) if cell.drawing else escape(cell.text)
                text = f"<strong>{text}</strong>" if cell.strong else text
                cells.append(f'<th scope="row">{text}</th>' if i == 0 else f"<td{_class(column)}>{text}</td>")
            last = ' class="total"' if table.total and number == len(table.rows) - 1 else ""
            rows.append(f"<tr{last}>{''.join(cells)}</tr>")
        kind = ' class="small"' if table.small else ""
        caption = escape(table.caption)
        return (
            f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table{kind}><caption>{caption}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>\n"
        )


def _class(column: Column) -> str:
    if column.numeric:
        return ' class="number"'
    return "" if column.share else ' class="nowrap"'
