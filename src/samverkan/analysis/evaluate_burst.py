"""A burst: are there more events in some week than chance puts in a week somewhere?

"Six in any week" is much likelier than six in one week named beforehand,
since there are many weeks to look at. The moving-window scan counts for that.

References
----------
Naus 1982, Journal of the American Statistical Association 77:177.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samverkan.analysis import clean
from samverkan.analysis._estimate import Estimate
from samverkan.analysis._special import check_level, poisson_pmf
from samverkan.analysis.blocks import p_value as monte_carlo_p
from samverkan.analysis.blocks import run_blocks
from samverkan.analysis.errors import BadInput
from samverkan.analysis.rhythm import day_number


@dataclass(frozen=True, kw_only=True)
class Burst(Estimate):
    """The busiest window of a period.

    estimate: events in it; se, z and interval: spread of the busiest window
    under chance (z: how many spreads above its mean). p_value: by Monte Carlo,
    days of the events dealt out anew, or Poisson with the given rate.
    p_naus: Naus's approximation for windows at any instant, a little greater.
    start, end: inclusive days (since 1970-01-01, or the numbers given).
    expected: events in one window named beforehand; chance: mean of the
    busiest window under chance.
    """

    start: int
    end: int
    events: int
    days: int
    expected: float
    chance: float
    p_naus: float
    replicates: int
    seed: int


def burst(
    day: ArrayLike,
    *,
    first: int | str | np.datetime64 | None = None,
    last: int | str | np.datetime64 | None = None,
    window: int = 7,
    rate: float | None = None,
    replicates: int = 999,
    seed: int = 1,
    level: float = 0.95,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Burst:
    """Test the busiest window of so many days against chance.

    Parameters
    ----------
    day : days of the events (datetime64 or whole numbers), any order.
    first, last : the period observed, inclusive; else first to last event.
    window : days in the window.
    rate : events a day expected from elsewhere (earlier years). Without it
        the question is whether the events of this period gather in time.
    replicates, seed : Monte Carlo.
    level : of the interval of the busiest window under chance.
    executor, workers, progress : see :func:`samverkan.analysis.blocks.run_blocks`.

    Returns
    -------
    Burst.

    Raises
    ------
    BadInput for no events without a period, days outside it, a period shorter
    than the window, or a rate that is not above zero.
    """
    check_level(level)
    number = clean.days(day, name="day")
    window = clean.whole(window, "window", least=1)
    replicates = clean.whole(replicates, "replicates", least=1)
    if number.size == 0 and (first is None or last is None):
        raise BadInput("There are no events; give first and last, the period observed.")
    begin = day_number(first, "first") if first is not None else int(number.min())
    finish = day_number(last, "last") if last is not None else int(number.max())
    length = finish - begin + 1
    if length < window:
        raise BadInput(f"The period is {length} days, shorter than the window of {window}.")
    if length > 100_000:
        raise BadInput("The period is longer than 270 years; check the dates.")
    if number.size and (number.min() < begin or number.max() > finish):
        raise BadInput("An event lies outside the period; widen it or leave the event out.")
    if rate is not None:
        clean.positive(rate, "rate")
    daily = np.bincount(number - begin, minlength=length)
    sums = _windows(daily, window)
    observed = int(sums.max())
    at = int(np.argmax(sums))
    per_day = rate if rate is not None else number.size / length
    drawn = run_blocks(
        _busiest,
        (int(number.size), length, window, rate),
        replicates,
        seed=seed,
        executor=executor,
        workers=workers,
        progress=progress,
    )
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    mean, spread = float(drawn.mean()), float(drawn.std(ddof=1)) if replicates > 1 else 0.0
    notes = []
    if rate is None and (first is None or last is None):
        notes.append("The period was taken from the first to the last event; state it if known.")
    if 0 < number.size < 5:
        notes.append(f"Only {number.size} events: too few to tell a burst.")
    return Burst(
        estimate=float(observed),
        se=spread,
        z=(observed - mean) / spread if spread else float("nan"),
        p_value=monte_carlo_p(drawn, float(observed)),
        interval=(float(low), float(high)),
        start=begin + at,
        end=begin + at + window - 1,
        events=int(number.size),
        days=length,
        expected=per_day * window,
        chance=mean,
        p_naus=naus(observed, per_day * window, length / window) if per_day else 1.0,
        replicates=replicates,
        seed=seed,
        parameters={
            "window": window,
            "rate": rate,
            "first": begin,
            "last": finish,
            "level": level,
        },
        warnings=tuple(notes),
    )


def naus(least: int, mean: float, windows: float) -> float:
    """P(some window holds at least `least` events), Poisson events, window at any instant.

    Parameters
    ----------
    least : events in the window, at least 1.
    mean : expected events in one window, above 0.
    windows : length of the period in windows, at least 1 (52 weeks of a year).

    Returns
    -------
    The probability; 1 for least <= 0. Exact for 1 and for one or two windows,
    else good to about three digits when small.

    References
    ----------
    Naus 1982, equations for Q2, Q3 and their product.
    """
    if least <= 0:
        return 1.0
    clean.positive(mean, "mean")
    if not math.isfinite(windows) or windows < 1:
        raise BadInput(f"windows is {windows}; the period must hold at least one window.")
    k = least
    if k == 1:
        return -math.expm1(-mean * windows)
    mass = poisson_pmf(mean, 2 * k)
    below = np.cumsum(mass)

    def p(i: int) -> float:
        return float(mass[i]) if i >= 0 else 0.0

    def f(i: int) -> float:
        return float(below[i]) if i >= 0 else 0.0

    q1 = f(k - 1)
    q2 = q1**2 - (k - 1) * p(k) * p(k - 2) - (k - 1 - mean) * p(k) * f(k - 3)
    a1 = 2 * p(k) * q1 * ((k - 1) * f(k - 2) - mean * f(k - 3))
    a2 = 0.5 * p(k) ** 2 * ((k - 1) * (k - 2) * f(k - 3) - 2 * (k - 2) * mean * f(k - 4) + mean**2 * f(k - 5))
    a3 = sum(p(2 * k - r) * f(r - 1) ** 2 for r in range(1, k))
    a4 = sum(p(2 * k - r) * p(r) * ((r - 1) * f(r - 2) - mean * f(r - 3)) for r in range(2, k))
    q3 = q1**3 - a1 + a2 + a3 - a4
    q1, q2, q3 = (min(1.0, max(0.0, q)) for q in (q1, q2, q3))
    if q2 == 0.0:
        return 1.0
    if windows <= 2:
        return min(1.0, max(0.0, 1 - q1 * (q2 / q1) ** (windows - 1)))
    return min(1.0, max(0.0, 1 - q2 * (q3 / q2) ** (windows - 2)))


def _windows(daily: NDArray[np.int64], window: int) -> NDArray[np.int64]:
    total = np.concatenate([[0], np.cumsum(daily)])
    return np.asarray(total[window:] - total[:-window])


def _busiest(payload: tuple[int, int, int, float | None], seed: np.random.SeedSequence, n: int) -> NDArray[np.float64]:
    events, length, window, rate = payload
    random = np.random.default_rng(seed)
    result = np.empty(n)
    for i in range(n):
        if rate is None:
            daily = np.bincount(random.integers(0, length, events), minlength=length)
        else:
            daily = random.poisson(rate, length)
        result[i] = _windows(daily, window).max()
    return result
