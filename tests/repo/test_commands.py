"""Every command says what it does, with an example, and costs nothing until it is chosen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from samverkan.cli import COMMANDS, WITHOUT_INSTALLATION, main, parse, parser_for
from tests.harness.command import clean_environment, samverkan


@pytest.mark.parametrize("command", COMMANDS)
def test_command_has_help_with_an_example(command: str) -> None:
    text = parser_for(command).format_help()
    assert "example" in text
    assert "samverkan " + command in text.replace("./samverkan", "samverkan")


def test_overview_lists_every_command_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {command} " in text for command in COMMANDS)
    assert "example:" in text


def test_unknown_command_is_refused_in_clear_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["finnsinte"]) == 2
    assert "There is no command 'finnsinte'" in capsys.readouterr().err


CALLS = {
    **dict.fromkeys(("demo", "serve", "worker", "retention", "check"), ""),
    "import": "incidents rows.csv --mapping mapping.toml",
    "fetch": "polisen",
    "picture": "summary --json",
    "audit": "verify",
    "profile": "new exempelby.toml",
    "invite": "ny@exempel.test --role administrator --function Systemadministratör",
    "backup": "b.tar --keys b.keys",
    "restore": "b.tar --keys b.keys",
    "manage": "shell -c pass",
}


def test_every_command_that_uses_an_installation_is_tried() -> None:
    assert CALLS.keys() | WITHOUT_INSTALLATION == COMMANDS.keys()


@pytest.mark.parametrize("command", CALLS)
@pytest.mark.parametrize("folder", [["--data", "DIR"], ["--data=DIR"]], ids=["apart", "with ="])
def test_the_installation_may_be_named_anywhere(command: str, folder: list[str]) -> None:
    words = [command, *CALLS[command].split()]
    expected = vars(parse(words)) | {"data": Path("DIR")}
    for place in range(len(words) + 1):
        assert vars(parse([*words[:place], *folder, *words[place:]])) == expected, place


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "--data"], "followed by"),
        (["check", "--data", "--json"], "followed by"),
        (["--data", "a", "check", "--data", "b"], "two folders"),
        (["--data", "a"], "no command"),
        (["--data", "a", "analyse"], "no installation"),
    ],
)
def test_an_installation_wrongly_named_is_told(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert sentence in capsys.readouterr().err


def test_settings_and_help_start_no_server_and_analyse_imports_no_django() -> None:
    probe = (
        "import sys, json; import samverkan.foundation.postgres;"
        "from samverkan.cli import main, parser_for; parser_for('analyse'); main(['help']);"
        "print(json.dumps(sorted(m for m in sys.modules if m in ('django', 'psycopg', 'numba', 'subprocess'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert not {"django", "psycopg", "numba"} & set(json.loads(done.stdout.splitlines()[-1]))


def test_a_broken_setting_is_told_in_one_sentence() -> None:
    done = samverkan("check", "--data", "/proc/nowhere")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
