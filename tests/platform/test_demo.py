"""The demonstration starts, keeps its data, and leaves nothing behind however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from samverkan.cli import Failure, demo, runtime
from samverkan.cli.demo import _claim_port
from samverkan.cli.runtime import read_state, scratch_folder, update_state
from samverkan.foundation.postgres.driver import Server
from tests.harness.command import clean_environment, samverkan, server_home
from tests.harness.live import free_port, get


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch_folder() as base:
        yield base / "Mina saker åäö"


class Demo:
    """A running demonstration, as a script sees it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "samverkan", "demo", "--data", folder, "--json", *arguments],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ready(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode


def left_behind(folder: Path, seconds: float = 20) -> list[str]:
    """Processes of this installation that are still there, after having been given time to go."""
    deadline = time.monotonic() + seconds
    while found := _processes_of(folder):
        if time.monotonic() > deadline:
            return found
        time.sleep(0.1)
    return []


def _processes_of(folder: Path) -> list[str]:
    found = []
    # The server works in its own folder, which is elsewhere where its user may not enter this one.
    homes = (str(folder), str(server_home(folder)))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
                inside = str((entry / "cwd").readlink()).startswith(homes)
            except OSError:
                continue
            if os.fsencode(folder) in command or b"SAMVERKAN_DATA=" + os.fsencode(folder) in environment or inside:
                found.append(command.replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def events(folder: Path) -> int:
    with Server(folder) as server, psycopg.connect(server.url("app")) as connection:
        row = connection.execute("SELECT count(*) FROM people_person").fetchone()
        assert row is not None
        return int(row[0])


def test_starts_keeps_its_data_and_leaves_nothing(folder: Path) -> None:
    port = free_port()
    first = Demo(folder, "--port", str(port), "--today", "2026-11-23")
    answer = first.ready()
    assert answer["url"] == f"http://localhost:{port}"
    assert {"function", "email", "password"} == set(answer["people"][0])
    assert get(f"{answer['url']}/readyz") == 200
    assert get(f"{answer['url']}/healthz") == 200

    with socket.socket() as knock, pytest.raises(OSError):
        knock.connect((_outward_address(), port))

    second = samverkan("demo", "--data", folder)
    assert second.returncode == 1
    assert answer["url"] in second.stderr

    served = samverkan("serve", "--data", folder)
    assert served.returncode == 1
    assert "demonstration" in served.stderr

    assert first.end(signal.SIGTERM) == 0
    assert left_behind(folder, 1) == []
    people = events(folder)
    assert people >= 20

    again = Demo(folder, "--port", str(port))
    assert again.ready()["people"] == answer["people"]
    os.kill(again.process.pid, signal.SIGKILL)
    again.process.communicate()
    assert left_behind(folder) == []
    assert events(folder) == people
    assert "was not properly shut down" not in (server_home(folder) / "log").read_text()


def _outward_address() -> str:
    """An address of this computer other than the loopback (of 127.0.0.0/8 only 127.0.0.1 is bound)."""
    return "127.0.0.2"


def test_refuses_a_database_of_others(folder: Path) -> None:
    done = samverkan("demo", "--data", folder, DATABASE_URL="postgresql://app@/samverkan")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert not folder.exists()


def test_refuses_a_port_that_is_taken(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = samverkan("demo", "--data", folder, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "taken" in done.stderr


@pytest.mark.parametrize("options", [[], ["--fresh"]])
def test_an_installation_that_is_no_demonstration_is_left_as_it_is(folder: Path, options: list[str]) -> None:
    with Server(folder, fast=True):
        pass
    done = samverkan("demo", "--data", folder, *options)
    assert done.returncode == 1
    assert "no demonstration" in done.stderr and "Traceback" not in done.stderr
    assert "demo" not in read_state(folder)
    assert (folder / "database-passwords.json").exists()


def test_a_deletion_that_was_killed_is_completed_by_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = folder / "postgres" / "pg18"
    (cluster / "base").mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("18")
    (folder / "database-passwords.json").write_text("{}")
    update_state(folder, demo=True)

    def killed(path: Path) -> None:
        (path / "pg18" / "PG_VERSION").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(runtime.shutil, "rmtree", killed)
        demo._begin(folder, fresh=True)
    assert cluster.exists()
    demo._begin(folder, fresh=False)
    assert not cluster.exists() and not (folder / "database-passwords.json").exists()
    assert read_state(folder) == {"demo_begun": True}


@pytest.mark.parametrize("command", ["demo", "serve"])
@pytest.mark.parametrize("port", ["99999", "0", "-1", "åtta", "²"])
def test_what_is_no_port_is_refused_in_words(command: str, port: str, tmp_path: Path) -> None:
    done = samverkan(command, "--data", tmp_path, f"--port={port}")
    assert done.returncode == 2
    assert "is not a port" in done.stderr and "Traceback" not in done.stderr


def test_two_that_start_at_once_never_take_the_same_port() -> None:
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(3):
            claim, port = _claim_port(None)
            stack.enter_context(claim)
            ports.append(port)
        assert len(set(ports)) == 3
        with pytest.raises(Failure, match="taken"):
            _claim_port(ports[0])
        done = samverkan("serve", "--port", str(ports[0]))
        assert done.returncode == 1
        assert f"Port {ports[0]}" in done.stderr
    again, _ = _claim_port(ports[0])
    again.close()


@pytest.mark.long
def test_killed_at_any_moment_of_its_first_start_it_starts_again_whole(folder: Path) -> None:
    """The seed is fixed, the moments are spread over the whole start."""
    dice = random.Random(20261123)
    whole = Demo(folder)
    began = time.monotonic()
    people = len(whole.ready()["people"])
    took = time.monotonic() - began
    assert whole.end(signal.SIGINT) == 0
    for _ in range(6):
        killed = Demo(folder, "--fresh")
        select.select([killed.process.stdout], [], [], dice.uniform(0.05, took))
        os.kill(killed.process.pid, signal.SIGKILL)
        killed.process.communicate()
        assert left_behind(folder) == []
        again = Demo(folder, *dice.choice([[], ["--fresh"]]))
        assert len(again.ready()["people"]) == people
        assert again.end(signal.SIGTERM) == 0
        assert left_behind(folder, 1) == []


@pytest.mark.long
def test_two_at_once_in_different_folders(folder: Path) -> None:
    demos = [Demo(folder / name) for name in ("ett", "två")]
    urls = {demo.ready()["url"] for demo in demos}
    assert len(urls) == 2
    assert {get(f"{url}/readyz") for url in urls} == {200}
    assert [demo.end(signal.SIGINT) for demo in demos] == [0, 0]
    assert left_behind(folder, 1) == []
