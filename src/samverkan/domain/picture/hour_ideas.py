"""What could be tried where some hours of the week clearly have more reports than others.

One table of general research and common practice. Nothing here knows the place or the problem: they are
thoughts for those who do, shown only with enough reports and a clear difference, and never chosen by themselves.

Named on the page: Welsh and Farrington, Effects of improved street lighting on crime, Campbell Systematic
Reviews 2008:13; Wallin, Norström and Andréasson, Alcohol prevention targeting licensed premises, Journal of
Studies on Alcohol 64 (2003) 270-277, police-reported violence in Stockholm; Mazerolle, Kadleck and Roehl,
Controlling drug and disorder problems, Criminology 36 (1998) 371-404; Boverket, Tryggare och mänskligare
Göteborg and Brå, Trygghetsvandring: en vägledning (2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .words import number

#: Fewer reports with a known hour than this are too few to speak of hours.
FEWEST = 40
#: A window stands out with so many reports, so many times what an even week would give, and so many
#: standard deviations of a chance (Poisson) count above it.
_FEWEST_IN_WINDOW = 10
_TIMES = 2.0
_DEVIATIONS = 4.0

_WEEKDAYS = (0, 1, 2, 3, 4)
_ALL = (0, 1, 2, 3, 4, 5, 6)


def _span(days: Sequence[int], first: int, last: int) -> frozenset[tuple[int, int]]:
    return frozenset((day, hour) for day in days for hour in range(first, last))


@dataclass(frozen=True)
class Idea:
    """Something to think about, and what it rests on."""

    words: Any
    basis: Any


@dataclass(frozen=True)
class Window:
    """Hours of the week, what they are called, and what could be tried. Of windows of one ``group`` the clearest is shown."""

    name: Any
    group: str
    hours: frozenset[tuple[int, int]]
    ideas: tuple[Idea, ...]


_PRACTICE = gettext_lazy("practice, not tried by research that we know of")
_LIGHT = gettext_lazy(
    "research, mostly from other countries: fewer reported crimes where light was improved (Welsh and Farrington 2008)"
)

WINDOWS = (
    Window(
        gettext_lazy("Friday and Saturday nights, 22–04"),
        "night",
        _span((4, 5), 22, 24) | _span((5, 6), 0, 4),
        (
            Idea(
                gettext_lazy("grown-ups or night walkers (nattvandrare) who are seen: contact, not control"), _PRACTICE
            ),
            Idea(
                gettext_lazy("cooperation with bars and restaurants: training, policy and common supervision"),
                gettext_lazy("research from Stockholm: less reported violence (Wallin, Norström and Andréasson 2003)"),
            ),
            Idea(
                gettext_lazy("public order guards (ordningsvakter) at the hours that stand out"),
                gettext_lazy("practice; needs the police's permission"),
            ),
        ),
    ),
    Window(
        gettext_lazy("nights, 22–05"),
        "night",
        _span(_ALL, 22, 24) | _span(_ALL, 0, 5),
        (
            Idea(gettext_lazy("better light and sight lines"), _LIGHT),
            Idea(gettext_lazy("rounds and locking at the hours that stand out"), _PRACTICE),
        ),
    ),
    Window(
        gettext_lazy("school hours, Monday to Friday 8–15"),
        "day",
        _span(_WEEKDAYS, 8, 15),
        (
            Idea(
                gettext_lazy("grown-ups who are seen in the school yard, and hosts in the breaks (rastvärdar)"),
                _PRACTICE,
            ),
            Idea(gettext_lazy("ask pupils and staff to mark on a map where they feel unsafe"), _PRACTICE),
        ),
    ),
    Window(
        gettext_lazy("daytime, Monday to Friday 9–17"),
        "day",
        _span(_WEEKDAYS, 9, 17),
        (
            Idea(
                gettext_lazy("visits by caretakers or a centre host (centrumvärd) at the hours that stand out"),
                gettext_lazy(
                    "research from other countries on those who manage a place (Mazerolle, Kadleck and Roehl 1998)"
                ),
            ),
        ),
    ),
    Window(
        gettext_lazy("evenings, 17–22"),
        "evening",
        _span(_ALL, 17, 22),
        (
            Idea(
                gettext_lazy("a youth centre (fritidsgård) open longer, or activities where people gather"), _PRACTICE
            ),
            Idea(gettext_lazy("better light and sight lines"), _LIGHT),
            Idea(
                gettext_lazy("a safety walk (trygghetsvandring) at the hour when it happens"),
                gettext_lazy("practice, described by Brå and Boverket"),
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Suggestion:
    """One window that stands out: the sentence that says so, and what could be tried."""

    sentence: str
    ideas: tuple[Idea, ...]


def suggestions(hours: Sequence[Sequence[float | None]]) -> list[Suggestion]:
    """What the hours that stand out bring to mind; empty with too few reports or nothing clear.

    ``hours`` is (7, 24 or more) counts, Monday first; what stands after the 24th is not looked at.
    """
    counts = {(day, hour): row[hour] or 0 for day, row in enumerate(hours) for hour in range(24)}
    total = sum(counts.values())
    if total < FEWEST:
        return []
    best: dict[str, tuple[float, Window, float, float]] = {}
    for window in WINDOWS:
        count = sum(counts[slot] for slot in window.hours)
        even = total * len(window.hours) / len(counts)
        clear = count >= _FEWEST_IN_WINDOW and count >= _TIMES * even and count - even >= _DEVIATIONS * even**0.5
        if clear and (window.group not in best or count / even > best[window.group][0]):
            best[window.group] = (count / even, window, count, even)
    return [
        Suggestion(
            _("%(when)s: %(count)s of %(total)s, where an even week would give %(even)s.")
            % {
                "when": str(window.name)[:1].upper() + str(window.name)[1:],
                "count": number(round(count)),
                "total": number(round(total)),
                "even": number(round(even)),
            },
            window.ideas,
        )
        for _times, window, count, even in sorted(best.values(), key=lambda found: -found[0])
    ]
