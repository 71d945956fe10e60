"""The picture in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Kind
from samverkan.foundation.web import dates
from samverkan.foundation.web.maps import Sign
from samverkan.foundation.web.numbers import format_number
from samverkan.foundation.weeks import Week

from .comparison import Usual, Verdict
from .filters import Filter

#: How each kind of incident is marked on a map, and what the legend calls the sign.
SIGN_OF: dict[str, Sign] = {Kind.EVENT: Sign.DOT, Kind.DEVELOPMENT: Sign.DIAMOND, Kind.PLACE_FEATURE: Sign.SQUARE}
SIGNS = {
    Sign.DOT: gettext_lazy("event, known place"),
    Sign.DIAMOND: gettext_lazy("development"),
    Sign.SQUARE: gettext_lazy("place with recurring problems"),
}


def per_hexagon() -> str:
    """What the density of a map counts."""
    return _("Reports per hexagon (%(metres)s m)")


def number(value: int) -> str:
    """As people write it in the present language."""
    return format_number(value, 0, get_language() or "sv")


def weeks(first: Week, last: Week) -> str:
    """``vecka 44–47, 2026``."""
    language = get_language() or "sv"
    if first == last:
        return dates.week_words(first, language)
    if first.year == last.year:
        return _("weeks %(first)s–%(last)s, %(year)s") % {
            "first": first.number,
            "last": last.number,
            "year": first.year,
        }
    return f"{dates.week_words(first, language)} – {dates.week_words(last, language)}"


def short_week(week: Week) -> str:
    """``v. 47``."""
    return _("w. %(number)s") % {"number": week.number}


def period(filter_: Filter, first: Week | None, last: Week | None) -> str:
    """The period as asked for, or what is known."""
    if not filter_.is_whole_weeks and filter_.first and filter_.last:
        return dates.span_words(filter_.first, filter_.last, get_language() or "sv")
    return weeks(first, last) if first and last else _("no period")


def span(filter_: Filter, first: Week | None, last: Week | None) -> str:
    """The period as it stands in the answer: ``vecka 47, 2026``, ``på fyra veckor`` or the days."""
    if first is None or last is None:
        return ""
    if not filter_.is_whole_weeks:
        return period(filter_, first, last)
    length = last.index - first.index + 1
    if length == 1:
        return _("in %(week)s") % {"week": weeks(first, last)}
    few = (
        _("two"),
        _("three"),
        _("four"),
        _("five"),
        _("six"),
        _("seven"),
        _("eight"),
        _("nine"),
        _("ten"),
        _("eleven"),
        _("twelve"),
    )
    return _("in %(number)s weeks") % {"number": few[length - 2] if length < 13 else number(length)}


def heading(total: int | None, verdict: Verdict, when: str = "", at_least: int = 0) -> str:
    """The answer: how many in which period, and how that stands beside what is usual."""
    if total is None and at_least:
        return _("At least %(number)s reports %(when)s") % {"number": number(at_least), "when": when}
    if total is None:
        return _("The number of reports is not shown")
    values = {"number": number(total), "when": when}
    if when:
        count = ngettext("%(number)s report %(when)s", "%(number)s reports %(when)s", total) % values
    else:
        count = ngettext("%(number)s report", "%(number)s reports", total) % values
    said = {
        Verdict.MORE: _("%(count)s, more than usual"),
        Verdict.SOMEWHAT_MORE: _("%(count)s, a few more than usual but within chance"),
        Verdict.AS_USUAL: _("%(count)s, as usual"),
        Verdict.SOMEWHAT_FEWER: _("%(count)s, a few fewer than usual but within chance"),
        Verdict.FEWER: _("%(count)s, fewer than usual"),
        Verdict.TOO_FEW: _("%(count)s, too few to compare"),
        Verdict.NEW_SOURCE: _("%(count)s, not compared since a source is new"),
    }
    return said[verdict] % {"count": count} if verdict in said else count


def compared(verdict: Verdict) -> str:
    """The same in a table."""
    return {
        Verdict.MORE: _("more"),
        Verdict.SOMEWHAT_MORE: _("a few more, within chance"),
        Verdict.AS_USUAL: _("as usual"),
        Verdict.SOMEWHAT_FEWER: _("a few fewer, within chance"),
        Verdict.FEWER: _("fewer"),
        Verdict.TOO_FEW: _("too few"),
        Verdict.NEW_SOURCE: _("not compared, new source"),
        Verdict.UNKNOWN: _("not compared"),
    }[verdict]


def new_sources(names: Sequence[str]) -> str:
    """That an increase comes with who has begun to report; empty when nobody has."""
    if not names:
        return ""
    return ngettext(
        "%(names)s is new as a source, and so no comparison is shown.",
        "%(names)s are new as sources, and so no comparison is shown.",
        len(names),
    ) % {"names": ", ".join(names)}


def usual(base: Usual | None) -> str:
    """``187–230``."""
    if base is None:
        return "–"
    return number(base.low) if base.low == base.high else f"{number(base.low)}–{number(base.high)}"


def years(base: list[int]) -> str:
    """``2023–2025``."""
    return str(base[0]) if len(base) == 1 else f"{base[0]}–{base[-1]}"


def lead(when: str, base: Usual | None, base_years: list[int], last_year: int | None) -> list[str]:
    """What the answer needs beside it, sentence by sentence."""
    sentences = [_("The period is %(period)s.") % {"period": when}]
    if base is not None:
        sentences.append(
            _("Usual in the same weeks %(years)s is %(span)s.") % {"years": years(base_years), "span": usual(base)}
        )
    else:
        sentences.append(_("There is too little to tell what is usual."))
    if last_year is not None:
        sentences.append(_("Last year the same weeks had %(number)s.") % {"number": number(last_year)})
    sentences.append(_("Reports are not reported crimes."))
    return sentences


def elsewhere(count: int) -> str:
    """That some of what is counted comes from other municipalities."""
    return ngettext(
        "%(number)s report comes from another municipality.",
        "%(number)s reports come from other municipalities.",
        count,
    ) % {"number": number(count)}


def not_covered(home: str, count: int | None) -> str:
    """That only the home municipality is counted, with how many are left out where that is shown."""
    only = _("Only reports from %(name)s are counted.") % {"name": home}
    if not count:
        return only
    left_out = ngettext(
        "%(number)s report from another municipality is not counted.",
        "%(number)s reports from other municipalities are not counted.",
        count,
    ) % {"number": number(count)}
    return f"{only} {left_out}"


def spread(count: int) -> str:
    """That some are known only as a span of time, and what that makes of the hours."""
    how_many = ngettext(
        "Calculated time: %(number)s report is known only as a span of time.",
        "Calculated time: %(number)s reports are known only as a span of time.",
        count,
    ) % {"number": number(count)}
    return f"{how_many} " + _(
        "When only a span is known the event is spread evenly over it. The diagram therefore shows a likely rhythm, not exact hours."
    )


def day_names() -> list[str]:
    """Short names of the days, Monday first."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def merged_day_names() -> list[str]:
    """The groups of days that suppressed counts are given for."""
    return [_("Mon–Thu"), _("Fri–Sat"), _("Sun")]
