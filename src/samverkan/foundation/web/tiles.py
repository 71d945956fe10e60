"""A background map from a host of the municipality's choice, off until it is set. No Django here: settings ask it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_PLACES = ("{z}", "{x}", "{y}")
_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?")
#: What has a meaning in a policy's header or in the map's own templates, and never belongs in an address of tiles.
_FORBIDDEN = re.compile(r"[\s;,'\"<>\\{}]")


def host_of(template: str) -> str:
    """``https://host`` of an address of raster tiles, for the Content-Security-Policy; empty when it is empty.

    The address is https and holds {z}, {x} and {y} once each, after the host. Raises ValueError otherwise.
    """
    if not template:
        return ""
    parts = urlsplit(template)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc.lower()):
        raise ValueError("it must begin with https:// and one host name, with no user and no {s}")
    behind = template[len("https://") + len(parts.netloc) :]
    for place in _PLACES:
        if behind.count(place) != 1:
            raise ValueError(f"it must hold {place} once, after the host")
        behind = behind.replace(place, "")
    if _FORBIDDEN.search(behind):
        raise ValueError("it holds signs that an address of tiles cannot have; only {z}, {x} and {y} are filled in")
    return f"https://{parts.netloc.lower()}"
