"""The page that tells how to add a room is followed to the letter, in a copy of the program."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from samverkan.cli.runtime import scratch_folder
from tests.harness.command import clean_environment

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "develop" / "add-a-room.md"
_FILE = re.compile(
    r"^```(?:python|html)\n(?:# |<!-- )((?:src|tests)/\S+)(?: -->)?\n(.*?)^```", re.MULTILINE | re.DOTALL
)
_SWEDISH = re.compile(r"^\| (.+?) \| (.+?) \|$", re.MULTILINE)


def _run(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=clean_environment(SAMVERKAN_DATA=str(checkout / "data"), PYTHONPATH=str(checkout / "src")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path.name} has {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), "utf-8")


def _fill_in(path: Path, swedish: dict[str, str]) -> list[str]:
    """Fill in what lacks Swedish. Returns what still does."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="sv")
    lacking = [message for message in catalogue if message.id and not message.string]
    for message in lacking:
        message.string = swedish.get(str(message.id), "")
    with path.open("wb") as file:
        write_po(file, catalogue)
    return [str(message.id) for message in lacking if not message.string]


@pytest.mark.long
def test_a_room_made_by_the_page_works() -> None:
    with scratch_folder() as folder:
        _follow_the_page(folder / "checkout")


def _follow_the_page(checkout: Path) -> None:
    checkout.mkdir(mode=0o755)
    unwanted = shutil.ignore_patterns("__pycache__", "vendor", "*.mo")
    for folder in ("src", "tests", "tools"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", checkout)
    text = PAGE.read_text("utf-8")
    files = _FILE.findall(text)
    room = checkout / "src" / "samverkan" / "domain" / "forums"
    (room / "migrations").mkdir(parents=True)
    for empty in (room / "__init__.py", room / "migrations" / "__init__.py"):
        empty.touch()
    for name, content in files:
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    site = checkout / "src" / "samverkan" / "site"
    _replace(
        site / "settings.py",
        '    "samverkan.domain.measures",\n',
        '    "samverkan.domain.measures",\n    "samverkan.domain.forums",\n',
    )
    _replace(
        site / "urls.py",
        '    "samverkan.domain.measures.urls",\n',
        '    "samverkan.domain.measures.urls",\n    "samverkan.domain.forums.urls",\n',
    )
    _replace(checkout / "pyproject.toml", '"(places) : (measures)"', '"(places) : (measures) : (forums)"')
    _run(checkout, "-m", "samverkan", "manage", "makemigrations", "forums")
    assert (room / "migrations" / "0001_initial.py").exists()
    subprocess.run(
        [sys.executable, "tools/messages.py", "--update", "forums"], cwd=checkout, capture_output=True, check=False
    )
    po = room / "locale" / "sv" / "LC_MESSAGES" / "django.po"
    assert _fill_in(po, dict(_SWEDISH.findall(text.partition("## 7.")[2].partition("## 8.")[0]))) == []
    # As ./samverkan test does before it hands over to pytest.
    _run(checkout, "-c", "from samverkan.cli.runtime import compile_messages; compile_messages()")
    _run(checkout, "-m", "ruff", "check", "src/samverkan/domain/forums", "tests/room/forums")
    _run(
        checkout,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/room/forums",
        "tests/repo/test_shape.py",
        "-k",
        "forums or migrations or permissions or meetings",
    )
