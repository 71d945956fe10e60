"""Every worked example of docs/analysis gives what the page says.

A block marked console holds lines `$ samverkan analyse …` (a backslash continues the line) and
below each what it prints: standard output, with or without the notes of standard error after it. Or
it holds one command without `$`, and a block marked text right after it holds what that prints. A line with only `…`
or `...` stands for any lines. A block marked python with >>> in it is a
doctest. Both run from the checkout.
"""

from __future__ import annotations

import doctest
import importlib
import json
import re
import shlex
from pathlib import Path

import pytest

from samverkan.cli.analyse import METHODS, main

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted((ROOT / "docs" / "analysis").glob("*.md"))
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```(?:\n+```text\n(.*?)^```)?", re.DOTALL | re.MULTILINE)
LIMITS = re.compile(r"^## (Its )?[Ll]imits$", re.MULTILINE)


def blocks() -> list[object]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            if match[1] == "python" and ">>>" not in match[2]:
                continue  # a sketch with the reader's own arrays in it
            line = text.count("\n", 0, match.start()) + 1
            found.append(pytest.param(match[1], match[2], match[3] or "", id=f"{page.name}:{line}"))
    return found


def commands(block: str, after: str) -> list[tuple[str, str]]:
    """Pairs of a command and what the page says it prints."""
    block = block.replace("\\\n", " ")
    if not block.startswith("$ "):
        assert block.count("\n") == 1, "without $ a console block holds one command"
        return [(block.strip(), after)]
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts[1:]]


def examples() -> list[str]:
    """Every example of docs/reference and --help."""
    modules = (importlib.import_module(f"samverkan.cli.analyse.{name}") for name, _line in METHODS.values())
    return [line.strip() for module in modules for line in module.EXAMPLE.splitlines()]


@pytest.mark.parametrize("example", examples())
def test_the_example_of_each_method_runs_and_stands_in_the_reference(
    example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert f"./{example}\n" in (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    words = shlex.split(example)
    assert main(words[2:]) == 0
    printed = capsys.readouterr().out
    if words[-1] == "--json":
        json.loads(printed)
    assert printed


def test_every_method_has_an_example() -> None:
    told = {tuple(shlex.split(example)[2:4]) for example in examples()}
    assert {method for method, _rest in told} == set(METHODS)
    assert {rest for method, rest in told if method == "evaluate"} == {"wdd", "wdq", "e-test", "did", "its", "burst"}


@pytest.mark.parametrize(("kind", "block", "after"), blocks())
def test_example(
    kind: str,
    block: str,
    after: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(ROOT)
    if kind == "python":
        examples = doctest.DocTestParser().get_doctest(block, {}, "docs", None, None)
        failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples).failed
        assert not failed, capsys.readouterr().out
        return
    for command, expected in commands(block, after):
        words = shlex.split(command)
        assert words[0] in ("samverkan", "./samverkan"), command
        assert words[1] == "analyse", command
        # What an example writes goes beside the test, never into the checkout.
        outputs = {"--plot", "--map"}
        words = [str(tmp_path / w) if before in outputs else w for before, w in zip(["", *words], words, strict=False)]
        assert main(words[2:]) == 0, command
        printed = capsys.readouterr()
        whole = printed.out + printed.err
        assert matches(printed.out, expected) or matches(whole, expected), f"{command}\n{whole}"


def matches(printed: str, expected: str) -> bool:
    """Equal but for spaces at the ends of lines, blank lines at the end, and what … stands for."""
    lines = [re.escape(line.rstrip()) for line in expected.rstrip().splitlines()]
    pattern = "\n".join("(?:.*\n)*?.*" if line in ("…", re.escape("...")) else line for line in lines)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.rstrip().splitlines())) is not None


def test_every_method_has_a_chapter_with_an_example_and_its_limits() -> None:
    from samverkan.cli.analyse import METHODS

    pages = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    for method in METHODS:
        name = {"evaluate": "evaluation"}.get(method, method) + ".md"
        assert name in pages, f"docs/analysis/{name} is missing"
        assert f"samverkan analyse {method} " in pages[name], f"{name} has no worked example"
        assert LIMITS.search(pages[name]), f"{name} does not tell its limits"
