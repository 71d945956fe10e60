"""What every test may ask for. Nothing here starts anything until a test asks."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from samverkan.cli.runtime import compile_messages
from tests.harness.database import CHECKOUT, TestDatabases

if TYPE_CHECKING:
    from django.test import Client

    from samverkan.foundation.access import Actor
    from tests.harness.people import Cast, CastRows


# A loaded computer is slow and not wrong: no example has a deadline. A failure prints what brings it back.
hypothesis.settings.register_profile("samverkan", deadline=None, print_blob=True)
# Mutants are tried with the same examples each time, and the first that fails is enough.
hypothesis.settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    max_examples=50,
    database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)
hypothesis.settings.load_profile("samverkan")


@pytest.fixture(scope="session")
def databases(django_db_blocker: Any) -> Iterator[TestDatabases]:
    """The tests' server, up for as long as this process runs tests."""
    found = TestDatabases()
    with django_db_blocker.unblock():
        found.up()
    yield found
    found.down()


@pytest.fixture(scope="session")
def django_db_setup(databases: TestDatabases, django_db_blocker: Any) -> Iterator[None]:
    """One clone of the migrated template for this process; each test's changes are rolled back."""
    with django_db_blocker.unblock():
        name = databases.clone()
        with databases.django_on(name):
            yield
        databases.drop(name)


@pytest.fixture
def fresh_db(django_db_setup: None, databases: TestDatabases, django_db_blocker: Any) -> Iterator[str]:
    """A database of the test's own, where transactions really commit. Gives its name."""
    with django_db_blocker.unblock():
        name = databases.clone()
        with databases.django_on(name):
            yield name
        databases.drop(name)


@pytest.fixture(scope="session")
def cast_rows(django_db_setup: None, databases: TestDatabases, django_db_blocker: Any) -> CastRows:
    """The invented people, made once through the services."""
    from tests.harness.people import CastRows

    with django_db_blocker.unblock():
        return CastRows(databases)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Each test begins in Swedish and with the shell's umask, whatever the one before it, or a command it ran, set."""
    from django.utils import translation

    umask = os.umask(0)
    os.umask(umask)
    with translation.override("sv"):
        yield
    os.umask(umask)


@pytest.fixture
def cast(cast_rows: CastRows, request: pytest.FixtureRequest) -> Cast:
    """The invented people in the test's database: ``cast["coordinator"]`` is an Actor."""
    if "fresh_db" not in request.fixturenames:
        request.getfixturevalue("db")
    return cast_rows.put()


@pytest.fixture
def client_for() -> Callable[[Actor], Client]:
    """``client_for(actor)`` is a Django test client in which the actor has signed in."""
    from tests.harness.people import client_for

    return client_for


@pytest.fixture
def live(fresh_db: str, databases: TestDatabases, tmp_path: Path) -> Iterator[str]:
    """The address of a real server on the test's own database (which holds nothing but what the test makes)."""
    from tests.harness.live import serving

    with serving(databases.server.url("app", fresh_db), tmp_path) as url:
        yield url


def pytest_configure(config: pytest.Config) -> None:
    """No test touches anybody's installation; the Swedish texts are compiled before anything shows them."""
    from django.conf import settings

    # A run in a shell's background ignores Ctrl-C, and so would what it starts; these tests send it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="samverkan-test-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    # pytest-django has read the settings by now, so both they and what children inherit are changed.
    os.environ["SAMVERKAN_DATA"] = str(folder)
    os.environ.setdefault("SAMVERKAN_SECRET_KEY", "only-for-tests-" + "x" * 50)
    # What is compiled once serves every process and every run; the name of its folder follows the sources.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(CHECKOUT / "build" / "numba"))
    settings.SECRET_KEY = os.environ["SAMVERKAN_SECRET_KEY"]
    settings.DATA = folder
    settings.MEDIA_ROOT = folder / "files"
    settings.STATIC_ROOT = folder / "static"
    settings.EMAIL_FILE_PATH = folder / "mail"
    settings.STATIC_ROOT.mkdir()
    # The public password opens demonstrations only, and most tests are none: their cast has one of its own.
    from samverkan.foundation.people import demo

    demo.PASSWORD = "bara-i-testerna"
    if not hasattr(config, "workerinput"):
        compile_messages()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, and refuse what cannot work here.

    Tests run as the role app, which may not empty tables: committed data need a database of their own.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        marker = item.get_closest_marker("django_db")
        if (marker and marker.kwargs.get("transaction")) or "transactional_db" in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(f"{item.nodeid}: ask for fresh_db instead of django_db(transaction=True).")


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Iterator[Counter[str]]:
    """What was tried and refused, by kind: the runner's last lines add it up over all tests."""
    counts: Counter[str] = Counter()
    yield counts
    for what, number in counts.items():
        request.node.user_properties.append((f"tried {what}", number))
