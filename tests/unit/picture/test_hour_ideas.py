"""What could be tried is said only with enough reports and a clear difference, and always with what it rests on."""

from __future__ import annotations

import numpy as np
import pytest

from samverkan.domain.picture.hour_ideas import FEWEST, WINDOWS, suggestions


def _week(base: float = 0.0) -> np.ndarray:
    return np.full((7, 25), base)


def test_too_few_reports_give_nothing() -> None:
    week = _week()
    week[4, 23] = FEWEST - 1
    assert suggestions(week.tolist()) == []
    week[4, 23] = FEWEST
    assert len(suggestions(week.tolist())) == 1


def test_an_even_week_gives_nothing() -> None:
    assert suggestions(_week(10).tolist()) == []


def test_those_without_a_known_hour_are_not_looked_at() -> None:
    week = _week()
    week[:, 24] = 500
    assert suggestions(week.tolist()) == []


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ([(4, 23), (5, 1), (6, 3)], "Fredags- och lördagsnätter"),
        ([(1, 23), (2, 3), (3, 2), (0, 4)], "Nätter"),
        ([(0, 10), (2, 11), (4, 9)], "Skoltid"),
        ([(0, 16), (2, 15), (4, 16)], "Dagtid"),
        ([(0, 18), (5, 20), (6, 21)], "Kvällar"),
    ],
)
def test_hours_that_stand_out_bring_their_own_thoughts(slots: list[tuple[int, int]], said: str) -> None:
    week = _week(0.2)
    for slot in slots:
        week[slot] += 30
    found = suggestions(week.tolist())
    assert len(found) == 1 and found[0].sentence.startswith(said)
    assert found[0].ideas and all(str(idea.words) and str(idea.basis) for idea in found[0].ideas)


def test_a_small_difference_is_not_enough() -> None:
    week = _week(3)
    for day in range(7):
        week[day, 17:22] += 2
    assert suggestions(week.tolist()) == []


def test_every_thought_says_what_it_rests_on() -> None:
    assert all(str(idea.basis) for window in WINDOWS for idea in window.ideas)
    assert len({str(window.name) for window in WINDOWS}) == len(WINDOWS)
