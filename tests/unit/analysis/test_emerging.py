"""The week's question: a handful of clusters, the same answer each time it is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from samverkan.analysis.emerging import emerging
from samverkan.analysis.errors import BadInput


def year(planted=18, seed=1, since=10):
    """A year of 900 events at 40 places, and some more at three neighbours in the last days."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, 8000, (40, 2)).astype(float)
    place, day = rng.integers(0, 40, 900), 20_000 - rng.integers(0, 365, 900)
    near = np.argsort(((at - at[7]) ** 2).sum(axis=1), kind="stable")[:3]
    at[near[1:]] = at[7] + [[150, 0], [0, 200]]
    place = np.append(place, rng.choice(near, planted))
    day = np.append(day, 20_000 - rng.integers(0, since, planted))
    return {"place": place + 500, "x": at[place, 0], "y": at[place, 1], "day": day}, near + 500


def test_a_planted_cluster_is_told_with_its_places_and_events():
    given, near = year()
    result = emerging(**given, as_of=20_000)
    assert result.enough
    assert 1 <= len(result.clusters) <= 5
    top = result.clusters[0]
    assert set(near) <= set(top.places.tolist())
    assert top.recurrence_weeks >= 52
    assert top.step == 3
    assert top.end == 20_000
    assert top.observed == len(top.events)
    assert np.isin(given["place"][top.events], top.places).all()
    assert (given["day"][top.events] >= top.start).all()
    assert (given["day"][top.new_events] > 19_993).all()
    assert set(top.new_events) <= set(top.events)
    assert top.recurrence_weeks == pytest.approx(1 / top.p_value)


def test_asked_twice_it_answers_the_same_and_the_order_of_rows_is_no_matter():
    given, _ = year()
    one, two = emerging(**given, as_of=20_000), emerging(**given, as_of=20_000, workers=2)
    assert [c.p_value for c in one.clusters] == [c.p_value for c in two.clusters]
    order = np.random.default_rng(0).permutation(len(given["day"]))
    mixed = emerging(**{k: v[order] for k, v in given.items()}, as_of=20_000)
    assert [c.p_value for c in one.clusters] == [c.p_value for c in mixed.clusters]
    assert sorted(order[mixed.clusters[0].events]) == sorted(one.clusters[0].events)


def test_a_quiet_week_says_nothing():
    alarms = 0
    for seed in range(30):
        given, _ = year(planted=0, seed=seed)
        result = emerging(**given, as_of=20_000, replicates=199)
        assert len(result.clusters) <= 5
        alarms += bool(result.clusters) and result.clusters[0].step >= 3
    # Once in 52 weeks by chance: more than four in thirty would be a chance of one in a thousand.
    assert alarms <= 4


def test_too_few_to_tell():
    result = emerging([1] * 5, [0.0] * 5, [0.0] * 5, [100] * 5, as_of=100)
    assert not result.enough
    assert result.clusters == ()
    assert result.notes[0].code == "too_few"
    assert result.notes[0].values == {"events": 5, "needed": 30}
    assert not emerging([], [], [], [], as_of=100).enough


def test_later_and_older_events_are_left_out():
    given, _ = year()
    more = {k: np.append(v, [v[0], v[0]]) for k, v in given.items()}
    more["day"][-2:] = [20_001, 19_000]
    assert emerging(**more, as_of=20_000).events == emerging(**given, as_of=20_000).events
    late = emerging(**given, as_of=20_003, late_days=3)
    assert late.last_day == 20_000
    assert late.notes[0].code == "days_left_out"
    assert late.clusters[0].p_value == emerging(**given, as_of=20_000).clusters[0].p_value


def test_sources_that_begin_or_stop_are_named():
    given, _ = year(planted=0)
    source = np.zeros(900, int)
    day = given["day"]
    source[day > 19_960] = 4  # a source that began 40 days ago
    source[(day < 19_800) & (np.arange(900) % 2 == 0)] = 7  # one that stopped long ago
    notes = emerging(**given, as_of=20_000, source=source).notes
    assert {(n.code, n.values["source"]) for n in notes} == {
        ("source_began", 4),
        ("source_stopped", 0),
        ("source_stopped", 7),
    }


def test_places_at_one_position_are_all_given_back():
    given, near = year()
    twin = {k: v.copy() for k, v in given.items()}
    some = np.flatnonzero(twin["place"] == near[0])[::2]
    twin["place"][some] = 999
    result = emerging(**twin, as_of=20_000)
    assert {999, near[0]} <= set(result.clusters[0].places.tolist())
    assert result.clusters[0].p_value == emerging(**given, as_of=20_000).clusters[0].p_value


def test_is_new_only_when_every_event_is():
    given, _ = year(since=5)
    top = emerging(**given, as_of=20_000, max_days=7).clusters[0]
    assert top.is_new
    assert not replace(top, new_events=top.new_events[1:]).is_new


def test_refusals():
    with pytest.raises(BadInput, match="differ in length"):
        emerging([1], [0.0], [0.0], [1, 2], as_of=3)
    with pytest.raises(BadInput, match="baseline_days"):
        emerging([1], [0.0], [0.0], [1], as_of=3, baseline_days=1)
