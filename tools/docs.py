"""Writes docs/reference from the program itself, so that what stands there is what the program does.

    python tools/docs.py            write the pages
    python tools/docs.py --check    say which pages are stale, and end with status 1 if any is

Commands come from their parsers, settings from their declarations, states from every room's
workflow, permissions from every room's policy, addresses from the routes, disposal and clocked
jobs from their registries. tests/contract/test_docs.py runs the check.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCE = CHECKOUT / "src"
PACKAGE = SOURCE / "samverkan"
FOLDER = CHECKOUT / "docs" / "reference"
_NOTE = "<!-- Written by tools/docs.py. Change the program, then run: python tools/docs.py -->\n"
#: A permission's line in a policy.py.
_PERMISSION = re.compile(r"^    \"([a-z_]+\.[a-z_]+)\":")


def _cell(text: object) -> str:
    """Text that bears standing in a table. Inside a code span nothing but the bar needs care."""
    one_line = " ".join(str(text).split()).replace("|", "\\|")
    return one_line if one_line.startswith("`") else one_line.replace("<", "&lt;")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in Markdown."""
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(_cell(c) for c in row) + " |" for row in rows)]) + "\n"


def _page(title: str, lead: str, *parts: str) -> str:
    return "\n".join([_NOTE, f"# {title}\n", f"{lead}\n", *parts])


# Commands


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
            continue
        meaning = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")
        if action.choices:
            meaning = f"{meaning} (one of {', '.join(map(str, action.choices))})".strip()
        value = action.metavar or (action.dest.upper() if action.option_strings else action.dest)
        value = "" if action.nargs == 0 else str(value if isinstance(value, str) else " ".join(value))
        yield (
            (
                f"`{', '.join(action.option_strings)}{' ' + value if value else ''}`"
                if action.option_strings
                else f"`{value}`"
            ),
            meaning,
        )


def _command(parser: argparse.ArgumentParser, level: int) -> str:
    epilog = parser.epilog or ""
    _before, _colon, example = epilog.partition("example")
    lines = [line.strip() for line in example.partition(":")[2].splitlines() if line.strip()]
    parts = [f"{'#' * level} `{parser.prog}`\n", f"{(parser.description or '').strip()}\n"]
    options = list(_options(parser))
    if options:
        parts.append(table(("option", "meaning"), options))
    if lines:
        parts.append(
            "```sh\n" + "\n".join(re.sub(r"^(\./)?samverkan", "./samverkan", line) for line in lines) + "\n```\n"
        )
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, part in action.choices.items():
                part.description = part.description or told.get(name, "")
                parts.append(_command(part, level + 1))
    return "\n".join(parts)


def _analyse_methods() -> Iterator[argparse.ArgumentParser]:
    from samverkan.cli import analyse

    for name, (module_name, line) in analyse.METHODS.items():
        module = importlib.import_module(f"samverkan.cli.analyse.{module_name}")
        parser = argparse.ArgumentParser(prog=f"samverkan analyse {name}", description=f"{line[0].upper()}{line[1:]}.")
        module.add_arguments(parser)
        parser.epilog = f"example:\n  {module.EXAMPLE}"
        yield parser


def commands() -> str:
    """Every command with its options and example."""
    from samverkan.cli import COMMANDS, parser_for

    parts = []
    for name in COMMANDS:
        parts.append(_command(parser_for(name), 2))
        if name == "analyse":
            parts.append(
                "The chapters of [docs/analysis](../analysis/README.md) explain the methods. The examples here and there "
                "run in the checkout, with its invented files.\n"
            )
            parts += [_command(parser, 3) for parser in _analyse_methods()]
    lead = (
        "All of it is one program, `./samverkan` in the checkout. `./samverkan help` lists the commands, and "
        "`./samverkan COMMAND --help` says what stands here. Exit status 0 is well, 1 refused or failed, 2 wrongly "
        "called, 130 stopped with Ctrl-C."
    )
    return _page("Commands", lead, *parts)


# Settings


def settings() -> str:
    """The environment's variables and the municipality's dated settings."""
    from samverkan.foundation import municipality
    from samverkan.site.settings import DECLARED

    def default(text: str) -> str:
        return text.replace(str(CHECKOUT), "<checkout>")

    parts = ["## Environment\n"]
    parts.append(
        "Read once, when a process starts. Each may instead be given as a file: `NAME_FILE` holds the path, and the "
        "process refuses to start when it cannot be read. `./samverkan check` looks at those that matter most.\n"
    )
    for name, entry in sorted(DECLARED.items()):
        parts.append(f"### `{name}`\n")
        parts.append(
            f"{entry.meaning} {'A secret. ' if entry.secret else ''}"
            + (f"Unset: `{default(entry.default)}`.\n" if entry.default else "Unset: empty.\n")
        )
    parts.append("## The municipality's settings\n")
    parts.append(
        "Policy, not deployment: dated rows in the database, where a new value is a new row from its day on and the "
        "old ones stay. They are decided on the page **Inställningar** ([how](../operate/settings.md#changing-policy)), "
        "or written by a municipality's profile (`[settings]`, see [the profile](../operate/install.md#the-municipality)).\n"
    )
    for row in municipality.declared():
        parts.append(f"### `{row.key}`\n")
        parts.append(f"{row.meaning} {row.type.__name__}, until decided otherwise `{row.default!r}`.\n")
    return _page("Settings", "Every setting the program reads, from its own declarations.", *parts)


# States


@dataclass(frozen=True)
class Life:
    """One kind of row with its states and steps."""

    name: str
    states: list[Any]
    flow: Any


def workflows() -> list[Life]:
    """Every workflow.py's Workflow, with the states that its row's field may have."""
    from samverkan.foundation.workflow import Workflow

    found = []
    for path in sorted(PACKAGE.rglob("workflow.py")):
        module = importlib.import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts))
        for flow in vars(module).values():
            if isinstance(flow, Workflow):
                name = ".".join(path.relative_to(PACKAGE).parts[1:-1])
                found.append(Life(name, list(type(flow.steps[0].before)), flow))
    return found


def states() -> str:
    """States and steps of everything that has them."""
    from django.utils.translation import override

    def swedish(text: object) -> str:
        with override("sv"):
            return str(text)

    parts = []
    for workflow in workflows():
        parts.append(f"## {workflow.name}\n")
        for state in workflow.states:
            parts.append(f"### `{workflow.name}: {state.value}`\n")
            parts.append(f"{state.label} – in Swedish “{swedish(state.label)}”.\n")
            rows = [
                (
                    t.label,
                    swedish(t.label),
                    f"`{getattr(t.after, 'value', t.after)}`",
                    f"`{t.needs}`",
                    ", ".join(f"`{d}`" for d in t.demands),
                )
                for t in workflow.flow.steps
                if t.before == state
            ]
            parts.append(
                table(("step", "in Swedish", "to", "needs", "demands"), rows) if rows else "No step leads from it.\n"
            )
    lead = (
        "A room's `workflow.py` holds its states and the steps between them as data. What a step demands must be filled "
        "in or told before it is taken. Who holds what a step needs stands in [permissions](permissions.md)."
    )
    return _page("States", lead, *parts)


# Permissions and addresses


def _meanings() -> dict[str, str]:
    """Permission → the comment above it in its room's policy.py."""
    found = {}
    for path in sorted(PACKAGE.rglob("policy.py")):
        comment: list[str] = []
        for line in path.read_text("utf-8").splitlines():
            match = _PERMISSION.match(line)
            if line.strip().startswith("#"):
                comment.append(line.strip().removeprefix("#").strip())
            elif match:
                found[match[1]] = " ".join(comment)
                comment = []
            else:
                comment = []
    return found


def permissions() -> str:
    """Named permissions with their holders, and each role with what it holds."""
    from samverkan.foundation.access import registered
    from samverkan.foundation.access.actor import _EXCLUDED
    from samverkan.foundation.access.roles import roles as known
    from samverkan.foundation.people.models import OrganisationKind

    labels = {role.code: str(role.label) for role in known.all()}
    kinds = {str(kind.value): str(kind.label) for kind in OrganisationKind}
    meanings = _meanings()
    parts = ["## Permissions\n"]
    for name, roles in registered().items():
        parts.append(f"### `{name}`\n")
        held = ", ".join(labels.get(role, role) for role in sorted(roles))
        parts.append(f"{meanings.get(name, '')} Held by: {held}.".strip())
        excluded = sorted(kinds.get(kind, kind) for kind in _EXCLUDED[name])
        parts.append(f"Never by seats in: {', '.join(excluded)}.\n" if excluded else "")
    parts.append("## Roles\n")
    for role, label in labels.items():
        mine = [f"`{name}`" for name, roles in registered().items() if role in roles]
        parts.append(
            f"### `{role}`\n\n{label}. {'Holds ' + ', '.join(mine) if mine else 'Holds no named permission'}.\n"
        )
    lead = (
        "A person signs in and sits on a seat: a role in an organisation, from a date until another. The seat's role "
        "holds named permissions; some are withheld from kinds of organisations that may not process data on crime. "
        "Each room says so in its `policy.py`."
    )
    return _page("Permissions and roles", lead, *parts)


@dataclass(frozen=True)
class Address:
    """One address: path, name, what it needs and which room answers."""

    path: str
    name: str
    needs: str
    room: str


def _room(module: str) -> str:
    """The room that answers: samverkan's own, allauth, or the programs' interface (its views are ninja's)."""
    parts = module.split(".")
    if parts[0] == "samverkan":
        return parts[1] if parts[1] == "site" else parts[2]
    return "allauth" if parts[0] == "allauth" else "api"


def addresses() -> list[Address]:
    """Every address of the site."""
    from django.urls import URLResolver, get_resolver

    from samverkan.foundation.access import needs_of

    found: list[Address] = []

    def walk(entries: Iterable[Any], prefix: str) -> None:
        for entry in entries:
            path = prefix + str(entry.pattern).replace("\\Z", "").removeprefix("^").removesuffix("$")
            if isinstance(entry, URLResolver):
                walk(entry.url_patterns, path)
                continue
            room = _room(entry.callback.__module__)
            found.append(Address("/" + path, entry.name or "", needs_of(entry.callback) or "", room))

    walk(get_resolver().url_patterns, "")
    return sorted(set(found), key=lambda a: (a.room, a.path))


def routes() -> str:
    """Every address with what it needs."""
    rooms: dict[str, list[Address]] = defaultdict(list)
    for address in addresses():
        rooms[address.room].append(address)
    parts = []
    for room, mine in rooms.items():
        parts.append(f"## {room}\n")
        parts.append(
            table(
                ("address", "name", "needs"),
                (
                    (f"`{a.path}`", f"`{a.name}`", a.needs if " " in a.needs or a.needs == "public" else f"`{a.needs}`")
                    for a in mine
                ),
            )
        )
    lead = (
        "Every address is declared with what it needs: *public*, *signed in* or a named [permission](permissions.md). "
        "One that is not declared answers with an error, and a test fails. The programs' interface is described in "
        "[openapi.json](openapi.json), which the site also serves at `/api/v1/openapi.json`."
    )
    return _page("Addresses", lead, *parts)


# Disposal and clocked jobs


def jobs() -> str:
    """Rules of disposal and what the clock starts."""
    from procrastinate.contrib.django import app

    from samverkan.foundation import municipality
    from samverkan.foundation.registries import retention_rules

    days = {row.key: row.default for row in municipality.declared()}
    parts = ["## Disposal\n"]
    parts += ["What is disposed of every night by the worker, or by `./samverkan retention`.\n"]
    for rule in retention_rules.all():
        parts.append(f"### `{rule.key}`\n")
        parts.append(
            f"{rule.meaning}, {days[rule.setting]} days until `{rule.setting}` says otherwise. Ground: {rule.ground}.\n"
        )
    parts.append("## Clocked jobs\n")
    parts.append(
        "Started by any running worker, once each whatever the number of workers. Times in UTC, in cron's five fields.\n"
    )
    rows = sorted(
        {
            (entry.task.name, f"`{entry.cron}`", (entry.task.func.__doc__ or "").strip().splitlines()[0])
            for entry in app.periodic_registry.periodic_tasks.values()
        }
    )
    parts.append(table(("job", "when", "what"), ((f"`{name}`", cron, what) for name, cron, what in rows)))
    return _page("Disposal and clocked jobs", "What the program does by itself while a worker runs.", *parts)


PAGES = {
    "commands.md": commands,
    "settings.md": settings,
    "states.md": states,
    "permissions.md": permissions,
    "routes.md": routes,
    "jobs.md": jobs,
}


def pages() -> dict[str, str]:
    """Name of a page → its text, in English, by the program as it is."""
    sys.path.insert(0, str(SOURCE))
    for name in [name for name in os.environ if name.startswith(("SAMVERKAN_", "DATABASE_URL"))]:
        del os.environ[name]  # what is set here and now is not what holds until something is set
    os.environ["DJANGO_SETTINGS_MODULE"] = "samverkan.site.settings"
    # One declaration is met only where an owner's address is given.
    os.environ["SAMVERKAN_OWNER_DATABASE_URL"] = "postgresql://owner@/samverkan"
    from samverkan.cli.runtime import compile_messages

    compile_messages()
    import django
    from django.utils.translation import override

    django.setup()
    with override("en"):
        return {name: write().rstrip("\n") + "\n" for name, write in PAGES.items()}


def main(arguments: list[str]) -> int:
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    verb = "is stale" if "--check" in arguments else "written"
    for name in stale:
        print(f"docs/reference/{name} {verb}.")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
