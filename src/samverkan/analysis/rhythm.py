"""When does it happen: hour by weekday, weekday and month, with uncertainty.

Events are often known only as a span ("between Friday evening and Monday
morning"). The aoristic method spreads such an event evenly over its span:
the weight of an hour is the part of the span that lies in it. Hours are the
hours of the clock on the wall, so a span over a change to or from daylight
saving time is counted by the minutes that really passed.

Reference: Ratcliffe 2002, Journal of Quantitative Criminology 18:23.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samverkan.analysis import clean
from samverkan.analysis._special import (
    check_level,
    chi_square_above,
    gamma_quantiles,
    poisson_intervals,
)
from samverkan.analysis.errors import BadInput
from samverkan.analysis.zones import clock_changes, zone_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Years in which clocks, and therefore spans, are meaningful; keeps the table of changes small.
_FIRST, _LAST = np.datetime64("1900-01-01", "s"), np.datetime64("2100-01-01", "s")


@dataclass(frozen=True)
class Rhythm:
    """Aoristic weights by weekday and hour.

    weights: (7, 24), Monday and 00–01 first; they sum to `events`.
    se: (7, 24), standard error of each weight, sqrt of the sum of the squared
    weights of the events (events as independent Poisson arrivals).
    low, high: (7, 24), interval at `parameters["level"]` by the gamma method
    of Fay and Feuer 1997 (Statistics in Medicine 16:791).
    """

    weights: NDArray[np.float64]
    se: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    events: int
    points: int
    spans: int
    week_or_longer: int
    reversed: int
    without_end: int
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """Events per weekday or calendar month, against the days there were.

    counts, days, rate (events a day), low, high, index (rate over the mean
    rate of all days): arrays of 7 (Monday first) or 12 (January first); rate,
    low, high and index are NaN where the period holds no such day.
    dispersion: Pearson's, at least 1; intervals are widened by it.
    p_value: chi-square test of one rate for all, divided by the dispersion.
    """

    counts: NDArray[np.int64]
    days: NDArray[np.int64]
    rate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    index: NDArray[np.float64]
    events: int
    dispersion: float
    p_value: float
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def aoristic(
    start: ArrayLike,
    end: ArrayLike | None = None,
    *,
    zone: str | None = None,
    reversed_spans: Literal["swap", "start"] = "swap",
    level: float = 0.95,
) -> Rhythm:
    """Weights of events in the 168 hours of the week.

    Parameters
    ----------
    start, end : datetime64 arrays of equal length; NaT in `end` means that
        only the start is known. Without `end` every event is a point.
    zone : name such as "Europe/Stockholm": the times are then UTC and the
        hours those of that zone. None: the times are read off a clock that
        is never changed. For local times use :func:`to_utc` first.
    reversed_spans : what to do when the end lies before the start: "swap"
        the two, or put all the weight at the "start".
    level : of the intervals.

    Returns
    -------
    Rhythm. A point, or an end that is missing, gives all weight to the hour
    of the start; a span of 168 hours or more gives 1/168 to each hour.
    Empty input gives zeros.

    Raises
    ------
    BadInput for a missing start, unequal lengths, years outside 1900–2099
    or an unknown zone.

    References
    ----------
    Ratcliffe 2002, Journal of Quantitative Criminology 18:23.
    """
    if reversed_spans not in ("swap", "start"):
        raise BadInput(f'reversed_spans is {reversed_spans!r}; choose "swap" or "start".')
    check_level(level)
    begun = _instants(start, "start")
    ended = begun.copy() if end is None else _instants(end, "end", missing_allowed=True)
    clean.same_length(start=begun, end=ended)
    missing = np.isnat(ended)
    without_end = int(missing.sum())
    if without_end:
        ended = np.where(missing, begun, ended)
    s, e = begun.view(np.int64), ended.view(np.int64)
    backwards = e < s
    reversed_count = int(backwards.sum())
    if reversed_count:
        if reversed_spans == "swap":
            s, e = np.minimum(s, e), np.maximum(s, e)
        else:
            e = np.where(backwards, s, e)
    if zone is not None and s.size:
        changes, offsets = clock_changes(zone, int(s.min()), int(e.max()))
    else:
        changes, offsets = np.zeros(0, np.int64), np.zeros(1, np.int64)
        if zone is not None:
            zone_of(zone)
    total, squares, tally = np.zeros(168), np.zeros(168), np.zeros(4, np.int64)
    if s.size:
        from samverkan.analysis import _kernels_rhythm

        _kernels_rhythm.aoristic(s, e, changes, offsets, total, squares, tally)
    points, midnight, spans, long_spans = (int(v) for v in tally)
    low, high = _gamma_interval(total, squares, level)
    return Rhythm(
        weights=total.reshape(7, 24),
        se=np.sqrt(squares).reshape(7, 24),
        low=low.reshape(7, 24),
        high=high.reshape(7, 24),
        events=int(s.size),
        points=points,
        spans=spans,
        week_or_longer=long_spans,
        reversed=reversed_count,
        without_end=without_end,
        parameters={"zone": zone, "reversed_spans": reversed_spans, "level": level},
        warnings=_warnings(int(s.size), points, midnight, long_spans, reversed_count, without_end, reversed_spans),
    )


def profile(
    day: ArrayLike,
    *,
    by: Literal["weekday", "month"],
    first: str | np.datetime64 | dt.date | None = None,
    last: str | np.datetime64 | dt.date | None = None,
    level: float = 0.95,
) -> Profile:
    """Events by weekday or calendar month, each against the days it had.

    Parameters
    ----------
    day : datetime64 array of the local days of the events, any order.
    by : "weekday" or "month".
    first, last : the period observed, inclusive. Without them the days of
        the first and the last event, which makes both ends look a little too
        busy.
    level : of the intervals.

    Returns
    -------
    Profile. The interval is exact Poisson (Garwood 1936), widened by the
    dispersion of the daily counts about their weekday or month.

    Raises
    ------
    BadInput for a missing day, a day outside the period, or no days at all.
    """
    if by not in ("weekday", "month"):
        raise BadInput(f'by is {by!r}; choose "weekday" or "month".')
    check_level(level)
    number = clean.days(day, name="day")
    if number.size == 0 and (first is None or last is None):
        raise BadInput("There are no events; give first and last, the period observed.")
    begin = day_number(first, "first") if first is not None else int(number.min())
    finish = day_number(last, "last") if last is not None else int(number.max())
    if begin > finish:
        raise BadInput(f"The period ends ({last}) before it begins ({first}).")
    if finish - begin > 40_000:
        raise BadInput("The period is longer than a hundred years; check the dates.")
    outside = (number < begin) | (number > finish)
    if outside.any():
        where = int(np.argmax(outside))
        raise BadInput(
            f"day: value {where + 1} is {np.datetime64(int(number[where]), 'D')}, outside the "
            f"period {np.datetime64(begin, 'D')} to {np.datetime64(finish, 'D')}."
        )
    calendar = np.arange(begin, finish + 1)
    if by == "weekday":
        group, groups = (calendar + 3) % 7, 7
    else:
        group = calendar.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        groups = 12
    daily = np.bincount(number - begin, minlength=calendar.size)
    counts = np.bincount(group, weights=daily, minlength=groups).astype(np.int64)
    days = np.bincount(group, minlength=groups)
    with np.errstate(invalid="ignore"):
        rate = np.where(days > 0, counts / np.maximum(days, 1), np.nan)
    fitted = rate[group]
    used = fitted > 0
    freedom = int(used.sum()) - int((counts > 0).sum())
    pearson = float((((daily - fitted) ** 2)[used] / fitted[used]).sum())
    dispersion = max(1.0, pearson / freedom) if freedom > 0 else 1.0
    low, high = np.full(groups, np.nan), np.full(groups, np.nan)
    present = days > 0
    bounds = poisson_intervals(counts[present].astype(np.float64), level, dispersion)
    low[present], high[present] = (bound / days[present] for bound in bounds)
    events = int(counts.sum())
    mean = events / calendar.size
    p_value = 1.0
    if events and int(present.sum()) > 1:
        expected = mean * days[present]
        chi = float((((counts[present] - expected) ** 2) / expected).sum()) / dispersion
        p_value = chi_square_above(chi, int(present.sum()) - 1)
    notes = []
    if events < 5 * groups:
        notes.append(f"Only {events} events: too few to tell one {by} from another.")
    if first is None or last is None:
        notes.append("The period was taken from the first to the last event; state it if known.")
    if by == "month" and calendar.size < 730:
        notes.append("Under two years: a month of the year cannot be told from a trend.")
    return Profile(
        counts=counts,
        days=days,
        rate=rate,
        low=low,
        high=high,
        index=rate / mean if mean else np.full(groups, np.nan),
        events=events,
        dispersion=dispersion,
        p_value=p_value,
        parameters={
            "by": by,
            "first": str(np.datetime64(begin, "D")),
            "last": str(np.datetime64(finish, "D")),
            "level": level,
        },
        warnings=tuple(notes),
    )


def day_number(value: int | str | np.datetime64 | dt.date, name: str) -> int:
    """A day as whole days since 1970-01-01, from a date in any form or that number itself.

    Raises BadInput when it is no date.
    """
    if isinstance(value, int | np.integer):
        return int(value)
    try:
        day = np.array(value, dtype="datetime64[D]")
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: {value!r} is not a date like 2026-03-29.") from error
    return int(clean.days(day.reshape(1), name=name)[0])


def to_utc(local: ArrayLike, zone: str) -> NDArray[np.datetime64]:
    """Times on the wall in a zone as UTC, datetime64[s].

    A time that occurs twice (the hour after the clock went back) is the
    earlier; one that never occurred (the hour skipped) is read with the
    offset before the change, as in PEP 495. NaT stays.
    """
    wall = _instants(local, "time", missing_allowed=True)
    known = ~np.isnat(wall)
    if not known.any():
        zone_of(zone)
        return wall
    seconds = wall[known].view(np.int64)
    day = 86_400
    changes, offsets = clock_changes(zone, int(seconds.min()) - day, int(seconds.max()) + day)
    # A change is due, on the wall, when the clock of before it shows that instant; where the clock
    # goes back, the earlier reading stays valid until the wall time has passed for good.
    due = changes + offsets[:-1]
    at = np.searchsorted(due, seconds, side="right")
    skipped = np.zeros(seconds.size, dtype=bool)
    for i, (gap_start, jump) in enumerate(zip(due, np.diff(offsets), strict=True)):
        if jump > 0:
            inside = (at == i + 1) & (seconds < gap_start + jump)
            skipped |= inside
    at = at - skipped
    result = wall.copy()
    result[known] = (seconds - offsets[at]).view("datetime64[s]")
    return result


def _instants(values: ArrayLike, name: str, *, missing_allowed: bool = False) -> NDArray[np.datetime64]:
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(0, "datetime64[s]")
    if array.ndim != 1:
        raise BadInput(f"{name}: {array.ndim} dimensions; give one column.")
    if array.dtype.kind != "M":
        try:
            array = array.astype("datetime64[s]")
        except (TypeError, ValueError) as error:
            raise BadInput(f"{name}: not times; give datetime64 values.") from error
    result = np.array(array, dtype="datetime64[s]", order="C")
    missing = np.isnat(result)
    if missing.any():
        if not missing_allowed:
            raise BadInput(f"{name}: value {int(np.argmax(missing)) + 1} is missing; remove the row.")
        known = result[~missing]
    else:
        known = result
    if known.size and (known.min() < _FIRST or known.max() >= _LAST):
        raise BadInput(f"{name}: a year outside 1900–2099; check the times.")
    return result


def _gamma_interval(
    total: NDArray[np.float64], squares: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fay and Feuer's interval for sums of weighted Poisson counts."""
    tail = (1 - level) / 2
    low = np.zeros(total.size)
    some = total > 0
    y, v = total[some], squares[some]
    low[some] = v / y * gamma_quantiles(y * y / v, tail, 1_000)
    # One more event wholly in the hour is the worst that the data allow.
    y, v = total + 1, squares + 1
    return low, v / y * gamma_quantiles(y * y / v, 1 - tail, 1_000)


def _warnings(
    events: int,
    points: int,
    midnight: int,
    long_spans: int,
    reversed_count: int,
    without_end: int,
    reversed_spans: str,
) -> tuple[str, ...]:
    notes = []
    if events < 30:
        notes.append(f"Only {events} events: too few to tell a rhythm.")
    if midnight >= 5 and midnight > points / 8:
        notes.append(f"{midnight} of {points} exact times are 00:00; that often means that the time is unknown.")
    if long_spans:
        notes.append(f"Spans of a week or more, which say nothing about the hour: {long_spans}.")
    if reversed_count:
        done = "the ends were swapped" if reversed_spans == "swap" else "the start was used"
        notes.append(f"Spans that end before they start ({done}): {reversed_count}.")
    if without_end:
        notes.append(f"Events without an end, put at their start: {without_end}.")
    return tuple(notes)
