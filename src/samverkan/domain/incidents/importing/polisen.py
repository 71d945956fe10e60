"""The police's published events (polisen.se/api/events), with all the feed's oddities.

What the feed means was learnt from its stored history: the hour lacks its zero; ``gps`` is a
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
        started, _day = parse_time(" ".join(text.split()), (), STOCKHOLM)
        if not self.earliest <= started <= self.latest:
            raise BadValue(unbelievable(text))
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
            digest([started.isoformat(), title, summary, url, kind, location]),
            started,
            None,
            "minute",
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
        )
