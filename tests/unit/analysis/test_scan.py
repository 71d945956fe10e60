"""The scan statistics against the same thing written out in full."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samverkan.analysis import _scan_problem as layout
from samverkan.analysis.scan import Options, bernoulli_scan, permutation_scan, poisson_scan
from tests.unit.analysis import scan_reference as ref

QUIET = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def cases_on(rng, n_places, n_days, n_cases):
    """Uneven places and days, so that expected counts differ."""
    place = (rng.random(n_cases) ** 1.5 * n_places).astype(int)
    day = (rng.random(n_cases) ** 0.7 * n_days).astype(int)
    return place, day


def table(place, day, n_places, n_days, count=None):
    counts = np.zeros((n_places, n_days), dtype=int)
    np.add.at(counts, (place, day), 1 if count is None else count)
    return counts


def recount(result, counts, measure, statistic):
    """Every cluster's own numbers hold when its places and days are counted again."""
    seen: set[int] = set()
    for cluster in result.clusters:
        members = list(cluster.members)
        assert not seen.intersection(members)
        seen.update(members)
        first = (cluster.start or 0) - (result.parameters["first_day"] or 0)
        last = (cluster.end or 0) - (result.parameters["first_day"] or 0)
        assert counts[members, first : last + 1].sum() == cluster.observed
        m = measure(members, first, last)
        assert cluster.statistic == pytest.approx(statistic(cluster.observed, m), rel=1e-9)


def same(result, expected):
    """The same statistics and counts, cluster by cluster."""
    assert len(result.clusters) == len(expected)
    for cluster, window in zip(result.clusters, expected, strict=True):
        assert cluster.statistic == pytest.approx(window[0], rel=1e-9)


@given(
    seed=st.integers(0, 10**6),
    prospective=st.booleans(),
    radius=st.sampled_from([None, 0.0, 1.0, 2.0, math.sqrt(5), 10.0]),
    share=st.sampled_from([None, 0.2, 0.5]),
    longest=st.sampled_from([1, 3, None]),
    fewest=st.integers(1, 4),
)
@QUIET
def test_permutation_equals_brute_force(seed, prospective, radius, share, longest, fewest):
    rng = np.random.default_rng(seed)
    n_places, n_days = int(rng.integers(1, 9)), int(rng.integers(1, 9))
    grid = rng.permutation(16)[:n_places]
    x, y = (grid % 4).astype(float), (grid // 4).astype(float)
    place, day = cases_on(rng, n_places, n_days, int(rng.integers(1, 40)))
    result = permutation_scan(
        x,
        y,
        day,
        place=place,
        prospective=prospective,
        max_days=longest,
        first_day=0,
        last_day=n_days - 1,
        options=Options(max_radius=radius, max_share=share, min_cases=fewest, replicates=19, seed=seed),
    )
    counts = table(place, day, n_places, n_days)
    total = counts.sum()
    by_place, by_day = counts.sum(axis=1), counts.sum(axis=0)
    limit = 0.5 if share is None and radius is None else (share or 1.0)
    lists = ref.growth(ref.distances(x, y, False), by_place, math.inf if radius is None else radius, limit)
    spans = ref.intervals(n_days, min(longest or max(1, n_days // 2), n_days), prospective)

    def measure(zone, s, e):
        return by_place[zone].sum() * by_day[s : e + 1].sum() / total

    def statistic(n, m):
        return ref.poisson(n, m, total)

    same(result, ref.greedy(counts, lists, spans, measure, statistic, fewest, 10))
    recount(result, counts, measure, statistic)
    for drawn, largest in zip(
        drawn_sets(result, seed, place, by_day, prospective, result.parameters["max_days"]),
        result.largest,
        strict=False,
    ):
        top = ref.best(drawn, lists, spans, measure, statistic, fewest)
        assert largest == pytest.approx(top[0] if top else 0.0, rel=1e-9, abs=1e-11)


def drawn_sets(result, seed, place, by_day, prospective, longest):
    """The data sets of a permutation run's replicates, drawn again with the run's own stream."""
    from samverkan.analysis._kernels_scan_random import sample

    n_days = len(by_day)
    n_places = result.locations
    stream = np.random.SeedSequence(seed).spawn(1)[0]
    state = stream.generate_state(4, np.uint64)
    slots = np.sort(place).astype(np.int32)
    days = np.repeat(np.arange(n_days), by_day).astype(np.int32)
    if prospective:
        days = days[days > n_days - 1 - longest]
    where, when = np.empty(len(days), np.int64), np.empty(len(days), np.int64)
    for _ in range(result.replicates):
        sample(
            state,
            layout.PERMUTE,
            slots,
            np.zeros(1, np.int32),
            days,
            np.zeros(1),
            np.zeros(1, np.int64),
            np.arange(n_places, dtype=np.int32),
            where,
            when,
        )
        yield table(where, when, n_places, n_days)


@given(
    seed=st.integers(0, 10**6),
    timed=st.sampled_from(["space", "even", "table"]),
    prospective=st.booleans(),
    geographic=st.booleans(),
)
@QUIET
def test_poisson_equals_brute_force(seed, timed, prospective, geographic):
    rng = np.random.default_rng(seed)
    n_places, n_days = int(rng.integers(1, 9)), 1 if timed == "space" else int(rng.integers(2, 7))
    x, y = rng.random(n_places), rng.random(n_places)
    if geographic:
        x, y = x / 50 + 16.5, y / 100 + 59.3
    place, day = cases_on(rng, n_places, n_days, int(rng.integers(1, 40)))
    mean = rng.random((n_places, n_days)) * 9 + 0.5
    if timed != "table":
        mean[:] = mean[:, :1]
    radius = 600.0 if geographic else 0.5
    given_day = {}
    if timed == "even":
        given_day = {"expected": mean[:, 0], "expected_place": np.arange(n_places)}
    elif timed == "table":
        given_day = {
            "expected": mean.ravel(),
            "expected_place": np.repeat(np.arange(n_places), n_days),
            "expected_day": np.tile(np.arange(n_days), n_places),
        }
    else:
        given_day = {"expected": mean[:, 0], "expected_place": np.arange(n_places)}
    prospective = prospective and timed != "space"
    result = poisson_scan(
        x,
        y,
        count=np.ones(len(place), int),
        place=place,
        day=None if timed == "space" else day,
        prospective=prospective,
        max_days=3,
        first_day=0,
        last_day=n_days - 1,
        options=Options(max_radius=radius, geographic=geographic, replicates=9, seed=seed),
        **given_day,
    )
    counts = table(place, day, n_places, n_days)
    total = int(counts.sum())
    mean *= total / mean.sum()
    lists = ref.growth(ref.distances(x, y, geographic), mean.sum(axis=1), radius, 1.0)
    spans = ref.intervals(n_days, min(3, n_days), prospective)

    def measure(zone, s, e):
        return mean[zone, s : e + 1].sum()

    def statistic(n, m):
        return ref.poisson(n, m, total)

    same(result, ref.greedy(counts, lists, spans, measure, statistic, 2, 10))
    recount(result, counts, measure, statistic)
    from samverkan.analysis._kernels_scan_random import sample, vose

    odds, alias = vose(mean.ravel() if timed != "space" else mean[:, 0])
    state = np.random.SeedSequence(seed).spawn(1)[0].generate_state(4, np.uint64)
    where, when = np.empty(total, np.int64), np.empty(total, np.int64)
    cells = np.arange(n_places * n_days, dtype=np.int32)
    for largest in result.largest:
        sample(
            state,
            layout.DRAW,
            np.zeros(1, np.int32),
            cells % n_days,
            np.zeros(1, np.int32),
            odds,
            alias,
            cells // n_days,
            where,
            when,
        )
        drawn = table(where, when, n_places, n_days)
        top = ref.best(drawn, lists, spans, measure, statistic, 2)
        assert largest == pytest.approx(top[0] if top else 0.0, rel=1e-9, abs=1e-11)


@given(seed=st.integers(0, 10**6), timed=st.booleans(), prospective=st.booleans())
@QUIET
def test_bernoulli_equals_brute_force(seed, timed, prospective):
    rng = np.random.default_rng(seed)
    n_places, n_days = int(rng.integers(1, 9)), int(rng.integers(2, 7)) if timed else 1
    x, y = rng.random(n_places), rng.random(n_places)
    rows = int(rng.integers(1, 30))
    place, day = rng.integers(0, n_places, rows), rng.integers(0, n_days, rows)
    count, controls = rng.integers(0, 4, rows), rng.integers(0, 6, rows)
    prospective = prospective and timed
    result = bernoulli_scan(
        x,
        y,
        count=count,
        controls=controls,
        place=place,
        day=day if timed else None,
        prospective=prospective,
        max_days=3,
        first_day=0,
        last_day=n_days - 1,
        options=Options(max_share=0.6, replicates=9, seed=seed),
    )
    counts = table(place, day, n_places, n_days, count)
    people = table(place, day, n_places, n_days, count + controls)
    total, everyone = int(counts.sum()), int(people.sum())
    lists = ref.growth(ref.distances(x, y, False), people.sum(axis=1), math.inf, 0.6)
    spans = ref.intervals(n_days, min(3, n_days), prospective)

    def measure(zone, s, e):
        return people[zone, s : e + 1].sum()

    def statistic(n, m):
        return ref.bernoulli(n, m, total, everyone)

    same(result, ref.greedy(counts, lists, spans, measure, statistic, 2, 10))
    recount(result, counts, measure, statistic)
    from samverkan.analysis._kernels_scan_random import sample

    state = np.random.SeedSequence(seed).spawn(1)[0].generate_state(4, np.uint64)
    where, when = np.empty(total, np.int64), np.empty(total, np.int64)
    slots = np.repeat(np.arange(rows, dtype=np.int32), count + controls)
    for largest in result.largest:
        sample(
            state,
            layout.CHOOSE,
            slots,
            day.astype(np.int32),
            np.zeros(1, np.int32),
            np.zeros(1),
            np.zeros(1, np.int64),
            place.astype(np.int32),
            where,
            when,
        )
        drawn = table(where, when, n_places, n_days)
        top = ref.best(drawn, lists, spans, measure, statistic, 2)
        assert largest == pytest.approx(top[0] if top else 0.0, rel=1e-9, abs=1e-11)
