"""Weeks that were locked in the course of time read as they did: what is kept, to the letter, and what others see of it.

``locked_weeks.json`` was written by the program before content had types: each content, its fingerprint, and what
a partner got of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samverkan.domain.est.week import content
from samverkan.domain.est.week.documents import render
from samverkan.foundation.access import Actor
from samverkan.foundation.editions import fingerprint, write
from tests.harness.weeks import printed, seen_by

WEEKS = json.loads((Path(__file__).parents[2] / "data" / "est" / "locked_weeks.json").read_text("utf-8"))
PARTNER = Actor(None, None, None, "", "est_reporter", None)
LEAD = Actor(None, None, None, "", "coordinator", None)


def _letters(value: Any) -> str:
    """So that 2 is not 2.0."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("week", WEEKS, ids=lambda week: week["age"])
def test_what_is_kept_is_written_as_it_was_read(week: dict[str, Any]) -> None:
    again = write(content.kept(week["kept"]))
    assert _letters(again) == _letters(week["kept"])
    assert fingerprint(again) == week["sha256"]
    assert _letters(seen_by(LEAD, week["kept"])) == _letters(week["kept"])


@pytest.mark.parametrize("week", WEEKS, ids=lambda week: week["age"])
def test_a_partner_reads_what_was_read_before(week: dict[str, Any]) -> None:
    seen = content.for_actor(PARTNER, content.kept(week["kept"]))
    assert _letters(write(seen)) == _letters(week["partner"])
    assert render(seen, "json") == render(content.kept(week["partner"]), "json"), "said twice it is the same"


@pytest.mark.parametrize("week", WEEKS, ids=lambda week: week["age"])
def test_every_age_can_be_printed(week: dict[str, Any]) -> None:
    for kept in (week["kept"], week["partner"]):
        assert b"<h1>" in printed(kept, "html")


def test_what_this_version_does_not_know_is_kept_and_shown_to_nobody_else() -> None:
    later: dict[str, Any] = json.loads(json.dumps(WEEKS[0]["kept"]))
    later["unheard_of"] = 4711
    later["alarms"]["patterns"][0]["names"] = 4711
    assert _letters(write(content.kept(later))) == _letters(later)
    assert "4711" not in _letters(seen_by(PARTNER, later))
