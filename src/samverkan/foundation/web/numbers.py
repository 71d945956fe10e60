"""Numbers as people write them: in Swedish with no-break spaces and comma, in English with commas and point."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern

NBSP = "\u00a0"
MINUS = "\u2212"
_SWEDISH, _ENGLISH = Locale("sv", "SE"), Locale("en", "GB")


def is_swedish(language: str | None) -> bool:
    return not (language or "sv").startswith("en")


def locale_of(language: str | None) -> Locale:
    """The locale of Sweden's or Britain's way to write, as babel knows it."""
    return _SWEDISH if is_swedish(language) else _ENGLISH


def format_number(value: int | float | Decimal, decimals: int = 0, language: str = "sv") -> str:
    """``57926`` → ``57 926`` (no-break space), ``-2.5`` → ``−2,5``; English ``57,926`` and ``−2.5``.

    ``decimals`` is the most that is shown; ends in zero are cut, so that 3.0 is "3".
    Halves are rounded away from zero.
    """
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    # Plus zero, since a number that is rounded to nothing has no sign.
    return str(_pattern(max(decimals, 0)).apply(exact + 0, locale_of(language))).replace("-", MINUS)


@lru_cache(maxsize=32)
def _pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##0." + "#" * decimals)
