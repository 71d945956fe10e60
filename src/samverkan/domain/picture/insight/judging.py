"""Did it help: the counts of a measure before and after, and what can be said of them. No database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samverkan.analysis.evaluate import before_after, regression_to_the_mean

from .sites import Candidate, Events, Mask, Site

#: Longer than a year before and after mixes too much else in.
MOST_WEEKS = 52
#: Shorter than this cannot be told (``before_after``).
LEAST_WEEKS = 4
_FEWEST_PROPOSED, _MOST_PROPOSED = 3, 8
_YEAR = 364


def proposed(site: Site, events: Events, start: int) -> list[str]:
    """Keys of the comparison grounds that the system proposes.

    The nearest in level over the two years before, where no other measure against the same has begun,
    and which do not cover the same ground; as many as together come up to the measure's own level.
    """
    earlier = events.between(start - 2 * _YEAR, start)
    own = int((site.here & earlier).sum())
    levels = {c.key: int((c.mask & earlier).sum()) for c in site.candidates}
    order = sorted(
        (c for c in site.candidates if not c.busy and levels[c.key]),
        key=lambda c: (abs(math.log((levels[c.key] + 0.5) / (own + 0.5))), c.name),
    )
    taken: list[Candidate] = []
    together = 0
    for one in order:
        if len(taken) >= _MOST_PROPOSED or (len(taken) >= _FEWEST_PROPOSED and together >= own):
            break
        if all(_apart(one, other, site.reach) for other in taken):
            taken.append(one)
            together += levels[one.key]
    return [c.key for c in taken]


def _apart(a: Candidate, b: Candidate, metres: float) -> bool:
    if a.x is None or a.y is None or b.x is None or b.y is None:
        return True
    return math.hypot(a.x - b.x, a.y - b.y) >= metres


def _owned(chosen: Sequence[Candidate], events: Events) -> list[Mask]:
    """The events of each chosen ground; where two overlap an event belongs to the nearest."""
    if not chosen or chosen[0].x is None:
        return [c.mask for c in chosen]
    rings = np.array([events.distance(float(c.x or 0), float(c.y or 0)) for c in chosen])
    nearest = rings.argmin(axis=0) if rings.size else np.zeros(0, np.int64)
    return [c.mask & (nearest == k) for k, c in enumerate(chosen)]


def whole_weeks(start: int, as_of: int, known_from: int) -> int:
    """How many weeks there are after the start, and as many before; at most a year."""
    return max(0, min(MOST_WEEKS, (as_of - start) // 7, (start - known_from) // 7))


def judge(
    site: Site, events: Events, chosen: Sequence[str], *, start: int, as_of: int, known_from: int
) -> dict[str, Any]:
    """Counts and verdict as plain values. Days are numbers since 1970, ``as_of`` not included."""
    weeks = whole_weeks(start, as_of, known_from)
    first, end = start - 7 * weeks, start + 7 * weeks
    before, after = events.between(first, start), events.between(start, end)
    last_year = events.between(start - _YEAR, end - _YEAR) if start - _YEAR >= known_from else None

    def row(kind: str, key: str, name: str, mask: Mask) -> dict[str, Any]:
        return {
            "kind": kind,
            "key": key,
            "name": name,
            "before": int((mask & before).sum()),
            "after": int((mask & after).sum()),
            "last_year": None if last_year is None else int((mask & last_year).sum()),
        }

    grounds = [c for c in site.candidates if c.key in set(chosen)]
    masks = _owned(grounds, events)
    rows = [row("here", "", site.name, site.here)]
    if site.near is not None:
        rows.append(row("near", "", "", site.near))
    rows += [row("comparison", c.key, c.name, mask) for c, mask in zip(grounds, masks, strict=True)]
    answer: dict[str, Any] = {
        "weeks": weeks,
        "start": start,
        "first": first,
        "end": end,
        "rows": rows,
        "series": _weekly(events, site.here, first, end),
        "comparison_series": _weekly(events, np.logical_or.reduce(masks), first, end) if masks else [],
        "regression": None,
        "unplaced": int((np.isnan(events.x) & (before | after)).sum()) if site.reach else 0,
        "events": int((before | after).sum()),
    }
    if weeks == 0:
        return answer | {"verdict": "cannot_tell", "reasons": ["too_short"]}
    high, answer["regression"] = _picked_high(site, before)
    here = rows[0]
    near = next((r for r in rows if r["kind"] == "near"), None)
    found = before_after(
        treated=(here["before"], here["after"]),
        comparisons=[(r["before"], r["after"]) for r in rows if r["kind"] == "comparison"],
        buffer=None if near is None else (near["before"], near["after"]),
        days=(7.0 * weeks, 7.0 * weeks),
        dispersion=_dispersion([site.here, *masks], events, start, known_from),
        picked_high=high,
    )
    return answer | {
        "verdict": found.verdict,
        "reasons": list(found.reasons),
        "estimate": _plain(found.estimate),
        "interval": [_plain(v) for v in found.interval],
        "expected": _plain(found.expected),
        "observed": found.observed,
        "ratio": _plain(found.ratio),
        "ratio_interval": [_plain(v) for v in found.ratio_interval],
        "near_estimate": _plain(found.buffer_estimate),
        "near_interval": [_plain(v) for v in found.buffer_interval] if found.buffer_interval else None,
        "dispersion": _plain(found.dispersion),
    }


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 4)


def _weekly(events: Events, mask: Mask, first: int, end: int) -> list[int]:
    days: NDArray[np.int64] = events.day[mask & events.between(first, end)]
    counts: list[int] = np.bincount((days - first) // 7, minlength=(end - first) // 7).tolist()
    return counts


def _picked_high(site: Site, before: Mask) -> tuple[bool, dict[str, float] | None]:
    """Whether the place was among the highest tenth before, and what would then have gone by itself."""
    counts = np.array([int((mask & before).sum()) for mask in site.peers])
    if len(counts) < 5 or counts.sum() == 0:
        return False, None
    high = bool(counts[0] > counts.mean() and (counts[1:] >= counts[0]).mean() <= 0.1)
    if not high:
        return False, None
    by_itself = regression_to_the_mean(counts, 0)
    return True, {
        "figure": float(counts[0]),
        "expected": round(by_itself.expected, 1),
        "fall": round(by_itself.fall, 1),
    }


def _dispersion(masks: Sequence[Mask], events: Events, start: int, known_from: int) -> float:
    """Variance over mean of the weekly counts in the year before, all grounds together; at least 1."""
    weeks = min(MOST_WEEKS, (start - known_from) // 7)
    if weeks < 12:
        return 1.0
    series = [np.array(_weekly(events, mask, start - 7 * weeks, start)) for mask in masks]
    mean = sum(float(s.mean()) for s in series)
    return max(1.0, sum(float(s.var(ddof=1)) for s in series) / mean) if mean else 1.0
