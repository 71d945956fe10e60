"""The embedded database or its keeper is killed: whoever started it brings it back, and meanwhile pages say so."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from samverkan.cli.runtime import scratch_folder
from samverkan.foundation.postgres.driver import Server
from samverkan.foundation.processes import child_of_me
from samverkan.foundation.web.middleware import DatabaseMiddleware
from samverkan.foundation.web.views import server_error
from tests.harness.command import clean_environment, samverkan, server_home
from tests.harness.live import free_port, get

WORDS = "Samverkan svarar inte just nu"


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    with scratch_folder() as base:
        done = samverkan("manage", "--data", base / "data", "migrate")
        assert done.returncode == 0, done.stderr
        yield base / "data"


@contextlib.contextmanager
def running(directory: Path, command: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command alone with the installation: nobody else keeps the database."""
    process = subprocess.Popen(
        [sys.executable, "-m", "samverkan", command, "--data", str(directory), *arguments],
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=child_of_me(signal.SIGKILL),
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _postmaster(directory: Path) -> int | None:
    for file in server_home(directory).glob("pg*/postmaster.pid"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(file.read_text().split()[0])
    return None


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _kill(directory: Path, which: str) -> int:
    """Kill the database server or its keeper. Gives the server's process, which must be another afterwards."""
    pid = _postmaster(directory)
    assert pid is not None
    os.kill(pid if which == "server" else _parent(pid), signal.SIGKILL)
    return pid


def _await(what: Any, seconds: float) -> float:
    """Seconds until something holds."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it did not come"
        time.sleep(0.05)
    return time.monotonic() - began


def _page(port: int) -> tuple[int, str, str | None]:
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    browser.request("GET", "/konto/login/", headers={"Host": "localhost"})
    answer = browser.getresponse()
    return answer.status, answer.read().decode(), answer.getheader("Retry-After")


def _in_time(seconds: float) -> bool:
    """Five seconds on a computer that has nothing else to do; here others may."""
    return seconds < 5 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.parametrize("beside", [(), ("worker",)], ids=["alone", "with the worker"])
@pytest.mark.parametrize("which", ["server", "keeper"])
def test_serve_brings_the_database_back(
    installed: Path, which: str, beside: tuple[str, ...], tried: Counter[str]
) -> None:
    port = free_port()
    with contextlib.ExitStack() as stack:
        for command in beside:  # it was first, and so the keeper is its child
            stack.enter_context(running(installed, command))
            _await(lambda: _postmaster(installed), 60)
        stack.enter_context(running(installed, "serve", "--port", str(port)))
        _await(lambda: get(f"http://localhost:{port}/readyz") == 200, 120)
        before = _kill(installed, which)
        began, seen = time.monotonic(), set()
        while True:
            status, page, again = _page(port)
            seen.add(status)
            assert status in {200, 503}, page
            assert status == 200 or (WORDS in page and again == "5")
            if status == 200 and _postmaster(installed) not in {before, None}:
                break
            assert time.monotonic() - began < 60
        took = time.monotonic() - began
        print(f"{which} killed: back after {took:.1f} s, answers meanwhile {sorted(seen)}")
        assert _in_time(took)
        tried["kills of the database"] += 1
        assert get(f"http://localhost:{port}/readyz") == 200


def test_the_worker_brings_the_database_back_and_goes_on(installed: Path, tried: Counter[str]) -> None:
    with running(installed, "worker") as worker:
        server = Server(installed)

        def succeeded() -> int:
            with contextlib.suppress(psycopg.OperationalError, Exception), psycopg.connect(server.url("app")) as app:
                row = app.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'").fetchone()
                return int(row[0]) if row else 0
            return -1

        def defer() -> None:
            with psycopg.connect(server.url("app")) as app:
                app.execute(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'jobs.tidy', %s)",
                    ['{"timestamp": 0}'],
                )

        _await(lambda: (installed / "keeper.lock").exists() and _postmaster(installed), 60)
        from samverkan.foundation.postgres.layout import find

        server._layout = find(installed)
        _await(lambda: succeeded() >= 0, 60)
        defer()
        _await(lambda: succeeded() > 0, 60)  # it has begun
        for which in ("server", "keeper"):
            before = _kill(installed, which)
            took = _await(lambda before=before: _postmaster(installed) not in {before, None} and succeeded() >= 0, 60)
            assert _in_time(took)
            tried["kills of the database"] += 1
            done = succeeded()
            defer()
            _await(lambda done=done: succeeded() > done, 60)
            assert worker.poll() is None


class _Gone:
    """A connection to a database that is not there, for so many tries."""

    def __init__(self, tries: int) -> None:
        self.tries = tries

    def __call__(self) -> None:
        self.tries -= 1
        if self.tries >= 0:
            raise OperationalError("gone")


def test_a_request_waits_for_a_database_that_is_soon_back(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ensure_connection", _Gone(3))
    answer = DatabaseMiddleware(lambda request: HttpResponse("well"))(RequestFactory().get("/"))
    assert (answer.status_code, answer.content) == (200, b"well")


@pytest.mark.parametrize("path", ["/", "/api/v1/"])
def test_a_request_without_a_database_is_refused_in_words(db: None, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(DatabaseMiddleware, "PATIENCE", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", _Gone(1000))
        answer = Client().get(path)
        assert Client().get("/healthz").status_code == 200
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert (WORDS if path == "/" else "unavailable") in answer.content.decode()


def test_a_page_that_loses_the_database_midway_says_so(rf: RequestFactory) -> None:
    request: HttpRequest = rf.get("/")
    try:
        raise OperationalError("the connection is lost")
    except OperationalError:
        answer = server_error(request)
    assert answer.status_code == 503
    assert WORDS in answer.content.decode()
