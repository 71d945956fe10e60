"""What is called usual, more and fewer."""

from __future__ import annotations

from samverkan.domain.picture.comparison import Usual, Verdict, judge, usual, windows
from samverkan.foundation.weeks import Week


def test_usual_is_the_middle_half() -> None:
    assert usual([10, 12, 14, 16, 18]) == Usual(12, 14.0, 16)
    assert usual([10, 12]) is None, "too few windows"
    assert usual([10, None, 12]) is None, "a hidden count"


def test_a_verdict_needs_more_than_chance() -> None:
    base = Usual(90, 100.0, 110)
    assert judge(115, base) is Verdict.AS_USUAL, "outside the middle half, yet within chance"
    assert judge(125, base) is Verdict.MORE
    assert judge(75, base) is Verdict.FEWER
    assert judge(3, Usual(1, 2.0, 4)) is Verdict.TOO_FEW
    assert judge(None, base) is Verdict.UNKNOWN and judge(5, None) is Verdict.UNKNOWN


def test_windows_stay_within_what_is_known_and_before_the_period() -> None:
    first, last = Week(2026, 44), Week(2026, 47)
    known = (Week(2024, 44).index, last.index)
    found = windows(first, last, [2023, 2024, 2025], known)
    starts = [str(Week.from_index(a)) for a, _b in found]
    assert starts == ["2024-W44", "2024-W45", "2025-W43", "2025-W44", "2025-W45"]
    assert all(b - a == 3 for a, b in found)
    assert windows(first, last, [2026], known) == [], "never the period itself"
