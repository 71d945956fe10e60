"""The scan statistics written out in full, slowly, to compare with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

Window = tuple[float, int, int, int, int, int, float]


def distances(x, y, geographic: bool) -> np.ndarray:
    n = len(x)
    result = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if geographic:
                a, b = math.radians(y[i]), math.radians(y[j])
                h = math.sin((b - a) / 2) ** 2
                h += math.cos(a) * math.cos(b) * math.sin(math.radians(x[j] - x[i]) / 2) ** 2
                result[i, j] = 2 * 6_367_000 * math.asin(math.sqrt(h))
            else:
                result[i, j] = math.hypot(x[j] - x[i], y[j] - y[i])
    return result


def growth(dist: np.ndarray, size: np.ndarray, radius: float, share: float) -> list[list[int]]:
    """For each centre the places in the order they join the circle."""
    lists = []
    for centre in range(len(dist)):
        order = sorted(range(len(dist)), key=lambda j: (round(dist[centre, j], 6), j))
        grown: list[int] = []
        inside = 0.0
        for j in order:
            inside += size[j]
            if dist[centre, j] > radius + 1e-6 or inside > share * size.sum() + 1e-9:
                break
            grown.append(j)
        lists.append(grown)
    return lists


def intervals(days: int, longest: int, prospective: bool) -> list[tuple[int, int]]:
    ends = [days - 1] if prospective else range(days)
    return [(s, e) for e in ends for s in range(max(0, e - longest + 1), e + 1)]


def poisson(n: float, mu: float, cases: float) -> float:
    if n <= mu:
        return 0.0
    rest = (cases - n) * math.log((cases - n) / (cases - mu)) if n < cases else 0.0
    return n * math.log(n / mu) + rest


def bernoulli(n: float, people: float, cases: float, everyone: float) -> float:
    if people == 0 or n / people <= (cases / everyone):
        return 0.0

    def term(k: float, of: float) -> float:
        return k * math.log(k / of) if k > 0 else 0.0

    outside, others = cases - n, everyone - people
    return (
        term(n, people)
        + term(people - n, people)
        + term(outside, others)
        + term(others - outside, others)
        - term(cases, everyone)
        - term(everyone - cases, everyone)
    )


def windows(
    counts: np.ndarray,
    lists: list[list[int]],
    spans: list[tuple[int, int]],
    measure: Callable[[list[int], int, int], float],
    statistic: Callable[[float, float], float],
    fewest: int,
    taken: frozenset[int] = frozenset(),
) -> Iterator[Window]:
    """(statistic, centre, places, first day, last day, count, measure) of every window."""
    for centre, grown in enumerate(lists):
        for k in range(1, len(grown) + 1):
            zone = grown[:k]
            if taken.intersection(zone):
                break
            for s, e in spans:
                n = int(counts[zone, s : e + 1].sum())
                if n < fewest:
                    continue
                m = measure(zone, s, e)
                yield statistic(n, m), centre, k, s, e, n, m


def best(*args, **kwargs) -> Window | None:
    """The largest window, the first met among equals (shortest interval last met)."""
    top: Window | None = None
    for window in windows(*args, **kwargs):
        if window[0] > 1e-12 and (top is None or window[0] > top[0] * (1 + 1e-9)):
            top = window
    return top


def greedy(counts, lists, spans, measure, statistic, fewest, most) -> list[Window]:
    """Clusters in order, each the best that shares no place with those before it."""
    taken: frozenset[int] = frozenset()
    found: list[Window] = []
    while len(found) < most:
        top = best(counts, lists, spans, measure, statistic, fewest, taken=taken)
        if top is None:
            break
        found.append(top)
        taken |= frozenset(lists[top[1]][: top[2]])
    return found
