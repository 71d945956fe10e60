"""Silence is not calm: when nothing can be said, and of where."""

from __future__ import annotations

from samverkan.domain.est.week.content import Content, Effort, Figures
from samverkan.domain.est.week.silence import Unheard, silence
from samverkan.foundation.editions import read


def _content(
    *areas: tuple[str, int | None, int], silent: int = 1, expected: int = 8, total: int | None = 40
) -> Content:
    rows = [
        {"key": name, "name": name, "count": n, "usual": {"low": low, "middle": low, "high": low + 3}}
        for name, n, low in areas
    ]
    effort = {
        "expected": expected,
        "silent": silent,
        "silent_list": [{"name": f"Org {n}"} for n in range(silent)],
    }
    figures = {"areas": rows, "total": total, "usual": {"low": 38, "middle": 41, "high": 44}}
    return Content(
        week="2026-W47",
        begins="2026-11-16",
        ends="2026-11-22",
        put_together_at="2026-11-23T08:00:00+00:00",
        effort=read(Effort, effort),
        figures=read(Figures, figures),
    )


def test_fewer_than_usual_while_somebody_is_silent_cannot_be_told() -> None:
    found = silence(_content(("Norr", 3, 4), ("Söder", 9, 4), ("Väster", 1, 6)))
    assert found == Unheard(["Väster", "Norr"], ["Org 0"], 1)


def test_when_all_have_answered_fewer_is_fewer() -> None:
    assert silence(_content(("Norr", 3, 4), silent=0)) is None


def test_as_usual_is_not_quiet_however_few_are_silent() -> None:
    assert silence(_content(("Norr", 4, 4), ("unknown", 0, 4), ("Öster", None, 4))) is None


def test_the_whole_is_named_when_most_are_silent_or_it_is_low_and_no_area_is() -> None:
    for content in (_content(("Norr", 5, 4), silent=5), _content(total=30)):
        found = silence(content)
        assert found is not None and found.areas == []


def test_at_most_three_areas_are_named() -> None:
    found = silence(_content(*((f"A{n}", 0, n + 1) for n in range(5))))
    assert found is not None and found.areas == ["A4", "A3", "A2"]
