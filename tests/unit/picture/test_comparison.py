"""What is called usual, more and fewer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samverkan.domain.picture.comparison import Usual, Verdict, judge, usual, windows
from samverkan.foundation.weeks import Week


def test_usual_is_the_middle_half() -> None:
    assert usual([10, 12, 14, 16, 18]) == Usual(12, 14.0, 16)
    assert usual([10, 12]) is None, "too few windows"
    assert usual([10, None, 12]) is None, "a hidden count"


def test_a_verdict_needs_more_than_chance() -> None:
    base = Usual(90, 100.0, 110)
    assert judge(115, base) is Verdict.SOMEWHAT_MORE, "outside the middle half, yet within chance"
    assert judge(85, base) is Verdict.SOMEWHAT_FEWER
    assert judge(50, Usual(37, 41.0, 44)) is Verdict.SOMEWHAT_MORE
    assert judge(6, Usual(1, 3.0, 3)) is Verdict.SOMEWHAT_MORE
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


@given(count=st.integers(0, 300), ends=st.tuples(st.integers(0, 200), st.integers(0, 60)), share=st.floats(0, 1))
def test_the_word_never_denies_the_span_beside_it(count: int, ends: tuple[int, int], share: float) -> None:
    low, wide = ends
    base = Usual(low, low + share * wide, low + wide)
    said = judge(count, base)
    if said is not Verdict.TOO_FEW:
        above, below = count > base.high, count < base.low
        assert above == (said in {Verdict.MORE, Verdict.SOMEWHAT_MORE})
        assert below == (said in {Verdict.FEWER, Verdict.SOMEWHAT_FEWER})
