"""Numbers as people write them: in Swedish with no-break spaces and comma, in English with commas and point."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

NBSP = "\u00a0"
MINUS = "\u2212"


def is_swedish(language: str | None) -> bool:
    return not (language or "sv").startswith("en")


def format_number(value: int | float | Decimal, decimals: int = 0, language: str = "sv") -> str:
    """``57926`` → ``57 926`` (no-break space), ``-2.5`` → ``−2,5``; English ``57,926`` and ``−2.5``.

    ``decimals`` is the most that is shown; ends in zero are cut, so that 3.0 is "3".
    Halves are rounded away from zero.
    """
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(exact):f}".partition(".")
    fraction = fraction.rstrip("0")
    groups: list[str] = []
    while len(whole) > 3:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    swedish = is_swedish(language)
    text = (NBSP if swedish else ",").join([whole, *groups])
    if fraction:
        text += ("," if swedish else ".") + fraction
    return MINUS + text if exact < 0 else text
