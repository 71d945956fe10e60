"""What is new in a pattern since the last time one looked."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from samverkan.domain.est.templatetags.est import new_ones
from samverkan.domain.est.week.content import Pattern
from samverkan.foundation.editions import read


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ({"count": 12, "new_count": 3}, "3 av dem är nya sedan sist."),
        ({"count": 12, "new_count": 1}, "1 av dem är ny sedan sist."),
        ({"count": 12, "new_count": 12}, "Alla är nya sedan sist."),
        # A pattern that lasts although nothing came: said, so that nobody takes it for something that goes on.
        ({"count": 12, "new_count": 0}, "Ingen av dem är ny sedan sist."),
        # Who may not see small counts gets neither number.
        ({"where": "Torget"}, ""),
        ({"count": 12}, ""),
    ],
)
def test_how_many_are_new(pattern: dict[str, Any], told: str) -> None:
    with override("sv"):
        assert new_ones(read(Pattern, pattern)) == told
