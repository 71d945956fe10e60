"""The words of the documents: numbers, weeks and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from samverkan.domain.picture import api as picture
from samverkan.foundation.web import dates
from samverkan.foundation.web.numbers import format_number
from samverkan.foundation.weeks import Week

from ..content import Effort, Figures, Pattern, Usual, is_late

_VERDICTS = {verdict.value for verdict in picture.Verdict}


def language() -> str:
    return get_language() or "sv"


def capital(text: str) -> str:
    """With a capital first, the rest as it is."""
    return text[:1].upper() + text[1:]


def number(value: float) -> str:
    return format_number(value, 1, language())


def count(value: int | None) -> str:
    """A count; None is one that may not be shown."""
    return _("not shown") if value is None else number(value)


def usual(span: Usual | None) -> str:
    """``39–45``."""
    if not span:
        return "–"
    low, high = number(span.low), number(span.high)
    return low if low == high else f"{low}–{high}"


def _verdict(value: str) -> picture.Verdict:
    """As it was kept; one that nobody knows any more says nothing."""
    return picture.Verdict(value) if value in _VERDICTS else picture.Verdict.UNKNOWN


def compared(verdict: str) -> str:
    """How a count stands beside what is usual, in a table."""
    return picture.compared(_verdict(verdict))


def how_many(figures: Figures) -> str:
    """The answer: how many, and how that stands beside what is usual."""
    return picture.heading(figures.total, _verdict(figures.verdict)) if figures.shown else ""


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


def years(base: Sequence[int]) -> str:
    if not base:
        return ""
    return str(base[0]) if len(base) == 1 else f"{base[0]}–{base[-1]}"


def answers(effort: Effort) -> str:
    """How many have reported beside the cycle before, which stands beside every change. Empty when nobody is expected.

    Editions from before the cycle before was kept say the same without it.
    """
    if not effort.expected:
        return ""
    values: dict[str, int | str] = {"a": effort.reported, "e": effort.expected, "n": effort.nothing, "s": effort.silent}
    before = effort.before
    if before is None or not before.expected:
        if effort.nothing and effort.silent:
            return _("%(a)s of %(e)s have reported, %(n)s had nothing to report and %(s)s have not answered.") % values
        return " ".join([_("%(a)s of %(e)s have reported.") % values, *_others(effort)])
    values["m"] = before.reported
    if before.expected != effort.expected:
        values["m"] = _("%(m)s of %(e)s") % {"m": before.reported, "e": before.expected}
    if effort.weeks > 1:
        first = _("This cycle %(a)s of %(e)s have reported, the cycle before %(m)s.") % values
    else:
        first = _("This week %(a)s of %(e)s have reported, last week %(m)s.") % values
    return " ".join([first, *_others(effort)])


def _others(effort: Effort) -> list[str]:
    """Those who had nothing and those who are silent; of what nobody is, nothing is said."""
    nothing, silent = effort.nothing, effort.silent
    values = {"n": nothing, "s": silent}
    if nothing and silent:
        return [_("%(n)s had nothing to report and %(s)s have not answered.") % values]
    if nothing:
        return [_("%(n)s had nothing to report.") % values]
    return [ngettext("%(s)s has not answered.", "%(s)s have not answered.", silent) % values] if silent else []


def part_of_it(effort: Effort, verdict: str) -> str:
    """What more or fewer who report can do to a change, when they go the same way; otherwise nothing."""
    before = effort.before
    if before is None or not before.expected or not effort.expected:
        return ""
    more = effort.reported - before.reported
    if verdict == "more" and more > 0:
        return _("That more report can explain part of the increase.")
    if verdict == "fewer" and more < 0:
        return _("That fewer report can explain part of the decrease.")
    return ""


def beside(effort: Effort, verdict: str) -> str:
    """The sentences on reporting that stand beside a change."""
    return " ".join(s for s in (answers(effort), part_of_it(effort, verdict)) if s)


#: Late reports are also spoken of when they usually are at least this share of a week's, in per cent.
_USUALLY_LATE = 10


def new_ones(pattern: Pattern) -> str:
    """How many of a pattern's reports came in the cycle; nothing where small counts are hidden."""
    count, new = pattern.count, pattern.new_count
    if not count or new is None:
        return ""
    if new == 0:
        return _("None of them is new since last time.")
    if new == count:
        return _("All of them are new since last time.")
    return ngettext("%(n)s of them is new since last time.", "%(n)s of them are new since last time.", new) % {
        "n": number(new)
    }


def pattern(told: Pattern) -> str:
    """What a pattern is, in one sentence, for who sees every count."""
    values = {"n": number(told.count or 0), "days": told.days, "where": told.where, "e": number(told.expected or 0)}
    return (
        ngettext(
            "%(n)s report in %(days)s days at %(where)s, where %(e)s would be expected.",
            "%(n)s reports in %(days)s days at %(where)s, where %(e)s would be expected.",
            told.count or 0,
        )
        % values
    )


def how_new(pattern: Pattern) -> str:
    """Whether a pattern is new, in a sentence. Editions from before ``seen`` was kept know only new or not."""
    if pattern.new:
        return _("New this week.")
    return _("Also seen last week.") if pattern.seen else _("Seen first now, in earlier reports.")


def late(effort: Effort) -> str:
    """One sentence on late reports, when they matter; otherwise nothing."""
    told = effort.late
    if told is None:
        return ""
    if is_late(told):
        if told.some:
            return _("Some of the reports came when the week was over. Late reports can change the picture.")
        values = {"n": told.late, "of": told.reports}
        return _("%(n)s of %(of)s reports came when the week was over. Late reports can change the picture.") % values
    if told.usually is not None and told.usually >= _USUALLY_LATE:
        values = {"share": told.usually}
        return (
            _(
                "About %(share)s percent of the reports usually come when the week is over. Late reports can change the picture."
            )
            % values
        )
    return ""
