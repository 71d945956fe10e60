"""A running site on a database of its own, for tests that speak HTTP or drive a browser."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from samverkan.foundation.processes import child_of_me

SOURCE = Path(__file__).resolve().parents[2] / "src"


def free_port() -> int:
    """A port that nobody listens to right now."""
    with socket.socket() as test:
        test.bind(("127.0.0.1", 0))
        return int(test.getsockname()[1])


def get(url: str, *, seconds: float = 5) -> int | None:
    """The status of a page, or None when nobody answers."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host.replace("localhost", "127.0.0.1"), timeout=seconds)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", f"/{path}", headers={"Host": host})
        return connection.getresponse().status
    return None


@contextlib.contextmanager
def serving(database_url: str, folder: Path, **variables: str) -> Iterator[str]:
    """The real web server on a database, as a demonstration. Gives its address."""
    port = free_port()
    url = f"http://localhost:{port}"
    log = folder / "serve.log"
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "SAMVERKAN_DATA": str(folder),
        "SAMVERKAN_DEMO": "1",
        "SAMVERKAN_BASE_URL": url,
        "PYTHONPATH": str(SOURCE),
        **variables,
    }
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "samverkan", "serve", "--port", str(port)],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=child_of_me(signal.SIGKILL),
        )
    try:
        deadline = time.monotonic() + 60
        while get(f"{url}/readyz") != 200:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The site did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
