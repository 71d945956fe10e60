"""How a file's columns become incidents. A mapping is a small TOML file, or a saved profile.

docs/operate/import.md describes every key; :func:`load_mapping` refuses unknown ones by name.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from samverkan.foundation import clock, geo
from samverkan.foundation.reading.headers import named
from samverkan.foundation.web.errors import Refusal

from ..categories import AREA_ONLY, EXACT

#: What a column may become.
FIELDS = (
    "id",
    "date",
    "time",
    "started",
    "ended",
    "lon",
    "lat",
    "x",
    "y",
    "category",
    "main_category",
    "title",
    "description",
    "url",
    "place",
    "area",
    "municipality",
    "seriousness",
    "observation",
    "observed_at",
    "kind",
)
#: What may be given once for all rows.
DEFAULTS = ("category", "main_category", "municipality", "kind", "observation", "seriousness", "area")
_TABLES = {"source", "columns", "defaults", "formats", "categories", "points"}
_FORMATS = {"date", "timezone", "decimal", "epsg", "sheet"}


class MappingError(Refusal):
    """The mapping cannot be used; the message says where and how to mend it."""


@dataclass(frozen=True)
class Mapping:
    """A checked mapping. ``columns`` maps our field to the file's columns."""

    source_code: str
    source_name: str
    licence: str = ""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    timezone: ZoneInfo = clock.STOCKHOLM
    decimal: str = "."
    epsg: int | None = None
    sheet: str = ""
    categories: dict[str, str] = field(default_factory=dict)
    #: Category → whether its exact places may be kept, "exact" or "area", as a person has said.
    points: dict[str, str] = field(default_factory=dict)
    profile: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The same as the TOML file would say."""
        return {
            "source": {"code": self.source_code, "name": self.source_name, "licence": self.licence},
            "columns": {name: list(columns) for name, columns in self.columns.items()},
            "defaults": dict(self.defaults),
            "formats": {
                "date": list(self.date_formats),
                "timezone": self.timezone.key,
                "decimal": self.decimal,
                **({"epsg": self.epsg} if self.epsg else {}),
                **({"sheet": self.sheet} if self.sheet else {}),
            },
            "categories": dict(self.categories),
            "points": dict(self.points),
        }

    def in_system(self, epsg: int | None) -> Mapping:
        """The same with the coordinate system that somebody says, which holds above the mapping's own."""
        return replace(self, epsg=_known(epsg) or self.epsg)

    @property
    def wanted(self) -> list[str]:
        """The file's columns that are taken from it."""
        return list(dict.fromkeys(name for names in self.columns.values() for name in names))


def _known(epsg: Any) -> int | None:
    """A coordinate system that exists; None for none."""
    if epsg and not (isinstance(epsg, int) and geo.is_known(epsg)):
        raise MappingError(_("There is no coordinate system with the number {n}.").format(n=epsg))
    return epsg or None


def _texts(value: Any) -> bool:
    """Whether a value is a text, or a list of nothing else."""
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(one, str) for one in value))


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise MappingError(
            _("The mapping {name} cannot be read: {why}.").format(name=path.name, why=error.strerror)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(
            _("The mapping {name} is not valid TOML: {why}").format(name=path.name, why=error)
        ) from error
    return from_dict(data)


def from_dict(data: dict[str, Any]) -> Mapping:
    """Check a mapping given as nested dicts. Every mistake is named."""
    unknown = set(data) - _TABLES
    if unknown:
        raise MappingError(
            _("The mapping has an unknown section “{name}”. It may hold {known}.").format(
                name=sorted(unknown)[0], known=", ".join(sorted(_TABLES))
            )
        )
    for name in sorted(_TABLES):
        if not isinstance(data.get(name) or {}, dict):
            raise MappingError(_("In the mapping, “{name}” is a section of its own: [{name}].").format(name=name))
    source, columns = data.get("source") or {}, data.get("columns") or {}
    if not source.get("code"):
        raise MappingError(_("The mapping lacks [source] code: a short name such as “new-york”."))
    for name in columns:
        if name not in FIELDS:
            raise MappingError(
                _("The mapping's [columns] has an unknown field “{name}”. It may hold {known}.").format(
                    name=name, known=", ".join(FIELDS)
                )
            )
        if not columns[name] or not _texts(columns[name]):
            raise MappingError(_("In the mapping, “{name}” is a text or a list of texts.").format(name=name))
    normal = {
        name: tuple(named(one) for one in ((value,) if isinstance(value, str) else value))
        for name, value in columns.items()
    }
    if not ("started" in normal or "date" in normal):
        raise MappingError(_("The mapping's [columns] must say which column is “date” or “started”."))
    if ("lon" in normal) != ("lat" in normal) or ("x" in normal) != ("y" in normal):
        raise MappingError(_("Coordinates need both columns: lon and lat, or x and y."))
    formats = data.get("formats") or {}
    for name in formats:
        if name not in _FORMATS:
            raise MappingError(_("The mapping's [formats] has an unknown key “{name}”.").format(name=name))
    defaults = {name: str(value) for name, value in (data.get("defaults") or {}).items()}
    for name in defaults:
        if name not in DEFAULTS:
            raise MappingError(_("The mapping's [defaults] has an unknown key “{name}”.").format(name=name))
    if "category" not in normal and "category" not in defaults:
        raise MappingError(_("The mapping must give a category: a column, or a default for all rows."))
    zone = str(formats.get("timezone", "Europe/Stockholm"))
    if zone not in available_timezones():
        raise MappingError(_("“{name}” is not a time zone. Write for example Europe/Stockholm.").format(name=zone))
    dates = formats.get("date", ())
    if not _texts(dates):
        raise MappingError(_("In the mapping, “{name}” is a text or a list of texts.").format(name="date"))
    epsg = _known(formats.get("epsg"))
    if formats.get("decimal", ".") not in (".", ","):
        raise MappingError(_("The decimal sign is “.” or “,”."))
    points = {str(name): str(said) for name, said in (data.get("points") or {}).items()}
    for name, said in points.items():
        if said not in (EXACT, AREA_ONLY):
            raise MappingError(
                _("In the mapping's [points], “{name}” is “exact” or “area”: whether exact places may be kept.").format(
                    name=name
                )
            )
    return Mapping(
        source_code=str(source["code"]),
        source_name=str(source.get("name") or source["code"]),
        licence=str(source.get("licence", "")),
        columns=normal,
        defaults=defaults,
        date_formats=(dates,) if isinstance(dates, str) else tuple(dates),
        timezone=ZoneInfo(zone),
        decimal=str(formats.get("decimal", ".")),
        epsg=epsg,
        sheet=str(formats.get("sheet") or ""),
        categories={str(k): str(v) for k, v in (data.get("categories") or {}).items()},
        points=points,
        profile=str(data.get("profile", "")),
    )
