"""The templates that notices speak with, registered by rooms in ``apps.ready``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Template:
    """``subject`` and ``text`` are translatable, with named placeholders: "Week {week} is locked."."""

    name: str
    subject: Any
    text: Any


_templates: dict[str, Template] = {}


def register(name: str, subject: Any, text: Any) -> None:
    """Add a template; a name belongs to one."""
    if name in _templates and str(_templates[name].subject) != str(subject):
        raise ValueError(f"The notice template '{name}' is registered twice.")
    _templates[name] = Template(name, subject, text)


def get(name: str) -> Template:
    """The template of a name. LookupError when no room registers it."""
    try:
        return _templates[name]
    except KeyError:
        raise LookupError(f"No room registers the notice template '{name}'.") from None


def names() -> list[str]:
    """All registered templates."""
    return sorted(_templates)
