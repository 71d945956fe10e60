"""What is usual: the same weeks of other years. Pure.

For each year of the base period the same weeks are counted, and the same span one week earlier and
later, since holidays and paydays move. Usual is the middle half of these counts (Hyndman and Fan,
Sample quantiles in statistical packages, Am. Stat. 50 (1996), type 7). A count is called more or
fewer only when it lies outside the middle half and also further from the median than chance
readily gives (two standard deviations of a Poisson count). Outside the middle half but within chance
it is called somewhat more or fewer, so that the word never denies the span that stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from samverkan.foundation.weeks import Week

from .filters import same_week

_SHIFTS = (-1, 0, 1)
#: Fewer windows than this say nothing of what is usual.
_FEWEST = 3


class Verdict(Enum):
    MORE = "more"
    SOMEWHAT_MORE = "some_more"
    AS_USUAL = "as_usual"
    SOMEWHAT_FEWER = "some_fewer"
    FEWER = "fewer"
    #: More, but only with a source that did not report in the years compared with.
    NEW_SOURCE = "new_source"
    TOO_FEW = "too_few"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Usual:
    """The middle half and the median of the counts in the base period."""

    low: int
    middle: float
    high: int


def windows(first: Week, last: Week, years: Sequence[int], known: tuple[int, int]) -> list[tuple[int, int]]:
    """First and last week (indexes) of every window that lies within what is known and before the period."""
    length = last.index - first.index
    found = []
    for year in years:
        start = same_week(year + first.year - last.year, first).index
        for shift in _SHIFTS:
            a, b = start + shift, start + shift + length
            if known[0] <= a and b <= known[1] and b < first.index:
                found.append((a, b))
    return found


def usual(counts: Sequence[int | None]) -> Usual | None:
    """Of the counts in the windows; None when they are too few or one of them is hidden."""
    if len(counts) < _FEWEST or any(count is None for count in counts):
        return None
    low, middle, high = np.quantile(np.array(counts, float), [0.25, 0.5, 0.75])
    return Usual(math.floor(low), float(middle), math.ceil(high))


def judge(count: int | None, base: Usual | None, *, few: int = 5) -> Verdict:
    """How a count stands beside what is usual."""
    if count is None or base is None:
        return Verdict.UNKNOWN
    if max(count, base.high) < few:
        return Verdict.TOO_FEW
    spread = 2 * math.sqrt(max(base.middle, 1.0))
    if count > base.high:
        return Verdict.MORE if count > base.middle + spread else Verdict.SOMEWHAT_MORE
    if count < base.low:
        return Verdict.FEWER if count < base.middle - spread else Verdict.SOMEWHAT_FEWER
    return Verdict.AS_USUAL


def base_years(chosen: tuple[int, int] | None, last: Week) -> list[int]:
    """The years of the base period: those chosen, or the three before."""
    return list(range(chosen[0], chosen[1] + 1)) if chosen else [last.year - n for n in (3, 2, 1)]


def per_week(
    weeks: Sequence[Week], years: Sequence[int], known: tuple[int, int], count: Callable[[int], int | None]
) -> list[Usual | None]:
    """What is usual for each week. ``count`` answers for a week by its index."""
    out = []
    for week in weeks:
        found = [count(a) for a, _b in windows(week, week, years, known)]
        out.append(usual(found))
    return out
