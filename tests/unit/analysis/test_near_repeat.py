"""The Knox table against plain counting, published numbers and its own null distribution."""

from __future__ import annotations

import csv
import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samverkan.analysis import _knox, _pairs
from samverkan.analysis.errors import BadInput
from samverkan.analysis.near_repeat import knox, local_knox
from tests.harness.examples import known_answers
from tests.unit.analysis import near_repeat_reference as reference

INF = math.inf


def scattered(n, seed=1, side=1000.0, span=60):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, side, (2, n))
    return x, y, rng.integers(0, span, n)


# Small whole coordinates make ties on every edge; the odd ones test rounding.
coordinate = st.one_of(
    st.integers(0, 6).map(float),
    st.sampled_from([0.1, 0.2, 0.3, 0.30000000000000004, 1e6, -1e6, 5.000000000000001]),
)
scenes = st.lists(
    st.tuples(coordinate, coordinate, st.one_of(st.integers(0, 9).map(float), st.sampled_from([0.1, 0.3, 1.25]))),
    min_size=2,
    max_size=14,
)
edges = (
    st.lists(st.sampled_from([0.0, 0.1, 0.2, 1.0, 2.0, 3.0, 5.0, 1e6, INF]), min_size=2, max_size=6, unique=True)
    .map(sorted)
    .filter(lambda found: math.isfinite(found[0]))
)


@settings(max_examples=150)
@given(scenes, edges, edges, st.sampled_from(["left", "right"]), st.sampled_from(["euclidean", "manhattan"]), st.data())
def test_every_cell_and_every_permutation_equals_plain_counting(events, bands, days, closed, metric, data):
    x, y, t = np.array(events).T
    same = bands[0] == 0 and data.draw(st.booleans())
    found = knox(x, y, t, bands=bands, days=days, closed=closed, metric=metric, same_place=same, replicates=0)
    space = reference.members(reference.distances(x, y, metric), bands, closed, same)
    time = reference.members(reference.gaps(t), days, closed)
    np.testing.assert_array_equal(found.observed, reference.table(space, time))

    plan = _knox.plan(
        x,
        y,
        t,
        _pairs.bands(bands, "bands", closed=closed, same=same).cuts,
        _pairs.bands(days, "days", closed=closed).cuts,
        _pairs.METRICS[metric],
    )
    stream = np.random.SeedSequence(7)
    tables = plan.table(_knox.replicate_counts(plan.payload, stream, 3))
    from samverkan.analysis._kernels_random import shuffled_columns

    ranks = plan.payload.ranks.copy()
    lanes = np.empty((len(x), 3), ranks.dtype)
    shuffled_columns(ranks, stream.generate_state(4, np.uint64), lanes, 3)
    # The kernels hold the events in an order of their own: find it by the coordinates and ranks.
    own_space = reference.members(
        reference.distances(plan.payload.place.x, plan.payload.place.y, metric), bands, closed, same
    )
    distinct = np.unique(t)
    for r in range(3):
        assert sorted(lanes[:, r]) == sorted(ranks)
        permuted = reference.members(reference.gaps(distinct[lanes[:, r]]), days, closed)
        np.testing.assert_array_equal(tables[r], reference.table(own_space, permuted))


@settings(max_examples=60)
@given(st.lists(st.tuples(coordinate, coordinate, st.integers(0, 3)), min_size=2, max_size=6))
def test_mean_and_variance_are_those_of_all_permutations(events):
    x, y, t = np.array(events, float).T
    bands, days = [0, 1, 3, INF], [0, 1, 3]
    found = knox(x, y, t, bands=bands, days=days, replicates=0)
    space = reference.members(reference.distances(x, y), bands, "left")
    time = reference.members(reference.gaps(t), days, "left")
    tables = []
    for order in itertools.permutations(range(len(x))):
        order = list(order)
        tables.append(reference.table(space, time[:, order][:, :, order]))
    tables = np.array(tables)
    np.testing.assert_allclose(found.expected, tables.mean(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.variance, tables.var(axis=0), rtol=1e-9, atol=1e-12)


def test_chicago_burglaries_of_the_near_repeat_calculator():
    """Table of the Near Repeat Calculator 1.3 for the data of the R package NearRepeat."""
    example = known_answers("k2_chicago_burglary")
    expected = json.loads((example / "expected.json").read_text())
    with (example / "events.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    x, y = (np.array([float(row[name]) for row in rows]) for name in "xy")
    t = np.array([row["date"] for row in rows], "datetime64[D]")
    weeks = [0, 7, 14, 21, INF]
    found = knox(x, y, t, bands=[0, 1, 100, 200, 300, INF], days=weeks, metric="manhattan")
    np.testing.assert_array_equal(found.observed, expected["observed"])
    np.testing.assert_allclose(found.expected, expected["permutation_mean_exact"], rtol=1e-12)
    same = knox(x, y, t, bands=[0, 100, 200, 300, INF], days=weeks, metric="manhattan", same_place=True, replicates=0)
    np.testing.assert_array_equal(same.observed, expected["observed_same_place_d0_float64"])
    assert same.band_labels[0] == "same place"
    # Nineteen permutations there, 999 here: the bursting cells must agree.
    assert (found.p_value[:3, 0] <= 0.05).all()
    assert (np.array(expected["nrc_p"])[:3, 0] <= 0.05).all()
    labels = [[float(edge) for edge in expected[f"corrected_label_{axis}_breaks"]] for axis in ("spatial", "temporal")]
    shifted = knox(x, y, t, bands=labels[0], days=labels[1], metric="manhattan", replicates=0)
    np.testing.assert_array_equal(shifted.observed, expected["corrected_label_observed"])


def test_burkitts_lymphoma_as_pointpats_has_it():
    """pointpats 2.5.5, tests/test_spacetime.py: the table, and which cases are linked."""
    data = reference.burkitt()
    if data is None:
        pytest.skip("libpysal, which carries the data, is not installed (group bench-peers)")
    found = knox(*data, bands=[0, 20, INF], days=[0, 5, INF], closed="right")
    assert found.observed.tolist() == [[13, 3416], [39, 14110]]
    assert 0.1 < found.p_value[0, 0] < 0.3
    local = local_knox(*data, distance=20, days=5)
    linked = [25, 26, 30, 31, 35, 36, 41, 42, 46, 47, 51, 52, 102, 103, 116, 118, 122, 123]
    linked += [137, 138, 139, 140, 158, 159, 162, 163]
    assert np.flatnonzero(local.links).tolist() == linked
    # Simulated there with 99 permutations.
    simulated = [0.3, 0.33, 0.11, 0.17, 0.3, 0.42, 0.06, 0.06, 0.33, 0.34, 0.36, 0.38, 0.3]
    simulated += [0.29, 0.41, 0.19, 0.31, 0.39, 0.18, 0.39, 0.48, 0.41, 0.22, 0.41, 0.39, 0.32]
    exact = local.p_value[linked]
    assert (np.abs(exact - simulated) < 4 * np.sqrt(exact * (1 - exact) / 99)).all()


def test_intervals_are_told_and_edges_fall_where_told():
    x, y, t = [0.0, 3.0], [0.0, 4.0], [0, 7]
    left = knox(x, y, t, bands=[0, 5, 6], days=[0, 7, 8], replicates=0)
    right = knox(x, y, t, bands=[0, 5, 6], days=[0, 7, 8], closed="right", replicates=0)
    assert left.observed.tolist() == [[0, 0], [0, 1]]
    assert right.observed.tolist() == [[1, 0], [0, 0]]
    assert left.band_labels == ("[0, 5)", "[5, 6)")
    assert right.band_labels == ("[0, 5]", "(5, 6]")


def test_same_seed_same_result_whoever_computes():
    x, y, t = scattered(300)
    arguments = {"bands": [0, 50, 100, INF], "days": [0, 3, 7, INF], "replicates": 300, "seed": 5}
    one = knox(x, y, t, **arguments)
    for workers in (2, 8):
        many = knox(x, y, t, workers=workers, **arguments)
        np.testing.assert_array_equal(one.p_value, many.p_value)
        np.testing.assert_array_equal(one.p_value_max, many.p_value_max)
    other = knox(x, y, t, **{**arguments, "seed": 6})
    assert (one.p_value != other.p_value).any()


def test_same_result_on_processes_and_on_a_cluster():
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from dask.distributed import Client, LocalCluster

    x, y, t = scattered(200)
    arguments = {"bands": [0, 60, 120], "days": [0, 5, 10], "replicates": 200, "seed": 9}
    alone = knox(x, y, t, **arguments)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        processes = knox(x, y, t, executor=pool, **arguments)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        spread = knox(x, y, t, executor=executor, **arguments)
    for other in (processes, spread):
        np.testing.assert_array_equal(alone.p_value, other.p_value)
        np.testing.assert_array_equal(alone.p_value_max, other.p_value_max)


def test_pairs_found_again_in_parts_give_the_same_as_pairs_kept(monkeypatch):
    x, y, t = scattered(400)
    arguments = {"bands": [0, 100, 200], "days": [0, 4, 9], "replicates": 128}
    kept = knox(x, y, t, **arguments)
    monkeypatch.setattr(_pairs, "MOST_LISTED", 500)
    monkeypatch.setattr(_knox, "LONG_BLOCK", _knox.BLOCK)
    parts = knox(x, y, t, **arguments)
    np.testing.assert_array_equal(kept.observed, parts.observed)
    np.testing.assert_array_equal(kept.p_value, parts.p_value)
    near = local_knox(x, y, t, distance=150, days=4)
    monkeypatch.undo()
    np.testing.assert_array_equal(near.links, local_knox(x, y, t, distance=150, days=4).links)


def test_more_distinct_times_than_sixteen_bits():
    rng = np.random.default_rng(3)
    n = 70_000
    x, y = rng.uniform(0, 50_000, (2, n))
    t = rng.permutation(n) / 8.0
    found = knox(x, y, t, bands=[0, 60], days=[0, 200], replicates=32)
    from scipy.spatial import cKDTree

    pairs = cKDTree(np.column_stack([x, y])).query_pairs(60, output_type="ndarray")
    assert found.observed[0, 0] == (np.abs(t[pairs[:, 0]] - t[pairs[:, 1]]) < 200).sum()
    assert found.p_value[0, 0] > 0.03


def test_more_partners_than_a_lane_can_count(monkeypatch):
    """66,000 events at one place: a row longer than 16 bits is counted in parts."""
    n = 66_000
    x, y = np.zeros(n), np.zeros(n)
    x[0] = 1.0
    x[-1] = 500.0
    t = np.arange(n) % 2
    slots = _pairs.frozen(np.array([-1, 0, -1]))
    place = _pairs.layout(x, y, 2.0)
    from samverkan.analysis import _kernels_pairs as kernels

    first_row = 10
    cuts = _pairs.frozen(np.array([0.0, 2.0]))
    monkeypatch.setattr(_pairs, "MOST_LISTED", 4 * n)
    end, offsets, partners = _pairs.partners(place, 0, cuts, slots, 0)
    assert end >= 3
    ranks = t[place.order].astype(np.uint16)
    lanes = _knox.aligned((n, kernels.LANES), np.uint16)
    lanes[:] = ranks[:, None]
    first, last = kernels.rank_intervals(np.array([0.0, 1.0]), _pairs.frozen(np.array([1.0])))
    out = np.zeros((kernels.LANES, 1, 1), np.int64)
    kernels.count_lanes(
        0,
        end,
        _pairs.frozen(offsets),
        _pairs.frozen(partners),
        lanes,
        _pairs.frozen(first.astype(np.uint16)),
        _pairs.frozen((last - first).astype(np.uint16)),
        out,
    )
    expected = 0
    for i in range(end):
        row = partners[offsets[i] : offsets[i + 1]]
        expected += int((ranks[row] == ranks[i]).sum())
    assert offsets[1] > 65_535 > first_row
    assert (out == expected).all()


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_events_is_a_table_of_zeros(n):
    found = knox(np.zeros(n), np.zeros(n), np.zeros(n), bands=[0, 1], days=[0, 1])
    assert found.pairs == 0
    assert found.observed.tolist() == [[0]]
    assert found.p_value.tolist() == found.p_value_max.tolist() == [[1.0]]
    assert math.isnan(found.ratio[0, 0])
    assert found.warnings


@pytest.mark.parametrize("which", ["place", "day"])
def test_all_at_one_place_or_on_one_day_cannot_tell(which):
    x, y, t = scattered(30)
    if which == "place":
        x, y = np.full(30, 4.0), np.full(30, 4.0)
    else:
        t = np.full(30, 8)
    found = knox(x, y, t, bands=[0, 100, INF], days=[0, 5, INF])
    np.testing.assert_allclose(found.observed, found.expected)
    assert (found.variance == 0).all()
    assert (found.p_value == 1).all()
    assert (found.p_value_max == 1).all()
    assert "cannot tell" in found.warnings[0]


def test_a_stray_coordinate_costs_nothing_and_counts_nothing():
    x, y, t = scattered(500)
    far = knox(np.append(x, -6.5e6), np.append(y, 6.6e6), np.append(t, 3), bands=[0, 40], days=[0, 3], replicates=0)
    assert far.observed[0, 0] == knox(x, y, t, bands=[0, 40], days=[0, 3], replicates=0).observed[0, 0]


def test_order_of_the_rows_does_not_matter_to_what_is_observed():
    x, y, t = scattered(200)
    order = np.random.default_rng(2).permutation(200)
    a = knox(x, y, t, bands=[0, 50, 100], days=[0, 3, 9], replicates=0)
    b = knox(x[order], y[order], t[order], bands=[0, 50, 100], days=[0, 3, 9], replicates=0)
    np.testing.assert_array_equal(a.observed, b.observed)
    np.testing.assert_array_equal(a.variance, b.variance)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": [0.0, math.nan]}, "x"),
        ({"y": [0.0, math.inf]}, "y"),
        ({"t": [0.0, -math.inf]}, "date"),
        ({"t": [0.0]}, "length"),
        ({"t": np.array(["2026-01-01", "NaT"], "datetime64[D]")}, "missing"),
        ({"x": [0.0, 1e300]}, "beyond"),
        ({"bands": [0]}, "two"),
        ({"bands": [0, 0]}, "rise"),
        ({"bands": [-1, 2]}, "from 0"),
        ({"days": [0, math.nan]}, "numbers"),
        ({"bands": [1, 2], "same_place": True}, "0 as the first"),
        ({"closed": "both"}, "closed"),
        ({"metric": "great-circle"}, "metric"),
        ({"replicates": -1}, "replicates"),
    ],
)
def test_bad_input_is_refused_in_words(change, words):
    arguments = {"x": [0.0, 1.0], "y": [0.0, 1.0], "t": [0, 1], "bands": [0, 2], "days": [0, 2], **change}
    with pytest.raises(BadInput, match=words):
        knox(arguments.pop("x"), arguments.pop("y"), arguments.pop("t"), **arguments)


def test_local_links_and_their_exact_p():
    x, y, t = scattered(120, side=300.0, span=30)
    found = local_knox(x, y, t, distance=60, days=4)
    near = reference.members(reference.distances(x, y), [0, 60], "right")[0]
    soon = reference.members(reference.gaps(t), [0, 4], "right")[0]
    np.testing.assert_array_equal(found.links, (near & soon).sum(axis=1))
    np.testing.assert_array_equal(found.near, near.sum(axis=1))
    np.testing.assert_array_equal(found.soon, soon.sum(axis=1))
    expected = stats.hypergeom.sf(found.links - 1, 119, found.soon, found.near)
    np.testing.assert_allclose(found.p_value, expected, rtol=1e-9)
    assert found.total == knox(x, y, t, bands=[0, 60], days=[0, 4], closed="right", replicates=0).observed[0, 0]


def test_local_p_is_what_permuting_the_others_gives():
    x, y, t = scattered(25, side=100.0, span=10)
    found = local_knox(x, y, t, distance=40, days=2)
    near = reference.members(reference.distances(x, y), [0, 40], "right")[0]
    i = int(np.argmax(found.links))
    rng = np.random.default_rng(4)
    others = np.delete(np.arange(25), i)
    reached = 0
    for _ in range(4000):
        shuffled = np.array(t, float)
        shuffled[others] = rng.permutation(shuffled[others])
        reached += (near[i] & (np.abs(shuffled - shuffled[i]) <= 2)).sum() >= found.links[i]
    assert abs(reached / 4000 - found.p_value[i]) < 4 * math.sqrt(found.p_value[i] / 4000) + 1e-3


@pytest.mark.parametrize(("population", "marked", "drawn"), [(10, 4, 5), (100_000, 3_000, 700), (50, 0, 9), (7, 7, 3)])
def test_hypergeometric_tail_equals_scipy(population, marked, drawn):
    from samverkan.analysis._kernels_pairs import hypergeometric_tail

    least = np.arange(0, min(marked, drawn) + 2)
    same = [np.full(len(least), value) for value in (population, marked, drawn)]
    tail = hypergeometric_tail(*same, least)
    expected = stats.hypergeom.sf(least - 1, population, marked, drawn)
    np.testing.assert_allclose(tail, expected, rtol=1e-8, atol=1e-290)


def planted(rng, n=200, share=0.3):
    """Half as near repeats: a share of the events is followed by one close in place and time."""
    x, y = rng.uniform(0, 2000, (2, n))
    t = rng.integers(0, 365, n).astype(float)
    k = int(n * share)
    x[-k:] = x[:k] + rng.uniform(-40, 40, k)
    y[-k:] = y[:k] + rng.uniform(-40, 40, k)
    t[-k:] = t[:k] + rng.integers(0, 5, k)
    return x, y, t


def test_planted_near_repeats_are_found_and_their_cell_stands_out():
    rng = np.random.default_rng(11)
    for seed in range(40):
        result = knox(*planted(rng), bands=[0, 100, 200, 300], days=[0, 7, 14, 21], seed=seed)
        assert result.p_value_max[0, 0] <= 0.01
        # Other cells vary more than under no effect at all, since a pair of near repeats
        # meets every third event twice; but none stands out as the planted one does.
        assert np.argmax(result.z) == 0
        assert np.argmax(result.ratio) == 0


def test_p_is_uniform_and_the_correction_holds_when_nothing_is_there():
    """1,000 data sets without interaction: p uniform, a false alarm in the table in 5 % of them."""
    rng = np.random.default_rng(2026)
    single, table = [], []
    for seed in range(1000):
        x, y = rng.uniform(0, 1000, (2, 150))
        t = rng.integers(0, 100, 150)
        result = knox(x, y, t, bands=[0, 100, 200, 300], days=[0, 7, 14, 21], replicates=199, seed=seed)
        single.append(result.p_value[2, 0])
        table.append(result.p_value_max.min())
    # Whole-number counts tie, which makes p a little large: never too small.
    for level in (0.01, 0.05, 0.1, 0.25, 0.5):
        allowed = level + 3 * math.sqrt(level * (1 - level) / 1000)
        assert np.mean(np.array(single) <= level) <= allowed
        assert np.mean(np.array(table) <= level) <= allowed
    assert stats.kstest(single, "uniform").statistic < 0.06
    assert np.mean(np.array(table) <= 0.05) > 0.02


def test_power_is_that_of_the_normal_approximation():
    """Under a weak planted effect the share found is near what z and its exact variance foretell."""
    rng = np.random.default_rng(77)
    found, foretold = [], []
    for seed in range(400):
        result = knox(*planted(rng, share=0.05), bands=[0, 100], days=[0, 7], replicates=199, seed=seed)
        found.append(result.p_value[0, 0] <= 0.05)
        foretold.append(stats.norm.sf(result.z[0, 0]) <= 0.05)
    assert abs(np.mean(found) - np.mean(foretold)) < 0.1
    assert np.mean(found) > 0.5
