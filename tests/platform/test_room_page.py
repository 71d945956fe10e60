"""A room made by ``samverkan manage new_room`` in a copy of the program passes the lanes that judge every room."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from samverkan.cli.runtime import scratch_folder
from samverkan.site.new_room import Room, WrongName, write
from tests.harness.command import clean_environment

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "develop" / "add-a-room.md"
FORUMS = Room("forums", "Forum", "Grupper som möts", "forum")
#: What a new room edits outside its own folders; the page names the same.
OUTSIDE = {"src/samverkan/site/settings.py", "pyproject.toml", "docs/README.md"}


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A copy of the program."""
    with scratch_folder() as folder:
        copy = folder / "checkout"
        copy.mkdir(mode=0o755)
        unwanted = shutil.ignore_patterns("__pycache__", "*.mo")
        for name in ("src", "tests", "tools", "bench", "docs", "changes", ".ci"):
            shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
        for path in ROOT.iterdir():
            if path.is_file() and path.name not in {".git", ".venv.lock"}:
                shutil.copy(path, copy)
        yield copy


def _texts(folder: Path) -> dict[str, str]:
    inside = (path for name in ("src", "tests", "tools", "docs") for path in (folder / name).rglob("*"))
    texts = [*inside, folder / "pyproject.toml"]
    kept = {".py", ".md", ".toml", ".html", ".po", ".txt"}
    return {str(p.relative_to(folder)): p.read_text("utf-8") for p in texts if p.is_file() and p.suffix in kept}


def _run(checkout: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=clean_environment(
            SAMVERKAN_DATA=str(checkout / "data"),
            PYTHONPATH=str(checkout / "src"),
            DJANGO_SETTINGS_MODULE="samverkan.site.settings",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"


def test_a_room_edits_its_own_folders_and_three_files(checkout: Path) -> None:
    before = _texts(checkout)
    write(FORUMS, checkout)
    after = _texts(checkout)
    own = ("src/samverkan/domain/forums/", "tests/room/forums/", "docs/guide/forums.md")
    touched = {name for name, text in after.items() if before.get(name) != text}
    assert {name for name in touched if not name.startswith(own)} == OUTSIDE
    assert all(f"`{name}`" in PAGE.read_text("utf-8") for name in OUTSIDE)
    new = {name: text for name, text in after.items() if name.startswith(own)}
    assert len(new) > 20
    left = re.compile(r"newroom|newthing|nyttrum|nysak|nyadress", re.IGNORECASE)
    assert [name for name, text in new.items() if left.search(name) or left.search(text)] == []
    for name, text in new.items():
        if name.endswith(".py"):
            compile(text, name, "exec")
    contract = tomllib.loads(after["pyproject.toml"])["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contract if c.get("containers") == ["samverkan.domain"])
    assert layers[0] == "(forums)"
    assert after["docs/README.md"].count("(guide/forums.md)") == 1
    assert after["src/samverkan/site/settings.py"].count('"samverkan.domain.forums",') == 1
    # Everything that it imports is there, and its addresses and models are in order.
    _run(
        checkout,
        "-c",
        "import django; django.setup(); from django.core.checks import run_checks; assert not run_checks()",
    )


@pytest.mark.parametrize(
    ("room", "word"),
    [
        (Room("Forums", "Forum", "Forum", "forum"), "small letters"),
        (Room("class", "Forum", "Forum", "forum"), "small letters"),
        (Room("forums", "forum", "Forum", "forum"), "begins with a capital"),
        (Room("forum", "Forum", "Forum", "forum"), "plural"),
        (Room("forums", "Forum", "!", "forum"), "Swedish"),
        (Room("places", "Spot", "Platser", "plats"), "there already"),
    ],
)
def test_names_that_cannot_be_are_refused_before_anything_is_written(room: Room, word: str) -> None:
    with pytest.raises(WrongName, match=word):
        write(room, ROOT)


@pytest.mark.long
def test_a_room_passes_every_lane(checkout: Path) -> None:
    """Made by the command; then style, types, floors, its own tests and those that judge every room."""
    _run(checkout, "-m", "django", "new_room", "forums", "--swedish", "Grupper som möts", "--swedish-thing", "forum")
    _run(checkout, "-m", "ruff", "check", ".")
    _run(checkout, "-m", "ruff", "format", "--check", ".")
    _run(checkout, "-m", "mypy", "--no-error-summary")
    lint = "import sys; from importlinter.cli import lint_imports_command; sys.argv = ['lint-imports', '--no-cache'];"
    _run(checkout, "-c", f"{lint} lint_imports_command()")
    _run(checkout, "tools/docs.py")
    # As ./samverkan test does before it hands over to pytest.
    _run(checkout, "-c", "from samverkan.cli.runtime import compile_messages; compile_messages()")
    pytest_ = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-x")
    for table in ("test_routes.py", "test_rows.py", "test_queries.py"):
        _run(
            checkout,
            "-c",
            f"import os, pytest; os.environ['SAMVERKAN_WRITE_MATRIX'] = '1'; pytest.main(['-q', 'tests/contract/{table}'])",
        )
    _run(checkout, *pytest_, "tests/room/forums", "tests/room/audit", "tests/repo", "tests/contract")
