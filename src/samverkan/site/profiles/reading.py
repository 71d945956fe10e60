"""A municipality's profile: its public facts as a file, checked as a whole before anything is stored.

Loading is repeatable: bodies are found by name, groups and contacts by code, and what the file says
holds. Nothing is taken away, since other things may hang on it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from samverkan.foundation import registries
from samverkan.foundation.access import Actor, require
from samverkan.foundation.municipality import settings
from samverkan.foundation.municipality.models import Contact, Group
from samverkan.foundation.people import services as people
from samverkan.foundation.people.models import Organisation, OrganisationKind

_FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    # table: (required, optional)
    "municipality": (frozenset({"name"}), frozenset({"code", "source", "checked_on"})),
    "organisations": (frozenset({"name", "kind"}), frozenset({"parent", "controller"})),
    "groups": (frozenset({"code", "name"}), frozenset({"purpose", "parent", "chair", "functions"})),
    "contacts": (frozenset({"code", "name"}), frozenset({"help", "phone", "email", "address"})),
}
_DATES = frozenset({"checked_on"})


class WrongProfile(ValueError):
    """The file is no usable profile; ``problems`` says what to mend, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Profile:
    """A checked profile."""

    municipality: dict[str, Any]
    organisations: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def read_profile(path: Path) -> Profile:
    """Read and check a file. Raises WrongProfile with every problem found."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise WrongProfile([f"{path} cannot be read: {error.strerror}."]) from error
    except UnicodeDecodeError as error:
        raise WrongProfile([f"{path} is not UTF-8 text."]) from error
    except tomllib.TOMLDecodeError as error:
        raise WrongProfile([f"{path} is not TOML: {error}."]) from error
    problems = _shape(data)
    if not problems:
        problems = _sense(data)
    if problems:
        raise WrongProfile(problems)
    known = {"municipality", "organisations", "groups", "contacts", "settings"}
    return Profile(
        data["municipality"],
        data.get("organisations", []),
        data.get("groups", []),
        data.get("contacts", []),
        data.get("settings", {}),
        {name: rows for name, rows in data.items() if name not in known},
    )


def load_profile(path: Path, *, actor: Actor, decision: str = "") -> Profile:
    """Store a profile in one transaction. Raises WrongProfile or Refused."""
    require(actor, "profile.load")
    profile = read_profile(path)
    with transaction.atomic():
        _organisations(actor, profile)
        _groups(profile)
        _contacts(profile)
        for key, value in sorted(profile.settings.items()):
            if settings.get(key) != value:
                settings.put(actor, key=key, value=value, decision=decision or profile.municipality.get("source", ""))
        for table, rows in sorted(profile.parts.items()):
            reader = registries.profile_parts.get(table)
            if reader is not None:
                reader.read(actor, rows)
    return profile


def _shape(data: dict[str, Any]) -> list[str]:
    problems = []
    if not isinstance(data.get("municipality"), dict):
        return ["The table [municipality] is missing."]
    for table, rows in data.items():
        if table == "settings":
            if not isinstance(rows, dict):
                problems.append("Write settings as the table [settings].")
        elif _known(table) is None:
            problems.append(f"No room reads a table called '{table}'.")
        elif table == "municipality":
            problems += _fields(table, rows, "[municipality]")
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.append(f"Write each of {table} as a table of its own, [[{table}]].")
        else:
            for number, row in enumerate(rows, 1):
                problems += _fields(table, row, f"[[{table}]] number {number}")
    return problems


def _known(table: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]] | None:
    """Fields that a row must have, those that it may have, and which are dates; None for a table that nobody reads."""
    if table in _FIELDS:
        return (*_FIELDS[table], _DATES)
    part = registries.profile_parts.get(table)
    return (part.required, part.optional, part.dates) if part else None


def _fields(table: str, row: dict[str, Any], where: str) -> list[str]:
    required, optional, dates = _known(table) or (frozenset(), frozenset(), frozenset())
    problems = [f"{where}: {name} is missing." for name in sorted(required) if not row.get(name)]
    problems += [f"{where}: {name} is not a known field." for name in sorted(row.keys() - required - optional)]
    for name, value in row.items():
        if name == "functions":
            if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
                problems.append(f"{where}: functions must be a list of texts.")
        elif name in dates:
            if type(value) is not date:
                problems.append(f"{where}: write {name} as a date such as 2026-11-23, without quotes.")
        elif name in required | optional and not isinstance(value, str):
            problems.append(f"{where}: {name} must be a text in quotes.")
    return problems


def _sense(data: dict[str, Any]) -> list[str]:
    problems = []
    names = {data["municipality"]["name"]}
    for row in data.get("organisations", []):
        name = row["name"]
        if name in names:
            problems.append(f"The organisation '{name}' stands twice.")
        if row["kind"] not in OrganisationKind.values:
            problems.append(
                f"'{name}': there is no kind '{row['kind']}'. Use one of {', '.join(OrganisationKind.values)}."
            )
        for relation in ("parent", "controller"):
            if row.get(relation) and row[relation] not in names:
                problems.append(f"'{name}': {relation} '{row[relation]}' must stand above it in the file.")
        names.add(name)
    for table in ("groups", "contacts"):
        codes: set[str] = set()
        for row in data.get(table, []):
            code = row["code"]
            if code in codes:
                problems.append(f"The code '{code}' stands twice in {table}.")
            if table == "groups" and row.get("parent") and row["parent"] not in codes:
                problems.append(f"The group '{code}': parent '{row['parent']}' must stand above it in the file.")
            if row.get("email"):
                try:
                    validate_email(row["email"])
                except ValidationError:
                    problems.append(f"The contact '{code}': '{row['email']}' is no e-mail address.")
            codes.add(code)
    for key, value in data.get("settings", {}).items():
        try:
            settings.check(key, value)
        except (LookupError, settings.WrongSetting) as error:
            problems.append(f"[settings]: {error}")
    return problems


def _organisations(actor: Actor, profile: Profile) -> None:
    home = Organisation.objects.filter(is_home=True).first()
    name = profile.municipality["name"]
    if home is not None and home.name != name:
        if not people.is_unnamed(home):
            raise WrongProfile([f"This installation serves {home.name}, and the profile is of {name}."])
        # Something was imported before the municipality had a name.
        people.change_organisation(actor, public_id=home.public_id, version=home.version, name=name, kind=home.kind)
    found = {row.name: row for row in Organisation.objects.all()}
    rows = [{"name": name, "kind": "municipality"}, *profile.organisations]
    for row in rows:
        facts = {
            "name": row["name"],
            "kind": row["kind"],
            "parent": found.get(row.get("parent", "")),
            "controller": found.get(row.get("controller", "")),
        }
        old = found.get(row["name"])
        if old is None:
            found[row["name"]] = people.create_organisation(actor, is_home=row is rows[0], **facts)
        elif (old.kind, old.parent) != (facts["kind"], facts["parent"]):
            people.change_organisation(actor, public_id=old.public_id, version=old.version, **facts)


def _groups(profile: Profile) -> None:
    found: dict[str, Group] = {}
    for position, row in enumerate(profile.groups):
        found[row["code"]], _new = Group.objects.update_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "purpose": row.get("purpose", ""),
                "parent": found.get(row.get("parent", "")),
                "chair": row.get("chair", ""),
                "functions": row.get("functions", []),
                "position": position,
            },
        )


def _contacts(profile: Profile) -> None:
    for position, row in enumerate(profile.contacts):
        Contact.objects.update_or_create(
            code=row["code"],
            defaults={
                **{name: row.get(name, "") for name in ("name", "help", "phone", "email", "address")},
                "position": position,
                "checked_on": profile.municipality.get("checked_on"),
            },
        )
