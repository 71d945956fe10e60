"""Is something starting somewhere: the prospective scan as the weekly meeting uses it.

One call for a week gives at most a handful of clusters, each with how often
chance alone would bring one as strong. It asks the same question every week
and only once a week: called again with the same ``as_of`` it gives the same
answer, so looking more often brings no more alarms.

Method: the prospective space-time permutation scan, see ``scan``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.analysis import clean, scan

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: With fewer events than this in the baseline there is too little to tell from.
FEWEST_EVENTS = 30
#: A source counts as begun or stopped when it is silent for this many of its usual gaps …
SILENT_GAPS = 5
#: … and only when it has this many events at all.
SOURCE_EVENTS = 10


@dataclass(frozen=True)
class EmergingCluster:
    """One cluster that is alive on the last day.

    ``places`` are the callers' place numbers, the centre first; ``events`` and
    ``new_events`` (the last ``every_days`` days) index the callers' rows.
    ``recurrence_weeks``: chance alone brings one as strong about once in so
    many weeks. ``step``: how many of the limits it has passed, at least 1.
    """

    places: NDArray[np.int64]
    centre: tuple[float, float]
    radius_m: float
    start: int
    end: int
    observed: int
    expected: float
    p_value: float
    recurrence_weeks: float
    step: int
    events: NDArray[np.int64]
    new_events: NDArray[np.int64]

    @property
    def is_new(self) -> bool:
        """Whether every event in it came since the last analysis."""
        return len(self.new_events) == len(self.events)


@dataclass(frozen=True)
class Note:
    """Something to say beside the answer: a code and its values.

    ``too_few`` (events, needed) · ``source_began`` (source, day) ·
    ``source_stopped`` (source, day) · ``days_left_out`` (days).
    """

    code: str
    values: dict[str, int]


@dataclass(frozen=True)
class Emergence:
    """The week's answer. ``enough`` is false when there are too few events to tell."""

    clusters: tuple[EmergingCluster, ...]
    enough: bool
    events: int
    places: int
    windows: int
    replicates: int
    first_day: int
    last_day: int
    seed: int
    notes: tuple[Note, ...]
    parameters: dict[str, Any]
    warnings: tuple[str, ...]


def emerging(
    place: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    day: ArrayLike,
    *,
    as_of: int,
    source: ArrayLike | None = None,
    max_radius: float = 1000.0,
    max_days: int = 28,
    baseline_days: int = 365,
    late_days: int = 0,
    every_days: int = 7,
    limits_weeks: tuple[float, ...] = (4.0, 12.0, 52.0),
    most: int = 5,
    min_cases: int = 3,
    fewest_events: int = FEWEST_EVENTS,
    replicates: int = 999,
    seed: int = 0,
    workers: int = 1,
) -> Emergence:
    """Clusters alive at ``as_of``, the strongest first.

    Parameters
    ----------
    place : (n,) whole number of each event's place.
    x, y : (n,) metres in the plane, the place's position (the first seen is used).
    day : (n,) days since 1970-01-01 in local time.
    as_of : the analysis' day, best the last day of the reported week.
    source : (n,) whole number of each event's source, to name those that began
        or stopped within the baseline: both look like clusters without being any.
    max_radius : metres.
    max_days : the longest a cluster may have lasted.
    baseline_days : what is compared with; events outside it are left out.
    late_days : the last days left out because reports are still coming in.
    every_days : days between analyses.
    limits_weeks : recurrence intervals; below the first nothing is given.
    most : the most clusters given.
    min_cases, fewest_events, replicates, seed, workers : as named.

    Raises
    ------
    BadInput : broken input.

    Notes
    -----
    The permutation scan keeps the number of events of every day and of every
    place, so that busy weekdays, holidays and busy places are no clusters.
    """
    places = clean.days(place, name="place")
    xs, ys = clean.points(x, y)
    days = clean.days(day, name="day")
    clean.same_length(place=places, x=xs, day=days)
    sources = None if source is None else clean.days(source, name="source")
    if sources is not None:
        clean.same_length(day=days, source=sources)
    late = clean.whole(late_days, "late_days", least=0)
    last = clean.whole(as_of, "as_of", least=0) - late
    first = last - clean.whole(baseline_days, "baseline_days", least=2) + 1
    rows = np.flatnonzero((days >= first) & (days <= last))
    notes: list[Note] = []
    if late:
        notes.append(Note("days_left_out", {"days": late}))
    if sources is not None:
        notes.extend(_sources(sources[rows], days[rows], first, last, max_days))
    enough = len(rows) >= clean.whole(fewest_events, "fewest_events", least=1)
    if not enough:
        notes.append(Note("too_few", {"events": len(rows), "needed": fewest_events}))
    names, seen, at = np.unique(places[rows], return_index=True, return_inverse=True)
    result = scan.permutation_scan(
        xs[rows][seen],
        ys[rows][seen],
        days[rows],
        place=at.ravel(),
        prospective=True,
        max_days=max_days,
        first_day=first,
        last_day=last,
        options=scan.Options(
            max_radius=max_radius,
            min_cases=min_cases,
            max_clusters=most,
            seed=seed,
            replicates=replicates if enough else 0,
            every_days=every_days,
            workers=workers,
        ),
    )
    merged = _merged(xs[rows][seen], ys[rows][seen])
    found = []
    for cluster in result.clusters if enough else ():
        assert cluster.recurrence_interval_days is not None and cluster.p_value is not None
        weeks = cluster.recurrence_interval_days / 7
        step = sum(weeks >= limit for limit in limits_weeks)
        if step == 0:
            break  # the rest are weaker still
        assert cluster.start is not None and cluster.end is not None
        # Places at the same position were one place to the scan; all of them are given back.
        order = np.concatenate([np.flatnonzero(merged == k) for k in cluster.members])
        inside = rows[np.isin(at.ravel(), order) & (days[rows] >= cluster.start)]
        found.append(
            EmergingCluster(
                places=names[order],
                centre=cluster.centre,
                radius_m=cluster.radius_m,
                start=cluster.start,
                end=cluster.end,
                observed=cluster.observed,
                expected=cluster.expected,
                p_value=cluster.p_value,
                recurrence_weeks=weeks,
                step=step,
                events=inside,
                new_events=inside[days[inside] > last - every_days],
            )
        )
    return Emergence(
        clusters=tuple(found),
        enough=enough,
        events=len(rows),
        places=result.locations,
        windows=result.windows,
        replicates=result.replicates,
        first_day=first,
        last_day=last,
        seed=seed,
        notes=tuple(notes),
        parameters=result.parameters | {"limits_weeks": limits_weeks, "late_days": late},
        warnings=result.warnings,
    )


def _merged(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """The scan's place of each of the callers' places."""
    from samverkan.analysis._scan_circles import places

    return places(x, y, geographic=False).of_row


def _sources(sources: NDArray[np.int64], days: NDArray[np.int64], first: int, last: int, max_days: int) -> list[Note]:
    """Sources silent at either end of the baseline far longer than their usual gap."""
    notes = []
    for source in np.unique(sources):
        own = days[sources == source]
        if len(own) < SOURCE_EVENTS:
            continue
        begins, ends = int(own.min()), int(own.max())
        silent = max(max_days, SILENT_GAPS * (ends - begins + 1) / len(own))
        if begins - first > silent:
            notes.append(Note("source_began", {"source": int(source), "day": begins}))
        if last - ends > silent:
            notes.append(Note("source_stopped", {"source": int(source), "day": ends}))
    return notes
