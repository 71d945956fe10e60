"""The wrapper keeps the right environment, once, and hands over to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SETS = ("requirements.txt", "requirements-dev.txt", "requirements-bench-peers.txt")

#: Stands in for uv: notes what it was asked to install, and makes an environment of this interpreter.
UV = """#!/bin/sh
case "$1" in
    --version) echo "uv 0" ;;
    venv)
        for last; do :; done
        mkdir -p "$last/bin"
        ln -s "{python}" "$last/bin/python" ;;
    pip)
        for last; do :; done
        sleep 0.3
        echo "$(basename "$last")" >>"{notes}"
        if [ -e "{broken}" ]; then echo "no network" >&2; exit 1; fi ;;
esac
"""
MAIN = """
import os, sys
print(os.getpid(), os.environ["PYTHONPATH"], *sys.argv[1:], sep="\\n")
"""


class Checkout:
    """A checkout in a path with spaces and Swedish letters, with a uv that only takes notes."""

    def __init__(self, base: Path) -> None:
        self.root = base / "Mina saker åäö" / "sam verkan"
        (self.root / "src" / "samverkan").mkdir(parents=True)
        (self.root / "src" / "samverkan" / "__init__.py").touch()
        (self.root / "src" / "samverkan" / "__main__.py").write_text(MAIN)
        shutil.copy(CHECKOUT / "samverkan", self.root)
        for name in SETS:
            (self.root / name).write_text(f"# {name}\n")
        self.tools = base / "tools"
        self.tools.mkdir()
        self.notes, self.broken = base / "notes", base / "broken"
        self.program("uv", UV.format(python=sys.executable, notes=self.notes, broken=self.broken))
        self.path = f"{self.tools}:{Path(sys.executable).parent}:/usr/bin:/bin"

    def program(self, name: str, text: str) -> None:
        (self.tools / name).write_text(text)
        (self.tools / name).chmod(0o755)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.root / "samverkan", *arguments],
            env={"PATH": self.path, "HOME": str(self.root), "LANG": "C.UTF-8"},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    @property
    def installed(self) -> list[str]:
        return self.notes.read_text().split() if self.notes.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_installs_once_and_becomes_python(checkout: Checkout) -> None:
    process = checkout.start("demo", "--data", "en mapp med å och mellanslag", "")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    lines = out.split("\n")
    assert int(lines[0]) == process.pid, "the shell must not stay as a parent that outlives or is outlived"
    assert lines[1] == str(checkout.root / "src")
    assert lines[2:6] == ["demo", "--data", "en mapp med å och mellanslag", ""]
    assert "Installing" in err
    _, _, err = checkout.run("help")
    assert err == ""
    assert checkout.installed == ["requirements.txt"]


def test_a_larger_environment_is_never_shrunk(checkout: Checkout) -> None:
    for command in (["help"], ["test"], ["demo"], ["bench", "analysis", "--peers"], ["test"], ["bench"], ["serve"]):
        assert checkout.run(*command)[0] == 0
    assert checkout.installed == list(SETS)
    (checkout.root / "requirements.txt").write_text("# changed, but the larger set is what is installed\n")
    checkout.run("demo")
    assert checkout.installed == list(SETS)
    (checkout.root / "requirements-bench-peers.txt").write_text("# changed\n")
    checkout.run("demo")
    assert checkout.installed == [*SETS, "requirements-bench-peers.txt"]


def test_environment_made_by_hand_with_the_tests_packages_is_kept_whole(checkout: Checkout) -> None:
    (checkout.root / ".venv" / "bin").mkdir(parents=True)
    (checkout.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout.root / ".venv" / "lib" / "python3.11" / "site-packages" / "pytest").mkdir(parents=True)
    checkout.run("demo")
    assert checkout.installed == ["requirements-dev.txt"]


def test_concurrent_first_runs_install_once(checkout: Checkout) -> None:
    processes = [checkout.start("help") for _ in range(4)]
    outcomes = [(process.communicate(timeout=60), process.returncode) for process in processes]
    assert [code for _, code in outcomes] == [0, 0, 0, 0], outcomes
    assert checkout.installed == ["requirements.txt"]


def test_a_failed_installation_says_so_and_is_done_again(checkout: Checkout) -> None:
    checkout.broken.touch()
    code, out, err = checkout.run("help")
    assert (code, out) == (1, "")
    assert "no network" in err
    assert "could not be installed" in err
    checkout.broken.unlink()
    assert checkout.run("help")[0] == 0
    assert checkout.installed == ["requirements.txt"] * 2


def test_a_broken_environment_is_made_anew(checkout: Checkout) -> None:
    checkout.run("help")
    (checkout.root / ".venv" / "bin" / "python").unlink()
    assert checkout.run("help")[0] == 0
    assert checkout.installed == ["requirements.txt"] * 2


def test_too_old_python_is_refused_in_clear_words(checkout: Checkout) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        checkout.program(name, '#!/bin/sh\ncase "$2" in *version_info*) exit 1 ;; *) echo 3.9.2 ;; esac\n')
    code, _, err = checkout.run("demo")
    assert code == 1
    assert "needs Python 3.11 or newer" in err
    assert "3.9.2" in err


def _without_venv(checkout: Checkout, identity: str) -> None:
    """A computer with neither uv nor Python's venv module."""
    (checkout.tools / "uv").unlink()
    checkout.program("id", f"#!/bin/sh\necho {identity}\n")
    real = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    checkout.program(
        "python3",
        f'#!/bin/sh\nif [ "$1" = -m ]; then exit 1; fi\nif [ "$1" = -c ]; then case "$2" in *_base_executable*) echo "$0"; exit ;; esac; fi\nexec {real} "$@"\n',
    )
    for tool in ("sh", "cat", "cut", "sha256sum", "dirname", "readlink", "rm", "mv", "basename"):
        (checkout.tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    checkout.path = str(checkout.tools)


def test_missing_venv_module_is_named_with_the_command_to_type(checkout: Checkout) -> None:
    _without_venv(checkout, "1000")
    code, _, err = checkout.run("demo")
    assert code == 1
    assert "sudo apt-get install python3-venv" in err
    assert not (checkout.root / ".uv").exists()


def test_root_gets_the_missing_venv_module_installed(checkout: Checkout, tmp_path: Path) -> None:
    _without_venv(checkout, "0")
    asked = tmp_path / "asked"
    checkout.program("apt-get", f'#!/bin/sh\necho "$@" >>"{asked}"\n')
    code, _, err = checkout.run("demo")
    assert asked.read_text().split("\n")[:2] == ["update -qq", "install -y -qq python3-venv"]
    assert code == 1  # the stand-in installed nothing
    assert "could not be created" in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_checkout_that_is_not_ones_own_is_refused_in_clear_words(checkout: Checkout) -> None:
    checkout.root.chmod(0o555)
    try:
        code, _, err = checkout.run("help")
    finally:
        checkout.root.chmod(0o755)
    assert code == 1
    assert "may not write" in err


def test_each_file_of_packages_contains_the_smaller() -> None:
    """What is kept instead of a smaller set must hold all of it, in the same versions."""
    pinned = [
        {line.split(" ")[0] for line in (CHECKOUT / name).read_text().splitlines() if "==" in line and line[0] != " "}
        for name in SETS
    ]
    assert pinned[0] <= pinned[1] <= pinned[2]
    assert all("--hash=sha256:" in (CHECKOUT / name).read_text() for name in (*SETS, "requirements-uv.txt"))
