"""Up to which week partners may look: the earliest that anybody lets go, and never the one that goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from samverkan.domain.picture import released
from samverkan.foundation.weeks import Week


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> int:
    """A fixed week, and nobody who holds anything back."""
    monkeypatch.setenv("SAMVERKAN_TODAY", "2026-11-25")
    monkeypatch.setattr(released, "_asked", [])
    return Week(2026, 48).index


def test_the_week_that_goes_on_is_not_shown(present: int) -> None:
    assert released.last_week() == present - 1


@pytest.mark.parametrize(
    ("told", "weeks_ago"), [([None], 1), ([0], 1), ([3], 3), ([2, 5], 5), ([5, 2], 5), ([None, 4], 4), ([2, None], 2)]
)
def test_what_somebody_holds_back_is_not_shown(present: int, told: list[int | None], weeks_ago: int) -> None:
    def telling(ago: int | None) -> Callable[[], int | None]:
        return lambda: None if ago is None else present - ago

    for ago in told:
        released.decided_by(telling(ago))
    assert released.last_week() == present - weeks_ago


def test_week_number_nought_is_a_week_too(present: int) -> None:
    """Nothing but None means that nothing is held back."""
    released.decided_by(lambda: 0)
    assert released.last_week() == 0
