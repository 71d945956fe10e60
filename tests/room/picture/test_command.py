"""``samverkan picture summary`` as scripts meet it."""

from __future__ import annotations

import argparse
import contextlib
import json

import pytest

from samverkan.cli import Failure, picture
from samverkan.foundation.access import Actor
from samverkan.foundation.people.models import Person

from .conftest import LAST, Town


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "installation", lambda args: contextlib.nullcontext())


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    picture.add_arguments(parser)
    return picture.run(parser.parse_args(["summary", *words]))


def test_json_has_names_as_keys(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.add(LAST, 2, area=town.areas[2], category=town.subs[2])
    town.add(LAST.plus(-2), 1, source=town.sources[1])
    town.add(LAST, 5, is_digest=True)
    assert _run("--json", "--from", "2026-W01", "--municipality", "Eskilstuna") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total"] == 3
    assert found["by"] == {
        "kind": {"event": 3, "development": 0, "place_feature": 0},
        "category": {"Bråk": 2, "Klotter": 1},
        "area": {"Centrum": 0, "Norr": 0, "Söder": 0, "Väster": 0, "Öster": 2, "unknown": 1},
        "municipality": {"Eskilstuna": 3},
        "source": {"Felanmälningar": 1, "Partners rapporter": 2},
        "week": {
            **dict.fromkeys(found["by"]["week"], 0),
            "2026-W45": 1,
            "2026-W47": 2,
        },
    }
    assert next(iter(found["by"]["week"])) == "2026-W01"


def test_as_somebody_hides_what_they_may_not_see(
    town: Town, partner: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    town.add(LAST, 8, area=town.areas[0])
    town.add(LAST, 2, area=town.areas[1])
    email = Person.objects.get(pk=partner.person_id).email
    assert _run("--json", "--as", email, "--from", "2026-W47", "--to", "2026-W47") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total"] == 10
    assert found["by"]["area"] == {"Centrum": None, "Norr": None, "Söder": 0, "Väster": 0, "Öster": 0}
    assert _run("--as", email, "--from", "2026-W47", "--to", "2026-W47") == 0
    assert "Centrum  not shown" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "nyss"], "nyss"),
        (["--area", "Atlantis"], "Atlantis"),
        (["--as", "ingen@exempel.test"], "ingen@exempel.test"),
    ],
)
def test_what_is_wrong_is_said(town: Town, words: list[str], said: str) -> None:
    with pytest.raises(Failure, match=said):
        _run(*words)
