"""The rhythm against a walk through every minute, and against published edge cases."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samverkan.analysis import rhythm
from samverkan.analysis.errors import BadInput
from tests.harness.examples import known_answers

STOCKHOLM = "Europe/Stockholm"
# The clock goes forward on 29 March and back on 25 October 2026, both at 01:00 UTC.
AROUND_CHANGES = st.one_of(
    st.integers(0, 4 * 1440).map(lambda m: np.datetime64("2026-03-27T00:00", "m") + m),
    st.integers(0, 4 * 1440).map(lambda m: np.datetime64("2026-10-23T00:00", "m") + m),
)


def minute_by_minute(start: np.datetime64, minutes: int, zone: str | None) -> np.ndarray:
    """Weights of one span, by asking the calendar about every minute of it."""
    weights = [0.0] * 168
    for i in range(max(1, minutes)):
        moment = (start + i).astype(dt.datetime).replace(tzinfo=dt.UTC)
        if zone is not None:
            moment = moment.astimezone(ZoneInfo(zone))
        weights[moment.weekday() * 24 + moment.hour] += 1 / max(1, minutes)
    return np.array(weights)


@settings(max_examples=60, derandomize=True)
@given(start=AROUND_CHANGES, minutes=st.integers(0, 168 * 60 - 1), zone=st.sampled_from([None, STOCKHOLM]))
def test_a_span_is_spread_as_a_walk_through_its_minutes_spreads_it(
    start: np.datetime64, minutes: int, zone: str | None
) -> None:
    expected = minute_by_minute(start, minutes, zone)
    result = rhythm.aoristic(np.array([start]), np.array([start + minutes]), zone=zone)
    assert np.abs(result.weights.ravel() - expected).max() < 1e-12
    assert np.abs(result.se.ravel() - expected).max() < 1e-12  # one event: the spread is its weight


@settings(max_examples=30, derandomize=True)
@given(st.lists(st.tuples(AROUND_CHANGES, st.integers(0, 5000)), min_size=1, max_size=20), st.randoms())
def test_many_spans_add_up_in_any_order(spans: list[tuple[np.datetime64, int]], random: object) -> None:
    start = np.array([s for s, _ in spans])
    end = np.array([s + m for s, m in spans])
    one_by_one = [rhythm.aoristic(start[[i]], end[[i]], zone=STOCKHOLM).weights for i in range(len(spans))]
    order = np.random.default_rng(len(spans)).permutation(len(spans))
    result = rhythm.aoristic(start[order], end[order], zone=STOCKHOLM)
    assert np.allclose(result.weights, sum(one_by_one), atol=1e-12)
    assert np.allclose(result.se**2, sum(w**2 for w in one_by_one), atol=1e-12)
    assert result.weights.sum() == pytest.approx(len(spans), rel=1e-12)
    assert (result.low <= result.weights + 1e-9).all()
    assert (result.weights <= result.high + 1e-9).all()


def test_shared_edge_cases_of_aoristic_and_crimepy() -> None:
    path = known_answers("a1_aoristic", "expected.json")
    for case in json.loads(path.read_text())["cases"]:
        start = np.array([case["begin"]], "datetime64[m]")
        end = np.array([case["end"] or "NaT"], "datetime64[m]")
        for how, key in (("swap", "weights_swap"), ("start", "weights_start_if_reversed")):
            if case[key] is None:
                continue
            expected = np.zeros(168)
            for place, weight in case[key].items():
                expected[int(place)] = Fraction(weight)
            result = rhythm.aoristic(start, end, reversed_spans=how)  # type: ignore[arg-type]
            assert np.abs(result.weights.ravel() - expected).max() < 1e-12, (case["name"], how)


def test_the_night_the_clock_goes_forward_has_no_hour_two() -> None:
    start = rhythm.to_utc(np.array(["2026-03-29T01:30"], "datetime64[m]"), STOCKHOLM)
    end = rhythm.to_utc(np.array(["2026-03-29T03:30"], "datetime64[m]"), STOCKHOLM)
    weights = rhythm.aoristic(start, end, zone=STOCKHOLM).weights[6]
    assert weights[1:4].tolist() == [0.5, 0.0, 0.5]


def test_the_night_the_clock_goes_back_has_hour_two_twice() -> None:
    start = rhythm.to_utc(np.array(["2026-10-25T01:00"], "datetime64[m]"), STOCKHOLM)
    end = rhythm.to_utc(np.array(["2026-10-25T04:00"], "datetime64[m]"), STOCKHOLM)
    weights = rhythm.aoristic(start, end, zone=STOCKHOLM).weights[6]
    assert weights[1:4] == pytest.approx([0.25, 0.5, 0.25], abs=1e-15)


def test_counts_of_what_was_read_are_told() -> None:
    start = np.array(["2026-01-05T00:00", "2026-01-05T10:00", "2026-01-06T10:00", "2026-01-07T09:00"], "datetime64[m]")
    end = np.array(["2026-01-05T00:00", "2026-02-05T10:00", "2026-01-06T09:00", "NaT"], "datetime64[m]")
    result = rhythm.aoristic(start, end)
    counts = (result.points, result.spans, result.week_or_longer, result.reversed, result.without_end)
    assert counts == (2, 2, 1, 1, 1)
    assert any("without an end" in note for note in result.warnings)


def test_midnight_as_unknown_time_is_warned_of() -> None:
    day = np.datetime64("2026-01-05T00:00", "m") + 1440 * np.arange(40)
    assert any("00:00" in note for note in rhythm.aoristic(day).warnings)
    assert not any("00:00" in note for note in rhythm.aoristic(day + 61 * np.arange(40)).warnings)


def test_nothing_gives_zeros() -> None:
    result = rhythm.aoristic(np.zeros(0, "datetime64[m]"))
    assert result.events == 0
    assert (result.weights == 0).all()


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (["NaT"], ["2026-01-01"], "start: value 1"),
        (["2026-01-01"], ["2026-01-01", "2026-01-02"], "differ in length"),
        (["1500-01-01"], ["2026-01-01"], "1900"),
    ],
)
def test_bad_times_are_refused(start: list[str], end: list[str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        rhythm.aoristic(np.array(start, "datetime64[m]"), np.array(end, "datetime64[m]"))


def test_bad_options_are_refused() -> None:
    one = np.array(["2026-01-01"], "datetime64[m]")
    with pytest.raises(BadInput, match="time zone"):
        rhythm.aoristic(one, zone="Europe/Nowhere")
    with pytest.raises(BadInput, match="reversed_spans"):
        rhythm.aoristic(one, reversed_spans="ignore")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="level"):
        rhythm.aoristic(one, level=95)


@settings(max_examples=200, derandomize=True)
@given(AROUND_CHANGES, st.sampled_from([STOCKHOLM, "UTC", "America/New_York", "Asia/Kolkata"]))
def test_wall_times_become_utc_as_the_calendar_says(wall: np.datetime64, zone: str) -> None:
    local = wall.astype(dt.datetime).replace(tzinfo=ZoneInfo(zone))
    expected = np.datetime64(local.astimezone(dt.UTC).replace(tzinfo=None), "s")
    assert rhythm.to_utc(np.array([wall]), zone)[0] == expected


def test_weekday_profile_counts_the_days_there_were() -> None:
    # 1 January 2026 is a Thursday: 31 days have five Thursdays, Fridays and Saturdays.
    days = np.array(["2026-01-01", "2026-01-08", "2026-01-03", "2026-01-05"], "datetime64[D]")
    result = rhythm.profile(days, by="weekday", first="2026-01-01", last="2026-01-31")
    assert result.days.tolist() == [4, 4, 4, 5, 5, 5, 4]
    assert result.counts.tolist() == [1, 0, 0, 2, 0, 1, 0]
    assert result.rate[3] == pytest.approx(0.4)
    assert result.index @ result.days / 31 == pytest.approx(1)


def test_intervals_of_a_profile_are_garwoods() -> None:
    from scipy import stats

    days = np.repeat(np.arange("2026-01-05", "2026-02-02", dtype="datetime64[D]"), 3)
    result = rhythm.profile(days, by="weekday", first="2026-01-05", last="2026-02-01")
    assert result.dispersion == 1  # even days vary less than chance, which never narrows the interval
    assert result.low[0] == pytest.approx(stats.chi2.ppf(0.025, 24) / 2 / 4, rel=1e-10)
    assert result.high[0] == pytest.approx(stats.chi2.ppf(0.975, 26) / 2 / 4, rel=1e-10)


def test_month_profile_of_leap_years() -> None:
    days = np.arange("2023-01-01", "2025-01-01", dtype="datetime64[D]")
    result = rhythm.profile(days, by="month")
    assert result.days.tolist() == [62, 57, 62, 60, 62, 60, 62, 62, 60, 62, 60, 62]
    assert result.rate.tolist() == [1.0] * 12
    assert result.p_value == pytest.approx(1)


def test_a_month_outside_the_period_is_not_a_number() -> None:
    result = rhythm.profile(
        np.array(["2026-01-03"], "datetime64[D]"), by="month", first="2026-01-01", last="2026-02-28"
    )
    assert np.isnan(result.rate[5])
    assert not np.isnan(result.high[1])


@pytest.mark.parametrize(
    ("days", "options", "words"),
    [
        ([], {}, "no events"),
        (["2026-03-01"], {"first": "2026-01-01", "last": "2026-02-01"}, "outside"),
        (["2026-03-01"], {"first": "2026-04-01", "last": "2026-02-01"}, "ends"),
        (["2026-03-01"], {"first": "yesterday"}, "not a date"),
        (["NaT"], {}, "missing"),
    ],
)
def test_bad_profiles_are_refused(days: list[str], options: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        rhythm.profile(np.array(days, "datetime64[D]"), by="weekday", **options)  # type: ignore[arg-type]


def test_intervals_hold_what_they_promise() -> None:
    """Over many data sets at least 95 % of the hours' intervals hold the true mean."""
    random = np.random.default_rng(11)
    truth, inside = 200 / 168, 0
    for _ in range(40):
        start = np.datetime64("2026-01-05T00:00", "m") + random.integers(0, 168 * 60, random.poisson(200))
        result = rhythm.aoristic(start, start + random.integers(0, 300, start.size))
        inside += int(((result.low <= truth) & (truth <= result.high)).sum())
    assert inside / (40 * 168) > 0.95


@pytest.mark.long
def test_p_of_a_profile_is_uniform_without_a_rhythm() -> None:
    random = np.random.default_rng(5)
    first, last = np.datetime64("2026-01-01"), np.datetime64("2026-12-31")
    p = []
    for _ in range(1000):
        days = first + random.integers(0, 365, random.poisson(800))
        p.append(rhythm.profile(days, by="weekday", first=first, last=last).p_value)
    # Overdispersion found by chance widens, never narrows: a touch on the careful side of uniform.
    for limit in (0.01, 0.05, 0.2, 0.5):
        share = np.mean(np.array(p) < limit)
        chance = 3 * np.sqrt(limit * (1 - limit) / 1000)
        assert 0.7 * limit - chance < share < limit + chance
