"""Small helpers that write SVG as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

_NARROW = set("iljtfr.,:;'’ \u00a0()|1I")
_WIDE = set("mwMWÅÄÖOQGDNHUV%@—")


def num(value: float) -> str:
    """A coordinate in at most one decimal, as short as it goes."""
    text = f"{value:.1f}"
    if text.endswith(".0"):
        text = text[:-2]
    return "0" if text == "-0" else text


def el(name: str, *children: str, **attributes: object) -> str:
    """One element. ``class_`` is class, ``_`` in a name is ``-``; None leaves an attribute out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-') if key != 'viewBox' else key}"
        f'="{escape(num(value) if isinstance(value, float) else str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(children)
    return f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>"


def text(content: str, x: float, y: float, class_: str, anchor: str | None = None, **more: object) -> str:
    """A line of text; ``anchor`` is start, middle or end."""
    return el("text", escape(content), x=float(x), y=float(y), class_=class_, text_anchor=anchor, **more)


def width_of(content: str, size: float) -> float:
    """About how wide a text is in pixels, set in Inter at ``size`` pixels (errs a little wide)."""
    units = sum(0.66 if c.isdigit() else 0.32 if c in _NARROW else 0.82 if c in _WIDE else 0.6 for c in content)
    return units * size


def polyline(points: Sequence[tuple[float, float]]) -> str:
    """The points as ``x,y x,y``."""
    return " ".join(f"{num(x)},{num(y)}" for x, y in points)


def path(points: Sequence[tuple[float, float]], closed: bool = False) -> str:
    """Path data through the points."""
    if not points:
        return ""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points) + ("Z" if closed else "")


def hatch(key: str) -> str:
    """The pattern that says "not shown". Refer to it as ``url(#<key>)``."""
    line = el("path", d="M0 6L6 0M-1 1L1 -1M5 7L7 5", class_="hatch-line")
    return el("defs", el("pattern", line, id=key, width=6, height=6, patternUnits="userSpaceOnUse"))


def figure(
    key: str, width: float, height: float, title: str, description: str, *body: str, class_: str, role: str = "img"
) -> str:
    """The whole drawing with a name and a description for those who do not see it.

    A drawing with links in it has the role ``group``, since what is in an image cannot be reached.
    """
    return el(
        "svg",
        el("title", escape(title), id=f"{key}-t"),
        el("desc", escape(description), id=f"{key}-d"),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {num(width)} {num(height)}",
        width=num(width),
        height=num(height),
        class_=class_,
        role=role,
        aria_labelledby=f"{key}-t",
        aria_describedby=f"{key}-d",
    )


def nice_ticks(largest: float, wanted: int = 4) -> list[int]:
    """Whole, round steps from zero up to at most ``largest``; never fewer than two."""
    if largest < 1:
        return [0, 1]
    raw = largest / wanted
    power = 10 ** math.floor(math.log10(raw))
    step = max(1, math.ceil(next(m * power for m in (1, 2, 5, 10) if m * power >= raw)))
    return [step * i for i in range(math.floor(largest / step) + 1)]
