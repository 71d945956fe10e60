"""What the documentation says is what the program does: headings, commands, links, fresh reference pages."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from samverkan.cli import COMMANDS, parser_for
from tests.harness.command import clean_environment
from tools import docs

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_VARIABLE = re.compile(r"\bSAMVERKAN_[A-Z][A-Z_]*[A-Z]\b")


def headings(page: str) -> set[str]:
    """The headings of a reference page, without the marks of code."""
    lines = (docs.FOLDER / page).read_text("utf-8").splitlines()
    return {line.lstrip("# ").replace("`", "") for line in lines if line.startswith("#")}


def shell_lines(text: str) -> Iterator[str]:
    """Lines of ``sh`` blocks, continued ones joined, without comments."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip() and not line.startswith("#"):
                yield line


def test_reference_pages_are_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "docs.py"), "--check"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}Run: python tools/docs.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_heading(command: str) -> None:
    assert f"samverkan {command}" in headings("commands.md")


def test_every_setting_has_its_heading() -> None:
    from samverkan.foundation import municipality
    from samverkan.site.settings import DECLARED

    wanted = {*DECLARED, *(entry.key for entry in municipality.declared())}
    assert sorted(wanted - headings("settings.md")) == []


def test_every_state_has_its_heading() -> None:
    wanted = {f"{flow.name}: {state.value}" for flow in docs.workflows() for state in flow.states}
    assert wanted
    assert sorted(wanted - headings("states.md")) == []


def test_every_permission_and_role_has_its_heading() -> None:
    from samverkan.foundation.access import registered
    from samverkan.foundation.access.roles import roles

    assert sorted({*registered(), *roles.codes()} - headings("permissions.md")) == []


def test_every_address_is_declared_and_stands_in_the_reference() -> None:
    text = (docs.FOLDER / "routes.md").read_text("utf-8")
    addresses = docs.addresses()
    assert [a.path for a in addresses if not a.needs] == []
    assert [a.path for a in addresses if f"`{a.path}`".replace("|", "\\|") not in text] == []


def test_every_entry_of_the_menu_has_its_chapter() -> None:
    """The guide names the address of each page that the menu leads to, and the documentation leads to each chapter."""
    from django.urls import reverse

    from samverkan.foundation import registries

    chapters = sorted((ROOT / "docs" / "guide").glob("*.md"))
    told = "".join(page.read_text("utf-8") for page in chapters)
    pages = {reverse(entry.url_name) for entry in registries.navigation.all()}
    assert sorted(page for page in pages if f"`{page}`" not in told) == []
    first = (ROOT / "docs" / "README.md").read_text("utf-8")
    assert [page.name for page in chapters if f"(guide/{page.name})" not in first] == []


def test_every_rule_of_disposal_has_its_heading() -> None:
    from samverkan.foundation.registries import retention_rules

    assert sorted({rule.key for rule in retention_rules.all()} - headings("jobs.md")) == []


def test_every_variable_the_program_reads_is_told() -> None:
    """Also those that only tests and benches read."""
    told = "".join(page.read_text("utf-8") for page in PAGES)
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    used = {name for path in sources for name in _VARIABLE.findall(path.read_text("utf-8"))}
    assert sorted(name for name in used if name not in told) == []


def test_every_key_of_a_mapping_is_told() -> None:
    from samverkan.domain.incidents.importing import mapping

    page = (ROOT / "docs" / "operate" / "import.md").read_text("utf-8")
    tables = {f"[{name}]" for name in mapping._TABLES}
    assert sorted(name for name in {*mapping.FIELDS, *mapping._FORMATS, *tables} if f"`{name}`" not in page) == []


def test_the_example_mapping_is_one() -> None:
    from samverkan.domain.incidents.importing import load_mapping

    assert load_mapping(ROOT / "docs" / "examples" / "new-york.toml").source_code == "new-york"


def test_mappings_shown_in_the_documentation_are_ones() -> None:
    from samverkan.domain.incidents.importing.mapping import from_dict

    text = (ROOT / "docs" / "operate" / "import.md").read_text("utf-8")
    shown = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert shown
    for block in shown:
        from_dict(tomllib.loads(block))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_shown_can_be_given(page: Path) -> None:
    """Every line that begins with ./samverkan is taken by that command's parser."""
    for line in shell_lines(page.read_text("utf-8")):
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words[:1] != ["./samverkan"] or words[1:2] in ([], ["help"]):
            continue
        assert words[1] in COMMANDS, line
        if words[1] == "analyse" and "--help" not in words:
            continue  # tests/unit/analysis runs the examples of the chapters themselves
        try:
            parser_for(words[1]).parse_args([word for word in words[2:] if word not in {"&", "--help"}])
        except SystemExit as ended:
            pytest.fail(f"{line}: the command does not take it ({ended.code})")


def _anchor(heading: str) -> str:
    text = heading.lstrip("#").strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text("utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _hash, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        if anchor:
            anchors = {_anchor(line) for line in target.read_text("utf-8").splitlines() if line.startswith("#")}
            assert anchor in anchors, link


def test_decisions_are_numbered_and_fit_one_page() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text("utf-8")
        assert len(text.split()) <= 500, page.name
        assert all(f"\n## {part}\n" in text for part in ("Decision", "Why", "What it costs")), page.name
