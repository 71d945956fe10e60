"""The templates that notices speak with, registered by rooms in ``apps.ready``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..web import dates

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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


def filled(text: Any, data: dict[str, Any], language: str) -> str:
    """A template's words with its data; dates as people write them."""
    return str(text).format(**{key: _in_words(value, language) for key, value in data.items()})


def _in_words(value: Any, language: str) -> Any:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return dates.date_words(date.fromisoformat(value), language, weekday=False)
    return value


def names() -> list[str]:
    """All registered templates."""
    return sorted(_templates)
