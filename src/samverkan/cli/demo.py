"""Start a demonstration on this computer: database, web server, worker, invented people and data.

Started again it keeps its data. Ctrl-C stops all of it. The page answers on this computer only,
and everyone can sign in as anyone with one click: never put real data in it.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import FrameType

from samverkan.cli import Failure, runtime
from samverkan.cli.serve import CLAIMED, claim_port
from samverkan.foundation.postgres.driver import Server
from samverkan.foundation.postgres.layout import DatabaseFailure
from samverkan.foundation.processes import child_of_me

EXAMPLE = "samverkan demo --port 8000"
#: What a demonstration writes into its folder. --fresh removes these and nothing else.
_OWN = (
    *runtime.DATABASE_PARTS,
    "files",
    "seals",  # before the keys: signed with none that is there, they would let no new one be made
    "keys",
    "mail",
    "static",
    "log",
    "installation.json",  # last: until then it tells that the rest is being removed
)
_PATIENCE = 120.0


class Ended(Exception):
    """Told to stop."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where, and anew or not."""
    runtime.add_data_argument(parser)
    parser.add_argument("--port", type=runtime.port, help="port (default: 8000, or the next that is free)")
    parser.add_argument("--fresh", action="store_true", help="delete the demonstration's data and begin anew")
    parser.add_argument("--today", type=_day, metavar="YYYY-MM-DD", help="let this be today")
    parser.add_argument("--json", action="store_true", help="print one line of JSON when ready")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date. Write one such as 2026-11-23.") from None


def run(args: argparse.Namespace) -> int:
    """Start everything, tell the address, and stop everything when told to."""
    if runtime.is_external():
        raise Failure("The demonstration uses only its own database. Unset DATABASE_URL and start it again.")
    directory = runtime.data_dir(args)
    runtime.make_directory(directory)

    def told(number: int, frame: FrameType | None) -> None:
        raise Ended

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, told)
    try:
        with _only_one(directory) as claim:
            _begin(directory, fresh=args.fresh)
            _serve(args, directory, claim)
    except Ended:
        runtime.say("The demonstration has stopped. Its data are kept.")
    return 0


@contextlib.contextmanager
def _only_one(directory: Path) -> Iterator[Path]:
    """One demonstration per folder; the file tells a second where the first is."""
    claim = directory / "demo.lock"
    with claim.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            where = file.read().strip()
            raise Failure(
                f"The demonstration in {directory} is already running{f' at {where}' if where else ''}."
            ) from None
        file.truncate(0)
        yield claim
        file.truncate(0)


def _begin(directory: Path, *, fresh: bool) -> None:
    """Clear the folder if that is asked for, or if a command that cleared it was killed halfway."""
    runtime.refuse_half_made(directory)
    _refuse_others(directory)
    if fresh or runtime.read_state(directory).get("demo_clearing"):
        _clear(directory)
    if not (directory / "database-passwords.json").exists():
        # A first start that is killed may be begun anew, though nothing tells yet what it was.
        runtime.update_state(directory, demo_begun=True)


def _refuse_others(directory: Path) -> None:
    """Never put invented people and data among what may be real."""
    state = runtime.read_state(directory)
    if (directory / "database-passwords.json").exists() and not (state.get("demo") or state.get("demo_begun")):
        raise Failure(
            f"{directory} holds an installation that is no demonstration. It is left as it is; name another folder with --data."
        )


def _clear(directory: Path) -> None:
    """Delete the demonstration."""
    if Server(directory).in_use_by_others:
        raise Failure(f"Another command uses the database in {directory}. Wait for it, or stop it, and try again.")
    runtime.update_state(directory, demo_clearing=True)
    runtime.remove_parts(directory, _OWN)


def _serve(args: argparse.Namespace, directory: Path, claim: Path) -> None:
    claim_of_port, port = _claim_port(args.port)
    url = f"http://localhost:{port}"
    runtime.compile_messages()
    os.environ.update({"SAMVERKAN_DEMO": "1", "SAMVERKAN_BASE_URL": url, CLAIMED: "1"})
    if args.today:
        os.environ["SAMVERKAN_TODAY"] = args.today
    children: list[subprocess.Popen[bytes]] = []
    server = Server(directory, say=runtime.say)
    try:
        server.up()
        if not runtime.read_state(directory).get("demo"):
            runtime.say("Making the demonstration's database and its invented data. This is done once.")
        runtime.prepare(directory, runtime.environment_for(directory, server), "--demo")
        environment = runtime.environment_for(directory, server)
        children.append(_child(directory, "serve", environment, "--port", str(port)))
        _await_ready(directory, port, children)
        # Only now, so that the two do not compete while somebody waits for the page.
        children.append(_child(directory, "worker", environment))
        claim.write_text(url, "utf-8")
        with server.kept_up():
            _announce(args, url, runtime.read_state(directory).get("people", []))
            _watch(directory, children)
    except DatabaseFailure as failure:
        raise Failure(str(failure)) from failure
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # stopping is not to be stopped halfway
        _stop(children)
        server.down()
        claim_of_port.close()


def _claim_port(wanted: int | None) -> tuple[socket.socket, int]:
    """The wanted port, or the first free one from 8000 on; held for as long as the socket is open."""
    for port in [wanted] if wanted else range(8000, 8100):
        with contextlib.suppress(OSError):
            return claim_port("127.0.0.1", port), port
    if wanted:
        raise Failure(f"Port {wanted} is taken by another program. Name another with --port, or leave it out.")
    raise Failure("The ports 8000 to 8099 are all taken. Name another with --port.")


def _log(directory: Path, command: str) -> Path:
    return directory / "log" / f"{command}.log"


def _child(directory: Path, command: str, environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    """A process that Ctrl-C does not reach, and that the kernel ends when this one is killed."""
    path = _log(directory, command)
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "samverkan", command, *arguments],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=child_of_me(signal.SIGKILL),
        )


def _await_ready(directory: Path, port: int, children: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        _refuse_ended(directory, children)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
            if connection.getresponse().status == 200:
                return
        connection.close()
        time.sleep(0.05)
    raise Failure(
        f"The web server did not become ready within {_PATIENCE:.0f} seconds. Its log is {_log(directory, 'serve')}."
    )


def _refuse_ended(directory: Path, children: list[subprocess.Popen[bytes]]) -> None:
    for child, command in zip(children, ("serve", "worker"), strict=False):
        if child.poll() is not None:
            path = _log(directory, command)
            last = path.read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise Failure(f"The process '{command}' ended by itself. Its log {path} ends: {''.join(last) or '(empty)'}")


def _announce(args: argparse.Namespace, url: str, people: list[dict[str, str]]) -> None:
    if args.json:
        runtime.emit_json({"url": url, "people": people})
        return
    print(f"\nThe demonstration is ready: {url}\n\nEverything in it is invented. Sign in with one click, or as:\n")
    width = max((len(person["function"]) for person in people), default=0)
    address = max((len(person["email"]) for person in people), default=0)
    for person in people:
        print(f"  {person['function'].ljust(width)}  {person['email'].ljust(address)}  {person['password']}")
    print("\nCtrl-C stops it.", flush=True)


def _watch(directory: Path, children: list[subprocess.Popen[bytes]]) -> None:
    """Wait for a signal, which raises, or for a child to end, which should not happen."""
    while True:
        _refuse_ended(directory, children)
        time.sleep(0.5)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
    deadline = time.monotonic() + 5
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            # Its own children follow it by their parent-death signals.
            child.kill()
            child.wait()
