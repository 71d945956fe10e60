"""How few places have most of it: Lorenz curve, Gini and smallest shares of places.

References
----------
Weisburd 2015, Criminology 53:133 (the law of crime concentration).
Bernasco and Steenbeek 2017, Journal of Quantitative Criminology 33:451 (the
generalised Gini, for places that outnumber the events).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samverkan.analysis import clean
from samverkan.analysis._special import check_level
from samverkan.analysis.blocks import run_blocks
from samverkan.analysis.errors import BadInput


@dataclass(frozen=True)
class Share:
    """The fewest places that together have a part of all events.

    fraction: the part, such as 0.5. places: how many places; share: of all
    places. chance, chance_low, chance_high: the same share when every event
    falls on any place with equal chance: mean and interval.
    """

    fraction: float
    places: int
    share: float
    chance: float
    chance_low: float
    chance_high: float


@dataclass(frozen=True)
class Concentration:
    """Lorenz curve and Gini of counts at places.

    lorenz_places, lorenz_events: (n + 1) cumulative shares from the quietest
    place to the busiest. gini: against equal counts everywhere. generalised:
    against the most equal spread that whole events allow; equal to gini when
    there are at least as many events as places. chance, chance_low,
    chance_high: the generalised Gini when events fall by chance alone.
    """

    places: int
    events: int
    places_with_none: int
    gini: float
    generalised: float
    chance: float
    chance_low: float
    chance_high: float
    shares: tuple[Share, ...]
    lorenz_places: NDArray[np.float64]
    lorenz_events: NDArray[np.float64]
    replicates: int
    seed: int
    parameters: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def concentration(
    counts: ArrayLike,
    *,
    places: int | None = None,
    fractions: Sequence[float] = (0.25, 0.5),
    replicates: int = 199,
    seed: int = 1,
    level: float = 0.95,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Concentration:
    """Measure how concentrated events are on places, beside what chance gives.

    Parameters
    ----------
    counts : events at each place, whole numbers; places with none count too.
    places : how many places there are in all, when `counts` leaves out those
        with none.
    fractions : parts of the events whose fewest places are sought.
    replicates, seed : for the spread by chance (multinomial, equal chances).
    level : of the interval of what chance gives.
    executor, workers, progress : see :func:`samverkan.analysis.blocks.run_blocks`.

    Returns
    -------
    Concentration. Without events the Ginis and shares are NaN.

    Raises
    ------
    BadInput for counts that are negative or broken, no places, fewer
    `places` than counts, or fractions outside (0, 1].

    Notes
    -----
    With few events a small share of places has half of them by chance alone:
    compare with `chance`, never with other municipalities' bare percentages.
    """
    check_level(level)
    given = clean.counts(counts)
    total_places = given.size if places is None else clean.whole(places, "places", least=1)
    if total_places < given.size:
        raise BadInput(f"places is {total_places}, but there are counts for {given.size} places.")
    if total_places == 0:
        raise BadInput("There are no places; give a count for each place, also those with none.")
    for fraction in fractions:
        if not 0 < fraction <= 1:
            raise BadInput(f"fractions: {fraction} is not a part between 0 and 1.")
    replicates = clean.whole(replicates, "replicates", least=0)
    ordered = np.sort(np.concatenate([np.zeros(total_places - given.size, np.int64), given]))
    events = int(ordered.sum())
    lorenz_places = np.arange(total_places + 1) / total_places
    if events:
        lorenz_events = np.concatenate([[0.0], np.cumsum(ordered) / events])
    else:
        lorenz_events = np.full(total_places + 1, np.nan)
    observed = _measures(ordered, tuple(fractions))
    if events and replicates:
        payload = (total_places, events, tuple(fractions))
        chance = run_blocks(
            by_chance, payload, replicates, seed=seed, executor=executor, workers=workers, progress=progress
        )
        tail = (1 - level) / 2
        mean = chance.mean(axis=0)
        low, high = np.quantile(chance, [tail, 1 - tail], axis=0)
    else:
        mean = low = high = np.full(1 + len(fractions), np.nan)
    gini = float(observed[0])
    return Concentration(
        places=total_places,
        events=events,
        places_with_none=int((ordered == 0).sum()),
        gini=_plain_gini(gini, total_places, events),
        generalised=gini,
        chance=float(mean[0]),
        chance_low=float(low[0]),
        chance_high=float(high[0]),
        shares=tuple(
            Share(
                fraction=float(fraction),
                places=round(observed[i] * total_places) if events else 0,
                share=float(observed[i]),
                chance=float(mean[i]),
                chance_low=float(low[i]),
                chance_high=float(high[i]),
            )
            for i, fraction in enumerate(fractions, start=1)
        ),
        lorenz_places=lorenz_places,
        lorenz_events=lorenz_events,
        replicates=replicates,
        seed=seed,
        parameters={"places": places, "fractions": tuple(fractions), "level": level},
        warnings=_warnings(events, total_places, gini, float(low[0]), float(high[0])),
    )


def by_chance(payload: tuple[int, int, tuple[float, ...]], seed: np.random.SeedSequence, n: int) -> NDArray[np.float64]:
    """Generalised Gini and smallest shares of n multinomial spreads; (n, 1 + fractions)."""
    places, events, fractions = payload
    random = np.random.default_rng(seed)
    result = np.empty((n, 1 + len(fractions)))
    for i in range(n):
        if events < 8 * places:
            spread = np.bincount(random.integers(0, places, events), minlength=places)
        else:
            spread = random.multinomial(events, np.full(places, 1 / places))
        # Sorting small whole numbers by counting them is linear.
        how_many = np.bincount(spread)
        result[i] = _measures(np.repeat(np.arange(how_many.size), how_many), fractions)
    return result


def _measures(ordered: NDArray[np.int64], fractions: tuple[float, ...]) -> NDArray[np.float64]:
    """Generalised Gini and smallest shares of counts in rising order."""
    n, events = ordered.size, int(ordered.sum())
    if events == 0:
        return np.full(1 + len(fractions), np.nan)
    rank = np.arange(1, n + 1, dtype=np.float64)
    gini = 2.0 * float(rank @ ordered) / (n * float(events)) - (n + 1) / n
    busiest = np.cumsum(ordered[::-1])
    # Whole numbers on both sides, but a fraction of them may be off by rounding.
    needed = np.array(fractions) * events * (1 - 1e-12)
    places = np.searchsorted(busiest, needed, side="left") + 1
    return np.concatenate([[max(1.0, n / events) * (gini - 1) + 1], places / n])


def _plain_gini(generalised: float, places: int, events: int) -> float:
    return (generalised - 1) / max(1.0, places / events) + 1 if events else float("nan")


def _warnings(events: int, places: int, gini: float, low: float, high: float) -> tuple[str, ...]:
    notes = []
    if events == 0:
        notes.append("There are no events, so there is no concentration to measure.")
    elif events < 30:
        notes.append(f"Only {events} events: too few to tell a concentration.")
    if 0 < events < places:
        notes.append(
            f"The places ({places}) outnumber the events ({events}): use the generalised Gini; "
            "the ordinary one is near 1 by chance alone."
        )
    if events and low <= gini <= high:
        notes.append("The concentration is no greater than chance gives.")
    return tuple(notes)
