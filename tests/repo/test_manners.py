"""The files at the repository's door: change log, publiccode.yml, licence."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tools import changelog

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A place with a change log of one version, and two fragments."""
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "README.md").write_text("# Fragments\n")
    (tmp_path / "changes" / "list-sorted.fixed.md").write_text("The list is sorted\nby Swedish letters.\n")
    (tmp_path / "changes" / "map.added.md").write_text("There is a map.\n")
    (tmp_path / "CHANGELOG.md").write_text(
        "# Change log\n\nNewest first.\n\n## 0.1.0 – 2026-11-23\n\n### Added\n\n- All.\n"
    )
    return tmp_path


def test_fragments_are_fragments() -> None:
    assert changelog.part("Next version", "", changelog.fragments()).startswith("## Next version")


def test_release_puts_fragments_above_earlier_versions_and_removes_them(checkout: Path) -> None:
    changelog.release("0.2.0", "2026-12-01", checkout)
    assert (checkout / "CHANGELOG.md").read_text() == (
        "# Change log\n\nNewest first.\n\n## 0.2.0 – 2026-12-01\n\n### Added\n\n- There is a map.\n\n### Fixed\n\n"
        "- The list is sorted by Swedish letters.\n\n## 0.1.0 – 2026-11-23\n\n### Added\n\n- All.\n"
    )
    assert [path.name for path in (checkout / "changes").iterdir()] == ["README.md"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("map.md", "A map."), ("map.new.md", "A map."), ("Map.added.md", "A map."), ("map.added.md", "# A map.")],
)
def test_what_is_no_fragment_is_refused_by_name(checkout: Path, name: str, text: str) -> None:
    (checkout / "changes" / name).write_text(text)
    with pytest.raises(changelog.WrongFragment, match=re.escape(name)):
        changelog.fragments(checkout)


def test_licence_is_the_whole_eupl() -> None:
    """The licence's text as the SPDX list of licences has it (EUPL-1.2), to the byte."""
    text = (ROOT / "LICENSE").read_bytes()
    assert hashlib.sha256(text).hexdigest() == "57fb42fbcd0b037ce528ed8f72f1ec095d67bc6825ecf1448ff39be1fe68a4b4"
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "EUPL-1.2"


def test_publiccode_keeps_the_standard() -> None:
    """The rules of publiccode.yml 0.4 (yml.publiccode.tools) for the keys that are used here."""
    data = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    assert data["publiccodeYmlVersion"] == "0.4"
    required = {
        "name",
        "url",
        "platforms",
        "developmentStatus",
        "softwareType",
        "description",
        "legal",
        "maintenance",
        "localisation",
    }
    assert required <= data.keys()
    assert data["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert data["softwareType"] == "standalone/web"
    assert data["legal"]["license"] == "EUPL-1.2"
    for text in data["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"]
        assert all((ROOT / picture).is_file() for picture in text["screenshots"])
    assert data["maintenance"]["type"] == "community"
    assert all(contact["name"] for contact in data["maintenance"]["contacts"])
    assert data["localisation"]["localisationReady"] is True
    assert set(data["localisation"]["availableLanguages"]) == set(data["description"])


def test_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"version {version.rpartition('.')[0]}" in readme
    assert yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))["softwareVersion"] == version
