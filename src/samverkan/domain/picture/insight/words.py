"""Did it help, in sentences. Nothing is said more surely than it is known, and reports are never called crime."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from samverkan.foundation.web import dates
from samverkan.foundation.weeks import Week

from .. import words
from . import judging, sites


def answer(result: dict[str, Any] | None, measure: Any) -> str:
    """The verdict in one or two sentences."""
    if result is None:
        return _("It cannot be told. The measure needs a place or an area, and a day when it began.")
    verdict, reasons = result["verdict"], result["reasons"]
    if verdict == "lower":
        if "partly_displaced" in reasons or (result["near_interval"] and result["near_interval"][0] > 0):
            return _(
                "Probably yes. The reports fell more than at comparable places, but part of the problem may have moved nearby."
            )
        if result["near_interval"]:
            return _(
                "Probably yes. The reports fell more than at comparable places, and we see nothing that suggests that the problem moved."
            )
        return _("Probably yes. The reports fell more than at comparable places.")
    if verdict == "displaced":
        return _("The number fell here but rose nearby. The problem may have moved there.")
    if verdict == "higher":
        return _("The number rose more here than at comparable places. The measure need not be the cause.")
    if verdict == "no_clear_change":
        return _("The difference lies within what chance can give. That does not mean that the measure has no effect.")
    if "too_short" in reasons:
        return _wait(result, measure)
    if "too_few_events" in reasons:
        return _("It cannot be told. There are too few reports to say anything.")
    return _("It cannot be told, since there is nothing to compare with. Choose places to compare with.")


def _wait(result: dict[str, Any], measure: Any) -> str:
    start = sites.day_of(result["start"])
    until = start + timedelta(weeks=judging.LEAST_WEEKS)
    if measure.follow_up_on and measure.follow_up_on > until:
        until = measure.follow_up_on
    weeks = (until - start).days // 7
    return _("It cannot be told yet. Wait until %(day)s, when there are %(n)s weeks to compare.") % {
        "day": dates.date_words(until, get_language() or "sv", weekday=False),
        "n": weeks,
    }


def how_much(result: dict[str, Any]) -> str:
    """The best guess with its interval, where there is one to tell."""
    if result["verdict"] == "cannot_tell" or result["estimate"] is None:
        return ""
    estimate, (low, high) = round(result["estimate"]), (round(v) for v in result["interval"])
    weeks = result["weeks"]
    if estimate < 0:
        first = ngettext(
            "About %(n)s report fewer in %(weeks)s weeks than the comparison led one to expect.",
            "About %(n)s reports fewer in %(weeks)s weeks than the comparison led one to expect.",
            -estimate,
        ) % {"n": words.number(-estimate), "weeks": weeks}
    elif estimate > 0:
        first = ngettext(
            "About %(n)s report more in %(weeks)s weeks than the comparison led one to expect.",
            "About %(n)s reports more in %(weeks)s weeks than the comparison led one to expect.",
            estimate,
        ) % {"n": words.number(estimate), "weeks": weeks}
    else:
        first = _("About as many reports in %(weeks)s weeks as the comparison led one to expect.") % {"weeks": weeks}
    second = _("The figure is uncertain: probably between %(low)s and %(high)s.") % {
        "low": change(low),
        "high": change(high),
    }
    return f"{first} {second}"


def change(value: float) -> str:
    """``19 fewer``, ``4 more``, ``none``."""
    rounded = round(value)
    if rounded == 0:
        return _("no difference")
    if rounded < 0:
        return _("%(n)s fewer") % {"n": words.number(-rounded)}
    return _("%(n)s more") % {"n": words.number(rounded)}


def moved(result: dict[str, Any], metres: int) -> str:
    """What can be said of the ground around."""
    near = next((r for r in result["rows"] if r["kind"] == "near"), None)
    if near is None:
        return _("The ground around cannot be counted here.")
    values = {"metres": metres, "after": words.number(near["after"]), "before": words.number(near["before"])}
    counts = _("Within %(metres)s metres around there are %(after)s reports, against %(before)s before.") % values
    if result["verdict"] == "cannot_tell" or not result.get("near_interval"):
        return counts
    if result["verdict"] == "displaced":
        return _("Much suggests it.") + " " + counts
    if result["near_interval"][0] > 0:
        return _("Perhaps in part.") + " " + counts
    return _("Nothing suggests it.") + " " + counts


def unknowns(result: dict[str, Any]) -> list[str]:
    """What we do not know, the most important first."""
    found = []
    if result["regression"]:
        r = result["regression"]
        found.append(
            _(
                "The place was among those with most reports when the measure began. Part of a fall might have come anyway: about %(fall)s of the %(figure)s before."
            )
            % {"fall": words.number(max(0, round(r["fall"]))), "figure": words.number(round(r["figure"]))}
        )
    if result["companions"]:
        names = "; ".join(result["companions"])
        found.append(
            _("Began at the same place in the same time: %(names)s. We cannot tell them apart.") % {"names": names}
        )
    if "comparisons_disagree" in result["reasons"]:
        found.append(_("The comparison places changed in different ways. That makes the figure more uncertain."))
    effort = result.get("effort")
    if effort:
        found.append(effort_words(effort["before"], effort["after"]))
        if effort["began"]:
            found.append(
                _("New as a source in the period: %(names)s. Part of an increase may come from that.")
                % {"names": ", ".join(effort["began"])}
            )
        if effort["stopped"]:
            found.append(
                _("Has stopped reporting: %(names)s. Fewer from there is not calm.")
                % {"names": ", ".join(effort["stopped"])}
            )
    if result["unplaced"]:
        found.append(
            _(
                "%(n)s of the %(all)s reports of the same kinds in the municipality have no known place and are not counted at any place."
            )
            % {"n": words.number(result["unplaced"]), "all": words.number(result["events"])}
        )
    if result["weeks"] < judging.MOST_WEEKS:
        found.append(
            _(
                "Before and after are different times of the year. The comparison places share the season, but not wholly."
            )
        )
    found.append(_("Other things may have happened at the place at the same time. Nothing here proves a cause."))
    return found


def effort_words(before: int, after: int) -> str:
    """How many bodies reported, before and after."""
    values = {"before": words.number(before), "after": words.number(after)}
    if after > before:
        return (
            _("%(after)s organisations have reported since, %(before)s before. That more report may hide a fall.")
            % values
        )
    if after < before:
        return (
            _(
                "%(after)s organisations have reported since, %(before)s before. That fewer report may explain part of a fall."
            )
            % values
        )
    return _("As many organisations have reported since as before: %(after)s.") % values


def span(first: int, end: int) -> str:
    """A half-open span of days as people write it: in weeks where it begins on a Monday, else in dates.

    A week in which the measure began would otherwise stand both before and after.
    """
    begins, ends = sites.day_of(first), sites.day_of(end - 1)
    if begins.weekday() or ends.weekday() != 6:
        return dates.span_words(begins, ends, get_language() or "sv")
    return words.weeks(Week.of(begins), Week.of(ends))
