"""One row of a file becomes one :class:`Record`, or a reason why not."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from .mapping import FIELDS, Mapping

_LOOSE = re.compile(
    r"^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$"
)
_KINDS = {"event": "event", "development": "development", "place_feature": "place_feature"}
MAX_TITLE = 300


class BadValue(ValueError):
    """A field that cannot be used, with the reason in words."""


@dataclass(slots=True)
class Record:
    """What a source says about one incident, before places are looked up. Times are UTC."""

    external_id: str
    content_hash: bytes
    started_at: datetime
    ended_at: datetime | None
    time_precision: str
    kind: str
    main_category: str
    category: str
    title: str
    description: str
    url: str
    municipality: str
    area: str
    observation: str
    seriousness: int | None
    lon: float | None
    lat: float | None
    metric: bool
    is_digest: bool
    observed_at: datetime | None
    #: When the source told of it, where that is another time than when it happened.
    published_at: datetime | None = None


def digest(parts: list[str]) -> bytes:
    """A 16-byte fingerprint of texts, independent of process and machine."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def tidy(value: Any) -> str:
    """Text without no-break spaces and outer blanks. Line breaks inside are kept."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    if "\xa0" in value:
        value = value.replace("\xa0", " ")
    return value.strip()


def parse_time(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> tuple[datetime, bool]:
    """An instant in UTC and whether only the day is known.

    Reads ISO 8601 with or without seconds, offset and leading zeros, and the given ``strptime``
    formats. Without an offset the time is local to ``zone``.
    """
    moment: datetime | None = None
    day_only = False
    if not formats:
        try:
            moment = datetime.fromisoformat("" if "W" in text else text)  # a week is no day
            day_only = len(text) <= 10
        except ValueError:
            match = _LOOSE.match(text)
            if match:
                year, month, day, hour, minute, second, offset = match.groups()
                day_only = hour is None
                iso = f"{year}-{month:0>2}-{day:0>2}T{hour or 0:0>2}:{minute or '00'}:{second or '00'}{offset or ''}"
                try:
                    moment = datetime.fromisoformat(iso)
                except ValueError:
                    moment = None
    for pattern in formats:
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 (made aware below)
            day_only = "%H" not in pattern and "%I" not in pattern and "%c" not in pattern
            break
        except ValueError:
            continue
    if moment is None:
        raise BadValue(
            _("“{text}” is not a date that exists. Write for example 2026-02-28 or 2026-02-28 18:30.").format(
                text=text[:60]
            )
        )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC), day_only
    except OverflowError:
        raise BadValue(_("“{text}” lies outside the calendar.").format(text=text[:60])) from None


def unbelievable(text: str) -> str:
    """Why a time outside all reason is refused."""
    return _("The date {text} is not believable. Dates from 1950 to a year from now are read.").format(text=text[:40])


def number(text: str, decimal: str, name: str) -> float:
    """A finite number."""
    try:
        value = float(text.replace(decimal, ".") if decimal != "." else text)
    except ValueError:
        value = math.nan
    # Python reads 1_6.5 as a number; nobody who writes coordinates means that.
    if not math.isfinite(value) or "_" in text:
        raise BadValue(_("“{text}” in {column} is not a number.").format(text=text[:40], column=name))
    return value


class Converter:
    """Turns rows into records by a mapping. Keeps count of equal rows for identities by content."""

    def __init__(self, mapping: Mapping, *, earliest: datetime, latest: datetime) -> None:
        self.mapping = mapping
        self.earliest, self.latest = earliest, latest
        self.seen: dict[bytes, int] = {}
        #: What the mapping takes from a row: a field, its one column, or its several.
        self.single = [(name, columns[0]) for name, columns in mapping.columns.items() if len(columns) == 1]
        self.joined = [(name, columns) for name, columns in mapping.columns.items() if len(columns) > 1]
        self.plain = {name: mapping.defaults.get(name, "") for name in FIELDS}

    def check_columns(self, row: dict[str, Any]) -> str | None:
        """Once per file: the first mapped column that the file lacks."""
        for columns in self.mapping.columns.values():
            for column in columns:
                if column not in row:
                    return column
        return None

    def __call__(self, row: dict[str, Any]) -> Record:
        mapping, columns = self.mapping, self.mapping.columns
        said = self.plain.copy()
        for name, column in self.single:
            if text := tidy(row.get(column)):
                said[name] = text
        for name, several in self.joined:
            if text := " ".join(filter(None, (tidy(row.get(column)) for column in several))):
                said[name] = text
        started, day_only = self._started(said)
        ended = None
        precision = "day" if day_only else "minute"
        if end_text := said["ended"]:
            ended, end_day = parse_time(end_text, mapping.date_formats, mapping.timezone)
            if ended > self.latest:
                raise BadValue(unbelievable(end_text))
            ended += timedelta(days=1) if end_day else timedelta(0)
            if ended < started:
                raise BadValue(_("The end {end} comes before the start.").format(end=end_text))
            if ended > started:
                precision = "span"
        metric = "x" in columns
        first, second = said["x" if metric else "lon"], said["y" if metric else "lat"]
        lon = lat = None
        if first or second:
            lon = number(first, mapping.decimal, columns["x" if metric else "lon"][0])
            lat = number(second, mapping.decimal, columns["y" if metric else "lat"][0])
        category = said["category"]
        if not category:
            raise BadValue(_("The category is missing."))
        category = mapping.categories.get(category, category)
        kind = said["kind"] or "event"
        if kind not in _KINDS:
            raise BadValue(_("“{text}” is not a kind. Write event, development or place_feature.").format(text=kind))
        seriousness = self._seriousness(said["seriousness"])
        title, description = said["title"], said["description"]
        if len(title) > MAX_TITLE:
            description, title = f"{title}\n\n{description}".strip(), title[: MAX_TITLE - 1] + "…"
        observation = said["observation"] or "unknown"
        if observation not in {"observed", "second_hand", "unknown"}:
            raise BadValue(_("“{text}” is not observed or second_hand.").format(text=observation[:40]))
        content = [
            started.isoformat(),
            ended.isoformat() if ended else "",
            precision,
            kind,
            category,
            title,
            description,
            said["url"],
            said["municipality"],
            said["area"],
            observation,
            str(seriousness or ""),
            first,
            second,
        ]
        content_hash = digest(content)
        ids = columns.get("id")
        if ids:
            parts = [tidy(row.get(n)) for n in ids]
            if not any(parts):
                raise BadValue(_("The identity ({columns}) is empty.").format(columns=", ".join(ids)))
            external = "|".join(parts)
            if len(external) > 200:
                external = digest(parts).hex()
        else:
            fingerprint = digest([f"{k}={tidy(v)}" for k, v in row.items() if not k.startswith("_")])
            ordinal = self.seen.get(fingerprint, 0) + 1
            self.seen[fingerprint] = ordinal
            external = f"{fingerprint.hex()}-{ordinal}"
        return Record(
            external,
            content_hash,
            started,
            ended,
            precision,
            kind,
            said["main_category"],
            category,
            title,
            description,
            said["url"][:500],
            said["municipality"],
            said["area"],
            observation,
            seriousness,
            lon,
            lat,
            metric,
            False,
            self._observed(said["observed_at"]),
        )

    def _started(self, said: dict[str, str]) -> tuple[datetime, bool]:
        mapping = self.mapping
        text = said["started"] or " ".join(filter(None, (said["date"], said["time"])))
        if not text:
            raise BadValue(_("The date is missing."))
        started, day_only = parse_time(text, mapping.date_formats, mapping.timezone)
        if not self.earliest <= started <= self.latest:
            raise BadValue(unbelievable(text))
        return started, day_only

    def _observed(self, text: str) -> datetime | None:
        if not text:
            return None
        seen = parse_time(text, (), self.mapping.timezone)[0]
        if not self.earliest <= seen <= self.latest:
            # Nothing that is told afterwards would ever replace it.
            raise BadValue(unbelievable(text))
        return seen

    @staticmethod
    def _seriousness(text: str) -> int | None:
        if not text:
            return None
        if text not in {"1", "2", "3"}:
            raise BadValue(_("Seriousness is “{text}”. Write 1, 2 or 3.").format(text=text[:40]))
        return int(text)
