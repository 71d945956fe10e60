"""One row of a file becomes one :class:`Record`, or a reason why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from samverkan.foundation import clock
from samverkan.foundation.reading import BadFile, BadRow, Row, numbers, times, values

from .mapping import FIELDS, Mapping

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
    place: str = ""


def digest(parts: list[str]) -> bytes:
    """A 16-byte fingerprint of texts, independent of process and machine."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def tidy(value: Any) -> str:
    """A cell as text, empty where the value is missing (:func:`values.plain`). Raises BadValue where it is lost."""
    text = values.plain(value)
    if text[:1] == "#":
        if values.error(text):
            raise BadValue(
                _("A cell holds a spreadsheet's error {text}. Mend it there and save again.").format(text=text)
            )
        if values.narrow(text):
            raise BadValue(
                _("A cell holds {text}: its column was too narrow to show the value. Widen it and save again.").format(
                    text=text[:20]
                )
            )
    return text


def parse_time(
    text: str, formats: tuple[str, ...], zone: ZoneInfo, day_first: bool | None = None
) -> tuple[datetime, bool]:
    """An instant in UTC and whether only the day is known.

    Reads dates as people write them (:mod:`samverkan.foundation.reading.times`), or the given
    ``strptime`` formats. Without an offset the time is local to ``zone``. Raises BadValue.
    """
    try:
        if not formats:
            return times.moment(text, zone, day_first)
        for pattern in formats:
            try:
                found = datetime.strptime(text, pattern)  # noqa: DTZ007 (made aware below)
            except ValueError:
                continue
            day_only = "%H" not in pattern and "%I" not in pattern and "%c" not in pattern
            clock = None if day_only else found.time()
            return times.resolve(times.Written(found.date(), clock, found.utcoffset()), zone, text)
        raise times.not_a_date(text)
    except times.NotATime as problem:
        raise BadValue(str(problem)) from None


def unbelievable(text: str) -> str:
    """Why a time outside all reason is refused."""
    return _("The date {text} is not believable. Dates from 1950 are read.").format(text=text[:40])


def future(text: str) -> str:
    """Why a time that has not been yet is refused."""
    return _(
        "The date {text} lies in the future. Look at the year, and whether day and month have changed places."
    ).format(text=text[:40])


def number(text: str, decimal: str, name: str) -> float:
    """A finite number."""
    try:
        return numbers.number(text, decimal)
    except ValueError:
        raise BadValue(_("“{text}” in {column} is not a number.").format(text=text[:40], column=name)) from None


def identity(parts: list[str], names: tuple[str, ...]) -> str:
    """What a row is known by at its source. Raises BadValue where there is nothing, or digits are gone."""
    if not any(parts):
        raise BadValue(_("The identity ({columns}) is empty.").format(columns=", ".join(names)))
    for part in parts:
        if values.ruined(part):
            raise BadValue(
                _(
                    "The identity {text} has lost its last digits in a spreadsheet. Give the column the form of text there, "
                    "and take the file out anew."
                ).format(text=part[:40])
            )
    external = "|".join(parts)
    return external if len(external) <= 200 else digest(parts).hex()


@dataclass
class Survey:
    """What one row cannot tell of how its file writes dates."""

    #: Whether 03/04/2026 is the third of April; None where the file does not show it.
    day_first: bool | None = None
    #: Every time of day is 00:00: the days are known, and not the hours.
    days_only: bool = False


def survey(rows: Iterable[Row | BadRow], mapping: Mapping) -> Survey:
    """Look through a file until its dates are understood: for most at the first row, for days only at the last."""
    columns = mapping.columns.get("started") or (*mapping.columns.get("date", ()), *mapping.columns.get("time", ()))
    ends = mapping.columns.get("ended", ())
    found, midnights, hours, slashes = Survey(), 0, False, False
    for row in _whole(rows):
        for names in (columns, ends):
            try:
                text = " ".join(filter(None, (tidy(row.get(name)) for name in names)))
                if not text:
                    continue
                if not mapping.date_formats and times.two_ways(text):
                    slashes = True
                    if found.day_first is None:
                        found.day_first = times.day_first([text])
                if hours:
                    continue
                moment, day_only = _roughly(row, text, names, mapping)
                if not day_only:
                    at = moment.astimezone(mapping.timezone).time()
                    hours = hours or at != time(0)
                    midnights += at == time(0)
            except BadValue:
                continue
        if hours and (found.day_first is not None or not slashes):
            break
    found.days_only = midnights > 0 and not hours
    return found


def _whole(rows: Iterable[Row | BadRow]) -> Iterator[Row]:
    """The rows that can be read, to where the file is damaged; the import itself tells of the rest."""
    try:
        for row in rows:
            if isinstance(row, dict):
                yield row
    except BadFile:
        return


def _roughly(row: Row, text: str, names: tuple[str, ...], mapping: Mapping) -> tuple[datetime, bool]:
    """The time in a row, day and month perhaps changed: only the hour is asked for."""
    if not mapping.date_formats and names[1:] and "started" not in mapping.columns:
        try:
            day, clock_text = tidy(row.get(names[0])), " ".join(filter(None, (tidy(row.get(n)) for n in names[1:])))
            told = times.joined(day, clock_text, True) if clock_text else times.written(day, True)
            return times.resolve(told, mapping.timezone, text)
        except times.NotATime as problem:
            raise BadValue(str(problem)) from None
    return parse_time(text, mapping.date_formats, mapping.timezone, True)


def earliest_and_latest() -> tuple[datetime, datetime]:
    """The times that are believed, the latter not included: from 1950 to now, by clocks that may go a little wrong."""
    return datetime(1950, 1, 1, tzinfo=UTC), clock.now() + timedelta(minutes=5)


class Converter:
    """Turns rows into records by a mapping. Keeps count of equal rows for identities by content."""

    def __init__(self, mapping: Mapping, *, earliest: datetime, latest: datetime) -> None:
        self.mapping = mapping
        self.survey = Survey()
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
            ended, end_day = parse_time(end_text, mapping.date_formats, mapping.timezone, self.survey.day_first)
            if ended >= self.latest:
                raise BadValue(future(end_text))
            if end_day or self.survey.days_only:
                day = ended.astimezone(mapping.timezone).date()
                ended = times.instant(day + timedelta(days=1), None, mapping.timezone)
            if ended < started:
                raise BadValue(_("The end {end} comes before the start.").format(end=end_text))
            if ended > started:
                precision = "span"
        metric = "x" in columns
        first, second = said["x" if metric else "lon"], said["y" if metric else "lat"]
        lon = lat = None
        if first or second:
            if not (first and second):
                missing = ("y" if metric else "lat") if first else ("x" if metric else "lon")
                raise BadValue(_("The coordinate {column} is missing.").format(column=columns[missing][0]))
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
        if said["place"]:
            content.append(said["place"])
        content_hash = digest(content)
        ids = columns.get("id")
        if ids:
            external = identity([tidy(row.get(n)) for n in ids], ids)
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
            place=said["place"],
        )

    def _started(self, said: dict[str, str]) -> tuple[datetime, bool]:
        mapping, survey = self.mapping, self.survey
        text = said["started"]
        if not text and said["date"] and said["time"] and not mapping.date_formats:
            text = f"{said['date']} {said['time']}"
            try:
                told = times.joined(said["date"], said["time"], survey.day_first)
                started, day_only = times.resolve(told, mapping.timezone, text)
            except times.NotATime as problem:
                raise BadValue(str(problem)) from None
        else:
            text = text or " ".join(filter(None, (said["date"], said["time"])))
            if not text:
                raise BadValue(_("The date is missing."))
            started, day_only = parse_time(text, mapping.date_formats, mapping.timezone, survey.day_first)
        if started >= self.latest:
            raise BadValue(future(text))
        if started < self.earliest:
            raise BadValue(unbelievable(text))
        return started, day_only or survey.days_only

    def _observed(self, text: str) -> datetime | None:
        if not text:
            return None
        seen = parse_time(text, (), self.mapping.timezone)[0]
        if not self.earliest <= seen < self.latest:
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
