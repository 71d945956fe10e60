"""The words that stand beside figures say what the figures say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from samverkan.domain.est.templatetags.est import headline
from samverkan.domain.est.week.content import Before, Effort, Pattern
from samverkan.domain.est.week.documents import words
from samverkan.domain.picture.comparison import Verdict
from samverkan.domain.picture.insight import patterns_shown
from samverkan.domain.picture.insight.words import span
from samverkan.domain.picture.words import compared, heading, new_sources
from samverkan.foundation.web.charts import HIDDEN, Sparkline
from samverkan.foundation.weeks import Week


def test_every_verdict_has_words_in_a_heading_and_in_a_table() -> None:
    for verdict in Verdict:
        assert compared(verdict)
        assert heading(50, verdict).startswith("50 rapporter")
        assert heading(50, verdict, "i vecka 47, 2026").startswith("50 rapporter i vecka 47, 2026")
        assert (", " in heading(50, verdict)) == (verdict is not Verdict.UNKNOWN)
    assert heading(50, Verdict.SOMEWHAT_MORE) == "50 rapporter, något fler än vanligt men inom slumpen"
    assert words.compared("some_fewer") == "något färre, inom slumpen"
    assert words.compared("what an old week kept") == "jämförs inte"
    assert new_sources(["SOS"]) == "SOS är ny som källa, därför visas ingen jämförelse."
    assert new_sources([]) == ""


def test_of_what_nobody_is_nothing_is_said() -> None:
    effort = Effort(expected=14, reported=14, before=Before(expected=14, reported=9))
    assert words.answers(effort) == "Den här veckan har 14 av 14 rapporterat, förra veckan 9."
    assert words.answers(replace(effort, reported=12, silent=2)).endswith("förra veckan 9. 2 har inte svarat.")
    assert words.answers(replace(effort, reported=13, nothing=1)).endswith("1 hade inget att rapportera.")
    assert words.answers(Effort(expected=3, reported=3)) == "3 av 3 har rapporterat."


@pytest.mark.parametrize(
    ("waiting", "silent", "said"),
    [
        (0, 0, "Vecka 49 är klar att gå igenom"),
        (0, 6, "Vecka 49 är nästan klar att gå igenom"),
        (0, 22, "Vecka 49: 22 av 24 har inte svarat"),
        (4, 22, "Vecka 49: 22 av 24 har inte svarat"),
        (1, 3, "Vecka 49: 1 rapport väntar på granskning"),
    ],
)
def test_the_heading_follows_the_answers(waiting: int, silent: int, said: str) -> None:
    effort = Effort(silent=silent, expected=24)
    assert headline(Week(2026, 49), waiting, effort) == said
    assert headline(Week(2026, 49), waiting, effort, locked=True) == "Vecka 49 är låst"


def test_a_pattern_is_new_only_with_new_reports() -> None:
    assert words.how_new(Pattern(new=True, seen=False)) == "Ny den här veckan."
    assert words.how_new(Pattern(new=False, seen=True)) == "Sågs även förra veckan."
    assert words.how_new(Pattern(new=False, seen=False)) == "Syns först nu, i tidigare rapporter."
    assert words.how_new(Pattern(new=False)) == "Sågs även förra veckan.", "a week locked before it was kept"


def test_a_small_line_has_gaps_where_weeks_are_hidden() -> None:
    drawn = Sparkline("s", "Klotter", "", [5, HIDDEN, HIDDEN, 7, 6, HIDDEN]).svg()
    assert drawn.count("<polyline") == 1 and drawn.count('r="3.5"') == 0, "no line over hidden weeks, no dot for them"
    whole = Sparkline("s", "Klotter", "", [5, 6, 7]).svg()
    assert whole.count("<polyline") == 1 and whole.count("<circle") == 1


def test_no_week_stands_both_before_and_after() -> None:
    epoch, begins = date(1970, 1, 1), date(2026, 5, 28)  # a Thursday in week 22
    start = (begins - epoch).days

    def around(day: int, days: int) -> tuple[str, ...]:
        return tuple(s.replace("\xa0", " ") for s in (span(day - days, day), span(day, day + days)))

    assert around(start, 28) == ("30 april – 27 maj 2026", "28 maj – 24 juni 2026")
    assert around(start - begins.weekday(), 14) == ("vecka 20–21, 2026", "vecka 22–23, 2026")


def test_neighbours_are_told_of_burglaries_only() -> None:
    table = {
        "observed": [[40, 5, 5, 5]] * 4,
        "expected": [[10.0, 5.0, 5.0, 5.0]] * 4,
        "p_value_max": [[0.001, 1.0, 1.0, 1.0], *[[1.0] * 4] * 3],
        "p_value": [[0.001, 1.0, 1.0, 1.0]] * 4,
        "events": 80,
    }

    def said(code: str, name: str) -> str:
        burglary = patterns_shown._is_burglary(code, {code: name})
        return patterns_shown._advice(name, table, 0.05, burglary=burglary).sentence

    assert said("bostadsinbrott", "Inbrott i bostad").endswith("Berätta genast för de närmaste grannarna.")
    assert said("c12", "Inbrott, villa").endswith("grannarna.")
    for code, name in (("narkotika", "Misstänkt narkotikahandel"), ("vald-i-nara-relation", "Våld i nära relation")):
        assert "väntade" in said(code, name) and "grannarna" not in said(code, name)
