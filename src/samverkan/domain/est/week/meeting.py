"""The meeting on the big screen: its stops one after the other, what each says, and the picture of each pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from samverkan.domain.picture.api import Filter, Page, ask, covering
from samverkan.foundation import clock
from samverkan.foundation.web.charts import Annotation, LineChart, LinePoint
from samverkan.foundation.web.maps import Attention, MapPicture, PlaceName, Viewport
from samverkan.foundation.weeks import Week

from .content import Content, Development, MeasureDue, Pattern
from .documents import words
from .patterns import Known

STEPS = ("svar", "avviker", "pagar", "forra", "beslut", "bedomning")
#: A decision that is made at a pattern is proposed to be carried out within so many days.
WITHIN = timedelta(days=14)
#: Metres from the middle of a cut-out to its edge, at least; a large one shows more of what lies around.
_REACH, _LARGE_REACH = 800.0, 1600.0
#: Pixels of the two drawings.
CUT_OUT, LARGE = (340, 330), (720, 440)


@dataclass(frozen=True)
class Stop:
    """One screen: its step, which part of it, its name, and the pattern it is about."""

    step: str
    part: str
    name: str
    pattern: Pattern | None = None

    @property
    def query(self) -> str:
        return f"?steg={self.step}" + (f"&del={self.part}" if self.part else "")


def agenda() -> list[tuple[str, str]]:
    """The meeting's items: code in the address, and words."""
    words = (
        _("Who has answered?"),
        _("What deviates"),
        _("Going on"),
        _("Left from earlier weeks"),
        _("New decisions"),
        _("Assessment and priorities"),
    )
    return list(zip(STEPS, words, strict=True))


def stops(content: Content) -> list[Stop]:
    """The screens in order: one for each pattern, and what else has a screen of its own."""
    names, found = dict(agenda()), []
    for step in STEPS:
        found.append(Stop(step, "", names[step]))
        if step == "avviker" and content.alarms.patterns:
            patterns = content.alarms.patterns
            found[-1:] = [Stop(step, str(n) if n > 1 else "", p.where, p) for n, p in enumerate(patterns, 1)]
            found.append(Stop(step, "kategorier", _("The categories")))
        if step == "pagar" and content.measures:
            found.append(Stop(step, "atgarder", _("Measures to follow up")))
    return found


def at(found: list[Stop], step: str, part: str) -> int:
    """Which stop an address means: the nearest that there is."""
    exact = [n for n, stop in enumerate(found) if (stop.step, stop.part) == (step, part)]
    return next(iter(exact), next((n for n, stop in enumerate(found) if stop.step == step), 0))


def proposed(stop: Stop, problem: Known | None) -> dict[str, Any]:
    """What the form of a decision begins with at a pattern: its words as the reason, its problem, a day."""
    if stop.pattern is None or not stop.pattern.count:
        return {}
    return {
        "why": words.pattern(stop.pattern),
        "due_on": clock.today() + WITHIN,
        "problem": problem.id if problem else None,
        "proposed": True,
    }


def heading(stop: Stop, content: Content, left: int, decided: int) -> str:
    """The answer of a screen in one line."""
    effort, told = content.effort, content.alarms
    if stop.step == "svar":
        if not effort.expected:
            return stop.name
        return _("%(a)s of %(e)s have reported") % {"a": effort.reported, "e": effort.expected}
    if stop.pattern:
        return _("More than expected at %(where)s") % {"where": stop.pattern.where}
    if stop.part == "kategorier":
        return _count_of(content)
    if stop.step == "avviker":
        if not told.searched:
            return _("What is unusual has not been searched for yet")
        return _("Nothing unusual was found") if told.enough else _("Too few reports to tell")
    if stop.part == "atgarder":
        return _measures(content.measures)
    if stop.step == "pagar":
        return _developments(content.developments)
    if stop.step == "forra":
        return (
            ngettext("%(n)s decision is left", "%(n)s decisions are left", left) % {"n": left}
            if left
            else _("Nothing is left")
        )
    if stop.step == "bedomning":
        return _("What does the week mean, and what comes first?")
    return (
        ngettext("%(n)s decision is made", "%(n)s decisions are made", decided) % {"n": decided}
        if decided
        else _("What do we do?")
    )


def _count_of(content: Content) -> str:
    return words.how_many(content.figures) or _("What came in")


def _measures(rows: Sequence[MeasureDue]) -> str:
    late = sum(1 for m in rows if m.late)
    n = {"n": len(rows), "late": late}
    if not late:
        return ngettext("%(n)s measure to follow up", "%(n)s measures to follow up", len(rows)) % n
    return (
        ngettext("%(n)s measure to follow up, %(late)s late", "%(n)s measures to follow up, %(late)s late", len(rows))
        % n
    )


def _developments(rows: Sequence[Development]) -> str:
    worse = sum(1 for d in rows if d.trend == "worse")
    n = {"n": len(rows), "worse": worse}
    if not rows:
        return _("No development is followed right now")
    if not worse:
        return ngettext("%(n)s development is followed", "%(n)s developments are followed", len(rows)) % n
    return (
        ngettext(
            "%(n)s development is followed, %(worse)s is worse",
            "%(n)s developments are followed, %(worse)s worse",
            len(rows),
        )
        % n
    )


def cut_out(page: Page, pattern: Pattern, last: Week, *, large: bool) -> MapPicture | None:
    """The map around a pattern's ring, of the weeks that it has lasted; None where nothing has a place."""
    asked = covering(Filter().over(Week.of(date.fromisoformat(pattern.since)), last))
    around = Page(ask(page.picture.actor, asked))
    around.areas = page.areas  # they have been read
    whole = around.map
    if whole is None:
        return None
    x, y, within = pattern.circle
    radius = max(within, 250.0)
    wide, tall = LARGE if large else CUT_OUT
    reach = max(_LARGE_REACH if large else _REACH, radius * (4 if large else 2.5))
    view = Viewport(x - reach, y - reach * tall / wide, x + reach, y + reach * tall / wide)
    return replace(
        whole,
        key="cut-out",
        title=_("Around %(where)s") % {"where": pattern.where},
        viewport=view,
        # Around a place only places are told; what is known by area stands in the picture.
        areas=[replace(area, only_area=0) for area in whole.areas],
        attention=[Attention(x, y, radius, "")],
        places=[*whole.places, PlaceName(x, y + radius + reach * 0.06, pattern.where)],
        municipality_only=0,
    )


def curve(pattern: Pattern, last: Week) -> LineChart | None:
    """The reports a week within a pattern's ring, beside what is usual there."""
    counts, usual = pattern.weeks, pattern.usual
    if not counts:
        return None
    low, middle, high = (usual.low, usual.middle, usual.high) if usual else (None, None, None)
    labels = [_("w. %(number)s") % {"number": last.plus(n + 1 - len(counts)).number} for n in range(len(counts))]
    points = [LinePoint(label, count, low, middle, high) for label, count in zip(labels, counts, strict=True)]
    now = ngettext("%(n)s report", "%(n)s reports", counts[-1]) % {"n": counts[-1]}
    span = "" if low is None else f"{low}" if low == high else f"{low}–{high}"
    described = _("The latest %(n)s weeks within the ring: %(values)s.") % {
        "n": len(counts),
        "values": ", ".join(map(str, counts)),
    }
    return LineChart(
        "around",
        _("Reports per week"),
        described,
        points,
        _("Count"),
        end_label=pgettext("end of a line", "now"),
        band_label=_("Usual") + f"\n{span}" if span else "",
        period_label=_("Week"),
        annotation=Annotation(len(points) - 1, now),
        height=300,
    )
