"""What the signs of a map or a heat chart mean: as swatches beside words, on pages and under drawings in documents."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..charts.svg import el, num, text, width_of
from .layers import Sign

#: (what the swatch shows, its text); words alone have no swatch.
Entries = Sequence[tuple[str, str]]
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_HEIGHT = re.compile(r'\bheight="[\d.]+"')


def mark_shape(sign: Sign, x: float, y: float, name: str = "") -> str:
    """● dot, ◆ diamond, ■ square, and the pin that somebody sets."""
    if sign is Sign.DIAMOND:
        return el("path", name, d=f"M{num(x)} {num(y - 6.5)}l6.5 6.5l-6.5 6.5l-6.5 -6.5Z", class_="map-mark")
    if sign is Sign.SQUARE:
        return el("rect", name, x=x - 5, y=y - 5, width=10, height=10, class_="map-mark")
    if sign is Sign.PIN:
        drop = f"M{num(x)} {num(y)}c-4 -8 -13 -14 -13 -24a13 13 0 0 1 26 0c0 10 -9 16 -13 24Z"
        eye = el("circle", cx=x, cy=y - 24, r=4.5, class_="map-pin-eye")
        return el("g", name, el("path", d=drop, class_="map-pin"), eye)
    return el("circle", name, cx=x, cy=y, r=4.5, class_="map-mark")


def swatch_shape(kind: str, x: float, y: float) -> str:
    """The 16 × 16 sign of a legend entry."""
    if kind == "hatched":
        lines = "M0 6l6 -6M0 12l12 -12M2 16l14 -14M8 16l8 -8M14 16l2 -2"
        return el("path", d=lines, transform=f"translate({num(x)} {num(y)})", class_="hatch-line")
    if kind == "approximate":
        ring = el("circle", cx=x + 8, cy=y + 8, r=6.5, class_="map-approximate")
        return ring + el("circle", cx=x + 8, cy=y + 8, r=1.6, class_="map-approximate-middle")
    if kind == "attention":
        return el("circle", cx=x + 8, cy=y + 8, r=6.5, class_="map-attention")
    if kind in {s.value for s in Sign}:
        return mark_shape(Sign(kind), x + 8, y + 8)
    return el("rect", x=x, y=y, width=16, height=16, class_=kind)


def rows(title: str, entries: Entries, width: float, top: float) -> tuple[list[str], float]:
    """The legend drawn from ``top`` in as many rows as it needs, and where it ends."""
    out: list[str] = []
    x, y = 0.0, top + 24
    for kind, words in [*([("", title)] if title else []), *entries]:
        needed = width_of(words, 14) + (24 if kind else 0) + 16
        if x and x + needed > width:
            x, y = 0.0, y + 24
        if kind:
            out.append(swatch_shape(kind, x, y - 12))
        out.append(text(words, x + 24 if kind else x, y, "chart-legend"))
        x += needed
    return out, y + 12


def with_legend(svg: str, title: str, entries: Entries) -> str:
    """The same drawing with its legend under it, for documents, which hold a drawing as one picture."""
    size = _SIZE.search(svg)
    if not entries or size is None:
        return svg
    width, height = float(size[1]), float(size[2])
    drawn, tall = rows(title, entries, width, height)
    head, rest = svg.split(">", 1)
    head = _HEIGHT.sub(f'height="{num(tall)}"', _SIZE.sub(f'viewBox="0 0 {num(width)} {num(tall)}"', head), count=1)
    return f"{head}>{rest.removesuffix('</svg>')}{''.join(drawn)}</svg>"
