"""The shape of the repository: rooms alike, files short, nothing left half done, nothing of anybody's computer."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "samverkan"
ROOMS = sorted(path.parent for path in (PACKAGE / "domain").glob("*/apps.py"))
FOLDERS = ("src", "tests", "tools", "bench", "docs", "changes")
LONGEST = 700
#: Put together here, so that this file does not find itself.
UNFINISHED = re.compile(
    "|".join((r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bXX" + r"X\b", "NotImplemented" + "Error", "x" + "fail"))
)
ELSEWHERE = re.compile(
    "|".join(
        (
            r"pypi\." + "org",
            "files.python" + "hosted",
            "registry.npm" + "js",
            r"(?<!emit-)index-" + "url",
            r"(?<![\w.-])/ro" + r"ot/",
            r"(?<![\w.-])/wo" + r"rk/",
            r"/tmp/br" + "ief",
        )
    )
)
_TEXT = {".py", ".html", ".css", ".js", ".md", ".toml", ".txt", ".json", ".yml", ".po", ".svg", ".typ", ".sh", ""}


def _is_ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return path.is_file() and path.suffix in _TEXT and not {"vendor", "__pycache__", "node_modules"} & set(parts)


def ours() -> list[Path]:
    """Text files of our own: neither vendored nor made by a build."""
    top = [path for path in ROOT.iterdir() if _is_ours(path) and path.name not in {".venv.lock", ".git"}]
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if _is_ours(path)]
    return sorted([*top, *inside, ROOT / ".ci" / "run"])


def _found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_room_has_the_shape_of_a_room(room: Path) -> None:
    for name in ("models.py", "policy.py", "urls.py", "locale/sv/LC_MESSAGES/django.po", "migrations/0001_initial.py"):
        assert (room / name).exists(), f"{room.name} lacks {name}"
    text = (room / "apps.py").read_text("utf-8")
    assert "access.register(policy.PERMISSIONS" in text, "the room's policy is not registered"
    assert apps.get_app_config(room.name).name == f"samverkan.domain.{room.name}"


def test_permissions_begin_with_their_rooms_name() -> None:
    from importlib import import_module

    for path in sorted(PACKAGE.glob("*/*/policy.py")):
        module = import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
        allowed = {path.parent.name, *({"settings", "profile"} if path.parent.name == "municipality" else ())}
        assert {name.partition(".")[0] for name in module.PERMISSIONS} <= allowed, path.parent.name


#: Helpers that stand with services and are no services: what they write is asked for by one that has asked.
_NO_ACTOR = {
    "people.home": "who the installation serves, made with a plain name before anybody can act",
    "people.is_unnamed": "reads a name",
    "people.store_seat": "of services that have asked, and of an invitation that is accepted by whoever has its link",
    "people.store_person": "as store_seat",
    "notify.tell": "what the installation tells; the service that it follows from has asked",
    "files.sweep": "the installation's own tidying, by the clock",
}


def _services() -> list[Path]:
    return sorted([*PACKAGE.rglob("services.py"), *PACKAGE.glob("**/services/*.py")])


def test_services_begin_with_the_actor() -> None:
    without = set()
    for path in _services():
        for function in ast.parse(path.read_text("utf-8")).body:
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
                names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
                if names[:1] != ["actor"]:
                    without.add(f"{path.parent.name}.{function.name}")
    assert without == set(_NO_ACTOR)


#: Functions that look like services, with an actor and then keywords only, and stand elsewhere.
_ELSEWHERE = {
    "domain/est/week/alarms.py:search": "a calculation that is kept; the lock and the clock ask for it",
    "domain/incidents/importing/run.py:import_files": "the way from files to rows, in a package with its parts",
    "domain/places/picker.py:shown": "draws",
}


def test_what_can_be_done_stands_in_services() -> None:
    """Also what follows from events in ``handlers.py``, and what a room tells at start in ``apps.py``."""
    found = set()
    for path in (PACKAGE / "domain").rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        text = path.read_text("utf-8")
        assert path.name == "handlers.py" or "@events.on(" not in text, name
        assert path.name != "register.py", name
        if path.stem in {"services", "selectors", "views"} or path.parent.name in {"services", "migrations"}:
            continue
        functions = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
        found |= {
            f"{name}:{function.name}"
            for function in functions
            if [argument.arg for argument in function.args.args] == ["actor"]
            and function.args.kwonlyargs
            and not function.name.startswith("_")
        }
    assert found == set(_ELSEWHERE)


#: What views have written once: a word of code, and the only files that may say it.
ONCE = {
    r"\bPaginator\(": ("foundation/web/pages.py",),
    r"\bimport messages\b": ("foundation/web/notices.py",),
    r"\bget_object_or_404\b": (),
    r"\.add_error\(refusal\b|refusal\.field\b": ("foundation/web/pages.py",),
    r"\burl_has_allowed_host_and_scheme\(": ("foundation/web/pages.py",),
    r"Content-Disposition.*attachment": (),
    r"status=(400|422)": ("foundation/web/pages.py",),
    r"\bDoesNotExist:": (),
    r"request\.POST or None|request\.POST if request\.method": ("foundation/web/pages.py",),
}


@pytest.mark.parametrize("word", ONCE)
def test_what_every_view_does_is_written_once(word: str) -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
    views = [name for name in modules if name.endswith("views.py") or "/web/" in name]
    found = _found(re.compile(word), [modules[name] for name in views if name not in ONCE[word]])
    assert not found, "foundation/web has it already:\n" + "\n".join(found)


def test_addresses_hold_no_key_of_the_database() -> None:
    """A number in an address counts something that people count: the edition of a week."""
    numbers = re.compile(r"<int:(?!number>)|<(int:)?(pk|id)>")
    found = _found(numbers, sorted(PACKAGE.rglob("urls.py")))
    found += _found(re.compile(r"\bpk=(number|pk)\b"), sorted(PACKAGE.rglob("*views.py")))
    assert not found, "\n".join(found)


def test_the_own_municipality_is_asked_for_in_one_way() -> None:
    setting_up = {"foundation/people", "site/profiles/reading.py", "cli/invite.py"}
    paths = [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name != "migrations" and not any(path.is_relative_to(PACKAGE / name) for name in setting_up)
    ]
    found = _found(re.compile("is_home=True"), paths)
    assert not found, "people.services.home() and people.selectors.home_name():\n" + "\n".join(found)


def test_lists_extend_the_list() -> None:
    """``list.html`` has the table, its caption, pages, empty state and export once."""
    pages = [path for path in sorted(PACKAGE.rglob("*.html")) if path.name not in {"list.html", "style.html"}]
    whole = [path for path in pages if '{% extends "base.html"' in path.read_text("utf-8")]
    found = [path for path in whole if "{% pagination" in path.read_text("utf-8")]
    assert {path.name for path in found} <= {"imports.html", "inbox.html", "queue.html", "editions.html"}, found


def test_browser_tests_wait_for_what_they_wait_for() -> None:
    harness = ROOT / "tests" / "browser" / "conftest.py"  # ``until`` looks again and again
    asked = [path for path in sorted((ROOT / "tests" / "browser").glob("*.py")) if path != harness]
    found = _found(re.compile(r"wait_for_timeout|\bsleep\("), asked)
    assert not found, "\n".join(found)


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in ours()
        if path.suffix in {".py", ".html", ".css", ".js"} and (lines := path.read_text("utf-8").count("\n")) > LONGEST
    }
    assert long == {}, f"a file that grows past {LONGEST} lines becomes a package"


def test_nothing_is_left_half_done() -> None:
    configured = {ROOT / "pyproject.toml"}  # switches the same words off
    found = _found(UNFINISHED, [path for path in ours() if path not in configured and path.suffix != ".txt"])
    assert not found, "\n".join(found)


def test_no_addresses_of_package_indexes_and_no_paths_of_a_computer() -> None:
    found = _found(ELSEWHERE, ours())
    assert not found, "\n".join(found)


def test_every_python_file_reads_time_only_from_the_clock() -> None:
    direct = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|timezone\.now)\(")
    asked = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "foundation" / "clock.py"]
    found = _found(direct, sorted(asked))
    assert not found, "\n".join(found)


def test_migrations_are_complete_and_one_after_the_other() -> None:
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.state import ProjectState
    from django.utils.translation import override

    loader = MigrationLoader(None)
    labels = {config.label for config in apps.get_app_configs() if config.name.startswith("samverkan.")}
    leaves = Counter(label for label, _name in loader.graph.leaf_nodes() if label in labels)
    assert {label for label, number in leaves.items() if number > 1} == set(), "two migrations follow the same one"
    for key, node in loader.graph.node_map.items():
        if key[0] in labels:
            children = [child for child in node.children if child.key[0] == key[0]]
            assert len(children) <= 1, key
    with override(None):  # migrations hold the source's words, not their Swedish
        changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(loader.graph)
    assert {label: [str(migration) for migration in found] for label, found in changes.items() if label in labels} == {}


def test_migrations_are_numbered_without_gaps() -> None:
    for folder in sorted(PACKAGE.rglob("migrations")):
        numbers = sorted(path.name[:4] for path in folder.glob("[0-9]*.py"))
        assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)], folder


def test_no_secret_and_no_real_address_stands_in_the_repository() -> None:
    """Invented people have addresses that nobody can receive mail at (RFC 2606, RFC 6761)."""
    address = re.compile(r"[\w.+-]+@(?!.*exempel\.test)[\w-]+\.(se|com|org|net|nu)\b")
    allowed = re.compile(r"eskilstuna\.se|example\.(com|org|net)|git@|inter-ui|@digdir|exempelby\.se")
    found = [
        line
        for line in _found(address, [path for path in ours() if path.suffix in {".py", ".html", ".md", ".toml"}])
        if not allowed.search(line)
    ]
    assert found == []
