"""The vendored front-end files are those the lock names; nothing is fetched here."""

from __future__ import annotations

import importlib.util
import json
import shutil
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "tools" / "vendor.lock.json"


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor_tool", ROOT / "tools" / "vendor.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_vendored_file_has_the_hash_in_the_lock(vendor: ModuleType) -> None:
    assert vendor.differences() == []


def test_lock_and_manifest_name_the_same_versions(vendor: ModuleType) -> None:
    manifest = tomllib.loads((ROOT / "tools" / "vendor.toml").read_text())
    lock = json.loads(LOCK.read_text())
    wanted = {p["name"]: (p["version"], p["licence"], p["integrity"]) for p in manifest["package"]}
    assert wanted == {name: (e["version"], e["licence"], e["integrity"]) for name, e in lock.items()}


def test_lock_names_no_address_and_every_package_keeps_its_licence() -> None:
    text = LOCK.read_text()
    assert "://" not in text
    assert all("LICENSE.txt" in entry["files"] for entry in json.loads(text).values())


def test_no_other_versions_lie_beside_the_locked_ones() -> None:
    lock = json.loads(LOCK.read_text())
    for entry in lock.values():
        folder = ROOT / entry["folder"]
        assert [path.name for path in folder.parent.iterdir()] == [entry["version"]]


def test_a_changed_a_missing_and_an_extra_file_are_all_noticed(vendor: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(LOCK, tmp_path / "tools" / LOCK.name)
    lock = json.loads(LOCK.read_text())
    for entry in lock.values():
        shutil.copytree(ROOT / entry["folder"], tmp_path / entry["folder"])
    assert vendor.differences(tmp_path) == []
    folder = tmp_path / lock["htmx.org"]["folder"]
    (folder / "htmx.min.js").write_text("changed")
    (folder / "LICENSE.txt").unlink()
    (folder / "extra.js").write_text("")
    assert vendor.differences(tmp_path) == [
        "htmx.org: extra.js is not in the lock",
        "htmx.org: LICENSE.txt is missing",
        "htmx.org: htmx.min.js has been changed",
    ]
