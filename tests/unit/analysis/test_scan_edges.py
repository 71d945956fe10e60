"""The scan statistics at the edges, the order circles grow in, and every executor."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from samverkan.analysis import _scan_circles as rings
from samverkan.analysis import scan
from samverkan.analysis.errors import BadInput
from samverkan.analysis.scan import Options, bernoulli_scan, permutation_scan, poisson_scan
from tests.unit.analysis import scan_reference as ref


@pytest.mark.parametrize("geographic", [False, True])
@pytest.mark.parametrize("radius", [0.0, 1500.0, None])
def test_circles_grow_in_distance_order_with_ties_in_file_order(geographic, radius):
    rng = np.random.default_rng(2)
    # More places than are taken together.
    cells = rng.permutation(400)[:300]
    x, y = (cells % 20) * 500.0, (cells // 20) * 500.0
    if geographic:
        x, y = 16.0 + x / 60_000, 59.0 + y / 120_000
    size = rng.integers(0, 5, 300).astype(float)
    where = rings.places(x, y, geographic=geographic)
    found = rings.circles(where, size=size, max_radius=radius, max_share=0.3)
    dist = ref.distances(x, y, geographic)
    expected = ref.growth(dist, size, math.inf if radius is None else radius, 0.3)
    for centre in range(300):
        own = slice(found.offsets[centre], found.offsets[centre + 1])
        assert found.places[own].tolist() == expected[centre]
        assert np.allclose(found.distances[own], dist[centre, found.places[own]], atol=1e-6)


@pytest.mark.parametrize("step", [0.1, 0.3, 33.3, 100.1])
@pytest.mark.parametrize(("east", "north"), [(588_000.3, 6_584_123.7), (0.0, 0.0)])
def test_coordinates_with_decimals_tie_and_reach_as_in_the_file(step, east, north):
    """On a lattice in SWEREF 99 TM the rounding of doubles decides nothing."""
    column, row = np.tile(np.arange(6), 6), np.repeat(np.arange(6), 6)

    def grown(x, y, radius):
        where = rings.places(x, y, geographic=False)
        found = rings.circles(where, size=np.ones(36), max_radius=radius, max_share=None)
        return found.offsets.tolist(), found.places.tolist()

    whole = grown(column * 1.0, row * 1.0, 2.0)
    assert grown(np.round(east + column * step, 1), np.round(north + row * step, 1), round(2 * step, 1)) == whole


def test_a_period_without_a_single_case_is_what_was_said_of_it():
    empty = [np.zeros(0, np.int64)] * 2
    found = permutation_scan([0.0], [0.0], empty[0], place=empty[1], last_day=18_262, max_days=3)
    assert (found.cases, found.clusters, found.windows) == (0, (), 1)


def test_more_cases_than_can_be_summed_are_refused():
    count = [4_000_000_000, 4_000_000_000]
    with pytest.raises(BadInput, match="8000000000 cases"):
        permutation_scan([0, 9.0], [0, 0.0], [0, 1], count=count)
    with pytest.raises(BadInput, match="8000000000 cases"):
        poisson_scan([0, 9.0], [0, 0.0], count=count, expected=[1.0, 3.0])


def test_rows_at_one_coordinate_are_one_place():
    result = permutation_scan(
        [5, 1, 5, 1, 5.0], [0, 0, 0, -0.0, 0], [0, 1, 0, 2, 0], max_days=1, options=Options(max_radius=1)
    )
    assert result.locations == 2
    assert result.place_row.tolist() == [0, 1]
    assert result.clusters[0].observed == 3
    assert result.clusters[0].members.tolist() == [0]


def test_order_of_the_rows_is_no_matter():
    rng = np.random.default_rng(8)
    # Distances that differ: at equal ones the order of the file decides, on purpose.
    x, y = np.repeat(rng.random((2, 50)) * 9, 4, axis=1)
    day = rng.integers(0, 30, 200)
    options = Options(max_radius=2, replicates=0)
    one = permutation_scan(x, y, day, options=options)
    order = rng.permutation(200)
    two = permutation_scan(x[order], y[order], day[order], options=options)
    assert [c.statistic for c in one.clusters] == pytest.approx([c.statistic for c in two.clusters])


def test_nothing_one_case_one_place_and_one_day():
    nothing = permutation_scan([], [], [])
    assert (nothing.clusters, nothing.cases, nothing.replicates) == ((), 0, 0)
    assert permutation_scan([1], [1], [1]).clusters == ()
    one_place = permutation_scan([1] * 9, [1] * 9, range(9))
    assert one_place.clusters == ()
    one_day = permutation_scan([1, 2, 3, 3], [1] * 4, [7] * 4)
    assert one_day.clusters == ()
    assert "one day" in one_day.warnings[0]
    # With the places listed and no case there is still nothing to find.
    assert permutation_scan([1, 2], [1, 2], [], place=[]).locations == 2
    assert poisson_scan([1, 2], [1, 2], count=[0, 0], expected=[1, 1]).clusters == ()
    assert bernoulli_scan([1, 2], [1, 2], count=[0, 0], controls=[1, 1]).clusters == ()
    assert bernoulli_scan([1, 2], [1, 2], count=[3, 1], controls=[0, 0]).clusters == ()


def test_study_period_and_windows():
    result = permutation_scan(
        [0, 1], [0, 0], [3, 5], first_day=1, last_day=10, max_days=99, options=Options(min_cases=1)
    )
    assert result.parameters["max_days"] == 10
    assert (result.clusters[0].start, result.clusters[0].end) == (3, 3)
    # Half the period when nothing is said; zones × intervals: 2 places, 5 + 4·… of 10 days.
    short = permutation_scan([0, 1], [0, 0], [3, 5], first_day=1, last_day=10, options=Options(max_radius=0))
    assert short.parameters["max_days"] == 5
    assert short.windows == 2 * (10 + 9 + 8 + 7 + 6)


def test_recurrence_interval_only_when_prospective():
    rng = np.random.default_rng(0)
    x, y, day = rng.integers(0, 5, 60).astype(float), np.zeros(60), rng.integers(0, 20, 60)
    options = Options(max_radius=1, replicates=99, every_days=7)
    ahead = permutation_scan(x, y, day, prospective=True, options=options)
    for cluster in ahead.clusters:
        assert cluster.end == day.max()
        assert cluster.recurrence_interval_days == 7 / cluster.p_value
    back = permutation_scan(x, y, day, options=options)
    assert all(c.recurrence_interval_days is None for c in back.clusters)
    assert [c.p_value for c in ahead.clusters] == sorted(c.p_value for c in ahead.clusters)


def test_refusals():
    with pytest.raises(BadInput, match="outside the study period"):
        permutation_scan([1, 2], [1, 2], [1, 9], last_day=5)
    with pytest.raises(BadInput, match="ends before"):
        permutation_scan([1], [1], [3], first_day=5, last_day=4)
    with pytest.raises(BadInput, match="million"):
        permutation_scan([1, 2], [1, 2], [0, 10**7])
    with pytest.raises(BadInput, match="max_share"):
        permutation_scan([1], [1], [1], options=Options(max_share=1.5))
    with pytest.raises(BadInput, match="index"):
        permutation_scan([1], [1], [1], place=[1])
    with pytest.raises(BadInput, match="nothing is expected"):
        poisson_scan([1], [1], count=[1], expected=[0])
    with pytest.raises(BadInput, match="row 2 has cases"):
        poisson_scan([1, 2], [1, 2], count=[1, 1], expected=[1, 0])
    with pytest.raises(BadInput, match="needs dates"):
        poisson_scan([1], [1], count=[1], expected=[1], prospective=True)
    with pytest.raises(BadInput, match="individuals"):
        bernoulli_scan([1], [1], count=[1], controls=[2**32])


def test_likelihood_ratio_of_extremes():
    from samverkan.analysis._kernels_scan import BERNOULLI, POISSON, likelihood

    assert likelihood(POISSON, 10.0, 2.0, 10.0, 10.0) == pytest.approx(10 * math.log(5))
    assert likelihood(POISSON, 2.0, 2.0, 10.0, 10.0) == 0.0
    # A large total keeps its digits: compared with exact arithmetic on the same numbers.
    from fractions import Fraction

    n, mu, cases = 1000, Fraction(900), 10**9
    exact = n * math.log(n / mu) + (cases - n) * math.log1p(float((mu - n) / (cases - mu)))
    assert likelihood(POISSON, float(n), float(mu), float(cases), 0.0) == pytest.approx(exact, rel=1e-13)
    # All cases inside, none outside: no logarithm of zero.
    value = likelihood(BERNOULLI, 3.0, 3.0, 3.0, 10.0)
    assert value == pytest.approx(ref.bernoulli(3, 3, 3, 10))


def test_wide_counts_use_wide_lanes():
    """Counts past 16 bits, and windows that need several chunks of lanes."""
    count = np.array([70_000, 69_000, 71_000, 90_000])
    result = poisson_scan(range(4), [0] * 4, count=count, expected=[1] * 4, options=Options(replicates=19))
    assert result.clusters[0].members.tolist() == [3]
    assert result.clusters[0].p_value == 0.05
    rng = np.random.default_rng(1)
    day = rng.integers(0, 100, 300)
    place = rng.integers(0, 6, 300)
    options = Options(max_radius=1, replicates=29, seed=4)
    kwargs = {"place": place, "prospective": True, "first_day": 0, "last_day": 99, "options": options}
    longest = permutation_scan(range(6), [0] * 6, day, max_days=100, **kwargs)
    shorter = permutation_scan(range(6), [0] * 6, day, max_days=10, **kwargs)
    assert longest.clusters[0].statistic >= shorter.clusters[0].statistic
    assert longest.largest.mean() > shorter.largest.mean()


def busy(prospective, **changes):
    rng = np.random.default_rng(6)
    x, y = rng.integers(0, 12, (2, 60)).astype(float)
    place, day = rng.integers(0, 60, 400), rng.integers(0, 60, 400)
    options = replace(Options(max_radius=2, replicates=399, seed=11), **changes)
    return permutation_scan(x, y, day, place=place, prospective=prospective, max_days=7, options=options)


@pytest.mark.parametrize("prospective", [True, False])
def test_every_executor_gives_the_same_p(prospective):
    alone = busy(prospective)
    assert len(alone.largest) == 399
    for workers in (2, 8):
        assert np.array_equal(alone.largest, busy(prospective, workers=workers).largest)
    for pool in (ThreadPoolExecutor(2), ProcessPoolExecutor(2)):
        with pool as executor:
            other = busy(prospective, executor=executor)
        assert np.array_equal(alone.largest, other.largest)
        assert [c.p_value for c in other.clusters] == [c.p_value for c in alone.clusters]


def test_a_dask_cluster_of_two_processes_gives_the_same_p():
    from distributed import Client, LocalCluster

    alone = busy(True)
    stopped = busy(True, stop_after=20)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        executor = client.get_executor()
        other = busy(True, executor=executor)
        early = busy(True, executor=executor, stop_after=20)
    assert np.array_equal(alone.largest, other.largest)
    assert [c.p_value for c in other.clusters] == [c.p_value for c in alone.clusters]
    assert np.array_equal(stopped.largest, early.largest)


def test_sequential_stopping_counts_to_the_replicate_that_made_it():
    full, early = busy(True), busy(True, stop_after=20)
    assert early.replicates < full.replicates
    assert np.array_equal(early.largest, full.largest[: early.replicates])
    reached = early.largest >= early.clusters[0].statistic * (1 - 1e-9)
    assert reached.sum() == 20
    assert reached[-1]
    assert early.clusters[0].p_value == 21 / (early.replicates + 1)
    assert "Stopped" in early.warnings[0]


def test_equal_statistics_have_equal_p():
    # Two far apart places with the same history.
    day = [0, 1, 2, 9, 9, 9, 0, 1, 2, 9, 9, 9, *range(9)]
    place = [0] * 6 + [1] * 6 + [2] * 9
    result = permutation_scan(
        [0, 100, 50], [0, 0, 50], day, place=place, prospective=True, options=Options(max_radius=0, replicates=99)
    )
    one, two = result.clusters[:2]
    assert one.statistic == pytest.approx(two.statistic, rel=1e-12)
    assert one.p_value == two.p_value


def test_gumbel_agrees_with_many_replicates():
    few = busy(True)
    many = busy(True, replicates=19_999, seed=5)
    for level in (0.05, 0.01):
        statistic = float(np.quantile(many.largest, 1 - level))
        assert scan.gumbel_p(few.largest, statistic) == pytest.approx(level, rel=0.5)
    assert scan.gumbel_p(np.ones(100), 2.0) is None
    assert scan.gumbel_p(few.largest[:10], 2.0) is None
