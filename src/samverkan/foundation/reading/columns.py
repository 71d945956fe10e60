"""What files call their columns, in Swedish and English, and which column is which."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .letters import composed

#: Names by field, in order of trust; compared without letter case, spaces, signs and the dots over letters.
NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "ärendenummer", "ärendenr", "ärendeid", "diarienummer", "diarienr", "dnr", "anmälningsnummer", "anmälningsnr",
        "händelseid", "händelsenummer", "händelsenr", "rapportid", "rapportnr", "rapportnummer", "löpnummer", "löpnr", "nummer",
        "nr", "knummer", "knr", "ärende", "incidentkey", "incidentid", "incidentnumber", "reportnumber",
        "casenumber", "crimeid", "eventid", "uuid", "guid", "globalid",
    ),
    "started": (
        "datetime", "datumtid", "datumochtid", "tidpunkt", "händelsetidpunkt", "händelsetid", "brottstid", "brottstidpunkt",
        "inträffad", "inträffade", "inträffat", "starttid", "startdatum", "starttidpunkt", "started", "start", "fr.o.m.", "from",
        "från", "fråndatum", "frånochmed", "brottsdatumfrom", "brottsdatumfrån", "händelsedatumfrom", "händelsedatumfrån",
        "datumfrom", "datumfrån", "när", "when", "timestamp", "occurred", "occurredat",
    ),
    "date": (
        "datum", "date", "händelsedatum", "brottsdatum", "brottsdag", "skadedatum", "dag", "occurdate", "incidentdate",
        "fromdatum", "startdatum", "fråndatum", "brottsdatumfrån", "brottsdatumfrom",
    ),
    "time": (
        "tid", "klockslag", "klockan", "kl", "time", "occurtime", "brottsklockslag", "brottstid", "händelsetid", "starttid",
        "fromtid", "fråntid", "brottstidfrån", "brottstidfrom", "klockslagfrån", "klockslagfrom", "tidfrån", "tidfrom",
    ),
    "ended": (
        "slut", "sluttid", "slutdatum", "sluttidpunkt", "t.o.m.", "till", "tillochmed", "tilldatum", "brottsdatumtom",
        "brottsdatumtill", "händelsedatumtom", "händelsedatumtill", "datumtom", "datumtill", "ended", "end",
    ),
    "category": (
        "kategori", "category", "underkategori", "händelsetyp", "typavhändelse", "ärendetyp", "typ", "type", "brottstyp",
        "brottskategori", "brott", "brottsrubricering", "brottsrubrik", "rubricering", "vad", "vadharhänt", "what",
        "primarytype", "crimetype", "offense", "brottskod",
    ),
    "main_category": ("huvudkategori", "maincategory"),
    "title": ("rubrik", "titel", "title", "name", "händelse"),
    "description": ("beskrivning", "description", "summary", "text", "sammanfattning", "fritext", "notering", "anmärkning"),
    "lon": ("lon", "lng", "long", "longitude", "longitud", "längdgrad", "wgs84lon", "lonwgs84"),
    "lat": ("lat", "latitude", "latitud", "breddgrad", "wgs84lat", "latwgs84"),
    "x": (
        "x", "east", "easting", "öst", "östlig", "xkoordinat", "xkoord", "koordinatx", "ekoordinat", "ekoord", "e", "swerefe",
        "sweref99e", "sweref99tme", "swerefx", "sweref99x", "sweref99tmöst", "koordinate", "ost", "östkoordinat",
        "östligkoordinat", "östkoord", "ostkoord", "ostkoordinat", "coordx", "xcoord",
    ),
    "y": (
        "y", "north", "northing", "nord", "nordlig", "norr", "ykoordinat", "ykoord", "koordinaty", "nkoordinat", "nkoord", "n",
        "swerefn", "sweref99n", "sweref99tmn", "swerefy", "sweref99y", "sweref99tmnord", "koordinatn", "nordkoordinat",
        "nordligkoordinat", "nordkoord", "coordy", "ycoord",
    ),
    "place": (
        "plats", "platsnamn", "brottsplats", "händelseplats", "adress", "gatuadress", "gata", "var", "place", "address",
        "location",
    ),
    "area": ("område", "area", "stadsdel", "delområde", "bostadsområde", "distrikt", "deso", "regso"),
    "municipality": ("kommun", "kommunnamn", "municipality"),
    "kind": ("sort", "kind"),
    "seriousness": ("allvar", "allvarlighet", "seriousness"),
    "observation": ("iakttagelse", "observation"),
    "observed_at": ("observedat", "uppdaterad", "updated", "seen"),
    "url": ("url", "länk", "link"),
}  # fmt: skip
_BARE = str.maketrans("åäöé", "aaoe")


def bare(name: str) -> str:
    """A column's name by which it is known: letters and digits only, lower case, no dots over them."""
    return re.sub(r"[\W_]", "", composed(name).casefold().translate(_BARE))


#: Names of coordinate systems, which stand before or after what a column is.
_SYSTEM = re.compile(
    r"sweref[_ ]?(?:99)?[_ ]?(?:tm)?|wgs[_ ]?84|rt[_ ]?90|epsg:? ?\d+|\([^)]{0,60}\)|\[[^\]]{0,60}\]", re.IGNORECASE
)

_BY_FIELD = {field: tuple(bare(name) for name in names) for field, names in NAMES.items()}


def guess(columns: Sequence[str]) -> dict[str, str]:
    """The likely column of each field, by its name. Coordinates only in pairs, and one pair; one way to tell the time."""
    # N (SWEREF 99 TM) and Sweref_nord are N and nord; a column's whole name goes before.
    plain = {bare(_SYSTEM.sub(" ", name)): name for name in reversed(columns) if name}
    plain.update({bare(name): name for name in reversed(columns) if name})
    found = {field: plain[name] for field, names in _BY_FIELD.items() for name in reversed(names) if name in plain}
    if not ("lon" in found and "lat" in found):
        found.pop("lon", None), found.pop("lat", None)
    if "lon" in found or not ("x" in found and "y" in found):
        found.pop("x", None), found.pop("y", None)
    if "date" in found and "time" in found and found["date"] != found["time"]:
        found.pop("started", None)
    if "started" in found:
        found.pop("date", None), found.pop("time", None)
    taken: set[str] = set()
    for field in list(found):  # a column is one thing
        if found[field] in taken:
            del found[field]
        else:
            taken.add(found[field])
    return found
