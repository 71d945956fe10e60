"""The police's published events (polisen.se/api/events), with all the feed's oddities.

What the feed means was learnt from its stored history: ``datetime`` is when the desk published (its
hour lacks its zero), and when it happened is how the title begins; ``gps`` is a
reference point of the municipality or county and never the scene, so no coordinate is kept; the
municipality is the last part of the title, since ``location`` often (and from February 2026
always) names the county; types beginning with "Sammanfattning" are digests of many events; the
text is edited afterwards. The events are what the police chose to publish, not statistics.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from .mapping import Mapping
from .rows import MAX_TITLE, BadValue, Record, digest, parse_time, tidy, unbelievable

STOCKHOLM = ZoneInfo("Europe/Stockholm")
_TITLE_TIME = re.compile(r"(\d{1,2}) (\w{3,9}) (\d{1,2})[.:](\d{2})(?!\d)")
_MONTHS = {
    "januari": 1, "februari": 2, "mars": 3, "april": 4, "maj": 5, "juni": 6,
    "juli": 7, "augusti": 8, "september": 9, "oktober": 10, "november": 11, "december": 12,
}  # fmt: skip
_NAME_TIME = re.compile(r"(\d{8})T?(\d{6})Z")

MAPPING = Mapping(
    source_code="polisen",
    source_name="Polisens publicerade händelser",
    licence="Källa: Polisen. Öppna data enligt polisens regler.",
    columns={"id": ("id",), "started": ("datetime",), "category": ("type",)},
    profile="polisen",
)

#: Main category by how a type begins; types are the police's own words. First match holds.
MAIN = (
    (("trafik", "rattfylleri", "olovlig körning", "motorfordon, anträffat", "sjölagen", "luftfart"), "trafik"),
    (
        (
            "mord",
            "misshandel",
            "våld",
            "rån",
            "olaga",
            "bråk",
            "ofredande",
            "bombhot",
            "hot",
            "skottlossning",
            "explosion",
            "detonation",
            "vållande",
            "larm överfall",
            "sabotage",
            "hets",
        ),
        "vald-och-hot",
    ),
    (("våldtäkt", "sexual", "sedlighet", "hemfrid"), "vald-och-hot"),
    (
        (
            "stöld",
            "inbrott",
            "häleri",
            "motorfordon",
            "bedrägeri",
            "åldringsbrott",
            "ekobrott",
            "förfalskning",
            "missbruk av urkund",
            "larm inbrott",
        ),
        "stold-och-bedrageri",
    ),
    (("skadegörelse", "brand"), "skadegorelse-och-brand"),
    (("narkotika", "fylleri", "alkohol"), "alkohol-och-narkotika"),
    (("vapen", "kniv", "farligt föremål"), "vapen"),
    (
        ("ordningslagen", "skyddslagen", "utlänningslagen", "kontroll", "polisinsats", "lagen om hundar"),
        "ordning-och-kontroll",
    ),
    (("sammanfattning",), "sammanfattning"),
)


def main_of(kind: str) -> str:
    """Code of the main category that a type belongs to."""
    lowered = kind.lower()
    if lowered.startswith("våldtäkt"):
        return "vald-och-hot"
    for beginnings, code in MAIN:
        if lowered.startswith(beginnings):
            return code
    return "ovrigt"


def municipality_of(title: str, location: str) -> str:
    """The municipality by the location, else by the last part of the title, else empty (county only)."""
    last = title.rsplit(",", 1)[-1].strip() if "," in title else ""
    for name in (location, last):
        if name and not name.endswith(" län"):
            return name
    return ""


def observed_from_name(name: str) -> datetime | None:
    """The time of observation in a file's name, such as ``20231106T182606Z.json.gz``."""
    match = _NAME_TIME.search(name)
    if not match:
        return None
    try:
        return datetime.strptime("".join(match.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def time_of(title: str, published: datetime) -> tuple[datetime, str]:
    """When an event happened (UTC) and how surely that is known: ``minute``, or ``latest`` for "not later than".

    The title says day and hour, "21 augusti 23.40, Misshandel, Eskilstuna", and never the year: it is the year that
    puts the event closest to its publication. A title that says no time leaves only that it was not later than that.
    Raises ``BadValue`` for a day or an hour that does not exist.
    """
    match = _TITLE_TIME.match(title)
    month = _MONTHS.get(match[2].lower()) if match else None
    if match is None or month is None:
        return published, "latest"
    local = published.astimezone(STOCKHOLM)
    times = []
    for year in (local.year - 1, local.year, local.year + 1):
        try:
            time = datetime(year, month, int(match[1]), int(match[3]), int(match[4]), tzinfo=STOCKHOLM).astimezone(UTC)
        except ValueError:
            continue
        times.append(time)
    if not times:
        raise BadValue(_("The title says “{text}”, which is no time that exists.").format(text=match[0]))
    found = min(times, key=lambda time: abs(time - published))
    if found.astimezone(STOCKHOLM).hour != int(match[3]):
        # The hour that the clocks skip in March.
        raise BadValue(_("The title says “{text}”, which is no time that exists.").format(text=match[0]))
    return found, "minute"


class PolisenConverter:
    """Rows of the feed, or ``{"scraped": …, "event": {…}}`` of its history, into records."""

    mapping = MAPPING

    def __init__(self, *, earliest: datetime, latest: datetime) -> None:
        self.earliest, self.latest = earliest, latest

    def check_columns(self, row: dict[str, Any]) -> str | None:
        return None  # the feed's rows vary; each is judged by itself

    def __call__(self, row: dict[str, Any]) -> Record:
        prefix = "event." if "event.id" in row else ""
        identity = tidy(row.get(prefix + "id"))
        if not identity:
            raise BadValue(_("The event lacks its id."))
        text, kind, title = (tidy(row.get(prefix + name)) for name in ("datetime", "type", "name"))
        if not text:
            raise BadValue(_("The event lacks its datetime."))
        published, _day = parse_time(" ".join(text.split()), (), STOCKHOLM)
        if not self.earliest <= published <= self.latest:
            raise BadValue(unbelievable(text))
        started, precision = time_of(title, published)
        if not kind:
            raise BadValue(_("The event lacks its type."))
        summary, url = tidy(row.get(prefix + "summary")), tidy(row.get(prefix + "url"))
        location = tidy(row.get(prefix + "location.name"))
        if len(title) > MAX_TITLE:
            summary, title = f"{title}\n\n{summary}", title[: MAX_TITLE - 1] + "…"
        scraped = row.get("scraped")
        try:
            observed = datetime.fromtimestamp(float(scraped), UTC) if scraped not in (None, "") else None
        except (ValueError, OverflowError, OSError, TypeError):
            raise BadValue(_("“{text}” in scraped is not a time in seconds.").format(text=str(scraped)[:40])) from None
        if observed is not None and not self.earliest <= observed <= self.latest:
            # Nothing that the feed tells afterwards would ever replace it.
            raise BadValue(unbelievable(observed.isoformat()))
        return Record(
            identity,
            # The reference point is left out: it is not the scene, and has been rewritten with noise.
            digest([published.isoformat(), title, summary, url, kind, location]),
            started,
            None,
            precision,
            "event",
            main_of(kind),
            kind,
            title,
            summary,
            url[:500],
            municipality_of(title, location),
            "",
            "unknown",
            None,
            None,
            None,
            False,
            kind.startswith("Sammanfattning"),
            observed,
            published,
        )
