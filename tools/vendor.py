"""Fetch the front-end files named in vendor.toml, and check those already here.

    python tools/vendor.py            fetch, check, extract, write vendor.lock.json
    python tools/vendor.py --check    re-hash what is in the repository (no network)

A package is got with `npm pack` (nothing of it is run), its archive is compared with the
sha512 in vendor.toml, and only the listed files and the licence are kept. The lock says
version, licence, integrity and the sha256 of every kept file; it names no address.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "tools" / "vendor.toml"
LOCK = ROOT / "tools" / "vendor.lock.json"
DEFAULT_INTO = "src/samverkan/foundation/web/static/vendor"


class VendorError(Exception):
    """What was fetched or found is not what the manifest or the lock says."""


def folder(package: dict[str, Any]) -> Path:
    """Where a package's files lie, relative to the repository."""
    return Path(package.get("into", DEFAULT_INTO)) / package["name"] / package["version"]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def integrity_of(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


def pack(package: dict[str, Any], into: Path) -> Path:
    """The package's archive, checked against the manifest.

    Raises VendorError when the archive's sha512 differs.
    """
    spec = f"{package['name']}@{package['version']}"
    done = subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", spec],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = into / done.stdout.strip().splitlines()[-1]
    found = integrity_of(archive)
    if found != package["integrity"]:
        raise VendorError(f"{spec}: the archive is {found}, the manifest says {package['integrity']}")
    return archive


def font_python(subset: dict[str, Any], scratch: Path) -> Path:
    """A Python with the pinned font tools, in a folder of its own that is thrown away."""
    venv = scratch / "font-tools"
    subprocess.run(["uv", "venv", "-q", str(venv)], check=True)
    python = venv / "bin" / "python"
    subprocess.run(["uv", "pip", "install", "-q", "--python", str(python), *subset["tools"]], check=True)
    return python


def cut_font(python: Path, subset: dict[str, Any], source: Path, target: Path) -> None:
    """Write `target` with only the wanted characters and features of `source`.

    The form follows the target's ending. The fixed clock keeps the bytes the same each time.
    """
    if target.suffix == ".ttf":  # the cutting tool keeps the form it was given
        unpacked = source.with_suffix(".ttf")
        unpack = "import sys; from fontTools.ttLib import TTFont as F; f = F(sys.argv[1], recalcTimestamp=False)"
        unpack += "; f.flavor = None; f.save(sys.argv[2])"
        subprocess.run([str(python), "-c", unpack, str(source), str(unpacked)], check=True)
        source = unpacked
    command = [
        str(python),
        "-m",
        "fontTools.subset",
        str(source),
        f"--output-file={target}",
        f"--unicodes={subset['unicodes']}",
        f"--layout-features={subset['features']}",
        "--no-recalc-timestamp",
        "--name-IDs=*",
    ]
    if target.suffix == ".woff2":
        command.append("--flavor=woff2")
    subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})


def fetch(manifest: dict[str, Any]) -> dict[str, Any]:
    """Fetch every package and return the lock's content."""
    lock: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        python: Path | None = None
        for package in manifest["package"]:
            work = scratch / package["name"].replace("/", "-")
            work.mkdir()
            archive = pack(package, work)
            with tarfile.open(archive) as tar:
                tar.extractall(work, filter="data")
            target = ROOT / folder(package)
            shutil.rmtree(target.parent, ignore_errors=True)
            target.mkdir(parents=True)
            for entry in package["files"]:
                source, kept = work / "package" / entry["from"], target / entry["to"]
                if entry.get("subset"):
                    python = python or font_python(manifest["subset"], scratch)
                    cut_font(python, manifest["subset"], source, kept)
                else:
                    shutil.copyfile(source, kept)
            shutil.copyfile(work / "package" / package["licence_file"], target / "LICENSE.txt")
            names = sorted(path.name for path in target.iterdir())
            lock[package["name"]] = {
                "version": package["version"],
                "licence": package["licence"],
                "integrity": package["integrity"],
                "folder": folder(package).as_posix(),
                "files": {name: sha256(target / name) for name in names},
            }
            print(f"{package['name']} {package['version']}: {len(names)} files")
    return lock


def differences(root: Path = ROOT) -> list[str]:
    """What in the repository differs from the lock, in words; empty when all is as it should be."""
    lock = json.loads((root / LOCK.relative_to(ROOT)).read_text())
    found: list[str] = []
    for name, entry in lock.items():
        target = root / entry["folder"]
        present = {path.name for path in target.iterdir()} if target.is_dir() else set()
        found += [f"{name}: {extra} is not in the lock" for extra in sorted(present - set(entry["files"]))]
        for file, digest in entry["files"].items():
            if file not in present:
                found.append(f"{name}: {file} is missing")
            elif sha256(target / file) != digest:
                found.append(f"{name}: {file} has been changed")
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only compare the repository with the lock")
    if parser.parse_args(argv).check:
        wrong = differences()
        print("\n".join(wrong) or "all vendored files are as the lock says")
        return 1 if wrong else 0
    LOCK.write_text(json.dumps(fetch(tomllib.loads(MANIFEST.read_text())), indent=2, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
