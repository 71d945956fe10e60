"""The words of the documents: numbers, weeks and sentences."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from samverkan.foundation.web import dates
from samverkan.foundation.web.numbers import format_number
from samverkan.foundation.weeks import Week


def language() -> str:
    return get_language() or "sv"


def capital(text: str) -> str:
    """With a capital first, the rest as it is."""
    return text[:1].upper() + text[1:]


def number(value: float) -> str:
    return format_number(value, 1, language())


def cell(value: Any) -> str:
    """A cell of a stored table. What is hidden says so, zero is 0, what nobody knows is a dash."""
    if isinstance(value, dict) and value.get("hidden"):
        return _("not shown")
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else number(value)


def count(value: int | None) -> str:
    """A count; None is one that may not be shown."""
    return _("not shown") if value is None else number(value)


def usual(span: dict[str, Any] | None) -> str:
    """``39–45``."""
    if not span:
        return "–"
    low, high = number(span["low"]), number(span["high"])
    return low if low == high else f"{low}–{high}"


def compared(verdict: str) -> str:
    words = {"more": _("more"), "fewer": _("fewer"), "as_usual": _("as usual"), "too_few": _("too few")}
    return words.get(verdict, _("not compared"))


def how_many(figures: dict[str, Any]) -> str:
    """The answer: how many, and how that stands beside what is usual."""
    total = figures.get("total")
    if not figures.get("shown"):
        return ""
    if total is None:
        return _("The number of reports is not shown")
    n = {"number": number(total)}
    verdict = figures["verdict"]
    if verdict == "more":
        return ngettext("%(number)s report, more than usual", "%(number)s reports, more than usual", total) % n
    if verdict == "fewer":
        return ngettext("%(number)s report, fewer than usual", "%(number)s reports, fewer than usual", total) % n
    if verdict == "as_usual":
        return ngettext("%(number)s report, as usual", "%(number)s reports, as usual", total) % n
    if verdict == "too_few":
        return ngettext("%(number)s report, too few to compare", "%(number)s reports, too few to compare", total) % n
    return ngettext("%(number)s report", "%(number)s reports", total) % n


def weeks(first: Week, length: int) -> str:
    """``vecka 47, 2026`` or ``vecka 44–47, 2026``."""
    last = first.plus(length - 1)
    if length <= 1:
        return dates.week_words(first, language())
    if first.year == last.year:
        values = {"first": first.number, "last": last.number, "year": first.year}
        return _("weeks %(first)s–%(last)s, %(year)s") % values
    return f"{dates.week_words(first, language())} – {dates.week_words(last, language())}"


def day(iso: str) -> str:
    """``23 november 2026``."""
    return dates.date_words(date.fromisoformat(iso[:10]), language(), weekday=False)


def moment(iso: str) -> str:
    """``23 november 2026 kl. 14.05``."""
    at = datetime.fromisoformat(iso)
    return f"{dates.date_words(at, language(), weekday=False)} {dates.time_words(at, language())}"


def span(first: str, last: str) -> str:
    """``16–22 november 2026``."""
    return dates.span_words(date.fromisoformat(first), date.fromisoformat(last), language())


def years(base: list[int]) -> str:
    if not base:
        return ""
    return str(base[0]) if len(base) == 1 else f"{base[0]}–{base[-1]}"


def answers(effort: dict[str, Any]) -> str:
    """How many have reported, which stands beside every change."""
    if not effort.get("expected"):
        return _("Nobody is expected to report yet.")
    values = {"a": effort["reported"], "e": effort["expected"], "n": effort["nothing"], "s": effort["silent"]}
    return _("%(a)s of %(e)s have reported, %(n)s had nothing to report and %(s)s have not answered.") % values
