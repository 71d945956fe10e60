"""Objects out of JSON: arrays, lines, GeoJSON and Esri's form of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, BinaryIO

from . import letters, limits
from .problems import BadFile, BadRow, Row
from .words import _

_EPSG = re.compile(r"EPSG:{1,2}(?:[\d.]+:)?(\d{4,6})", re.IGNORECASE)
#: Names that programs write in place of a number, letters and digits only.
_BY_NAME = {
    "sweref99tm": 3006, "sweref991200": 3007, "sweref991330": 3008, "sweref991500": 3009, "sweref991630": 3010,
    "sweref991800": 3011, "sweref991415": 3012, "sweref991545": 3013, "sweref991715": 3014, "sweref991845": 3015,
    "sweref992015": 3016, "sweref992145": 3017, "sweref992315": 3018, "wgs84": 4326, "rt9025gonv": 3021,
}  # fmt: skip


def _whole(text: str) -> str | int:
    """A whole number; one of more digits than any honest value has stays as it is written."""
    return text if len(text) > 30 else int(text)


DECODER = json.JSONDecoder(parse_int=_whole)


def system_of(crs: Any, epsg: int | None = None) -> int | None:
    """The EPSG number that a ``crs`` member names; None where there is none.

    RFC 7946 took the member away, but many municipalities' files still have it. ``epsg``, which a
    person said, holds above it. Raises BadFile for a name that is not known.
    """
    if epsg:
        return epsg
    if not isinstance(crs, dict):
        return None
    said = crs.get("properties")
    name = str((said.get("name") or said.get("code") or "") if isinstance(said, dict) else said or "")
    if match := _EPSG.search(name):
        return int(match[1])
    if "CRS84" in name:
        return 4326
    if re.fullmatch(r"\d{4,6}", name):
        return int(name)
    known = _BY_NAME.get(re.sub(r"[^a-z0-9]", "", name.lower()))
    if known is None:
        raise BadFile(
            _("The file's coordinate system “{name}” is not known. Say it with --epsg.").format(name=name[:80])
        )
    return known


@lru_cache(maxsize=8)
def _to_degrees(epsg: int) -> Callable[[float, float], tuple[float, float]]:
    import pyproj

    try:
        return pyproj.Transformer.from_crs(epsg, 4326, always_xy=True).transform
    except pyproj.exceptions.CRSError:
        raise BadFile(_("EPSG:{code} is not a known coordinate system.").format(code=epsg)) from None


def items(stream: BinaryIO, encoding: str, epsg: int | None = None) -> Iterator[tuple[int, Row | BadRow]]:
    """The elements of a top-level array, or a collection's features, one at a time."""
    # What is not text becomes half characters, by which the row is known and refused.
    text = io.TextIOWrapper(stream, "utf-8-sig" if encoding == "utf-8" else encoding, errors="surrogateescape")
    try:
        buffer = text.read(1 << 20)
        head = buffer.lstrip("\ufeff \t\r\n")
        if not head:
            return
        if head[0] == "[":
            yield from _elements(text, head, epsg)
            return
        while (more := text.read(8 << 20)) and len(buffer) < (512 << 20):
            buffer += more
        try:
            whole = DECODER.decode(buffer.lstrip("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise BadFile(_("The file is not valid JSON.")) from error
    except UnicodeError as error:
        raise BadFile(_("The file is not valid JSON.")) from error
    if not isinstance(whole, dict):
        raise BadFile(_("The file is not valid JSON."))
    refuse_error(whole)
    if whole.get("type") == "Topology":
        raise BadFile(_("The file is TopoJSON. Save it as GeoJSON."))
    found = next(
        (whole[name] for name in ("features", "results", "value", "data") if isinstance(whole.get(name), list)), None
    )
    if isinstance(whole.get("spatialReference"), dict) and found is not None:
        said = whole["spatialReference"]
        wkid = said.get("latestWkid") or said.get("wkid")
        epsg = epsg or (wkid if isinstance(wkid, int) else None)
    else:
        epsg = system_of(whole.get("crs"), epsg)
    for number, item in enumerate([whole] if found is None else found, 1):
        yield number, flat(item, epsg)


def refuse_error(whole: dict[str, Any]) -> None:
    """Servers answer errors as if all were well; such an answer is no data. Raises BadFile."""
    error = whole.get("error")
    if error and not isinstance(whole.get("features"), list):
        told = error.get("message") or error.get("code") if isinstance(error, dict) else error
        raise BadFile(_("The file is no data but a server's error message: {text}").format(text=str(told)[:200]))


def _elements(text: io.TextIOWrapper, buffer: str, epsg: int | None) -> Iterator[tuple[int, Row | BadRow]]:
    """The elements of an array whose beginning has been read."""
    position, number = 1, 0
    while True:
        while position < len(buffer) and buffer[position] in " \t\r\n,":
            position += 1
        if position >= len(buffer) and (more := text.read(1 << 20)):
            buffer, position = buffer[position:] + more, 0
            continue
        if position >= len(buffer):
            raise BadFile(_("The file ends in the middle. What came before is read."))
        if buffer[position] == "]":
            if buffer[position + 1 :].strip() or text.read(1 << 20).strip():
                raise BadFile(_("The file is not valid JSON after element {n}.").format(n=number))
            return
        try:
            item, end = DECODER.raw_decode(buffer, position)
        except ValueError as error:
            if len(buffer) - position < 16 * limits.MAX_LINE and (more := text.read(1 << 20)):
                buffer, position = buffer[position:] + more, 0
                continue
            raise BadFile(_("The file is not valid JSON after element {n}.").format(n=number)) from error
        except RecursionError as error:
            raise BadFile(_("The file is not valid JSON after element {n}.").format(n=number)) from error
        if end == len(buffer) and not isinstance(item, dict) and (more := text.read(1 << 20)):
            buffer, position = buffer[position:] + more, 0
            continue
        number += 1
        position = end
        yield number, flat(item, epsg)
        if position > (4 << 20):
            buffer, position = buffer[position:], 0


def by_line(stream: BinaryIO, encoding: str, epsg: int | None = None) -> Iterator[tuple[int, Row | BadRow]]:
    """One object a line, also a sequence of GeoJSON with its record separators (RFC 8142)."""
    for number, line in letters.lines(stream, encoding):
        if isinstance(line, BadRow):
            yield number, line
            continue
        text = line.strip("\x1e\ufeff \t\r\n")
        if not text:
            continue
        try:
            item = DECODER.decode(text)
        except (ValueError, RecursionError):
            yield number, BadRow(_("The line is not valid JSON."), text[: limits.KEPT])
            continue
        yield number, flat(item, epsg)


def flat(item: Any, epsg: int | None = None) -> Row | BadRow:
    """One level: ``location.name`` for nested members, a feature's point as lon and lat in degrees.

    ``epsg`` is the system that the points are written in; degrees when it is None.
    """
    if not isinstance(item, dict):
        return BadRow(_("The element is not an object."), _told(item))
    row: Row = {}
    if item.get("type") == "Feature" and isinstance(item.get("properties"), dict | None):
        row.update(item.get("properties") or {})
        if "id" in item:
            row.setdefault("id", item["id"])
        at = _point(item.get("geometry"))
    elif isinstance(item.get("attributes"), dict) and isinstance(item.get("geometry"), dict | None):
        row.update(item["attributes"])  # a feature of Esri's
        geometry = item.get("geometry") or {}
        at = [geometry["x"], geometry["y"]] if "x" in geometry and "y" in geometry else [] if not geometry else "Esri"
        if at and at[0] in (None, "NaN"):
            at = []
    else:
        at = []
        for key, value in item.items():
            if isinstance(value, dict):
                row.update({f"{key}.{inner}": deep for inner, deep in value.items()})
                for inner, deep in value.items():
                    if isinstance(deep, dict):
                        row.update({f"{key}.{inner}.{name}": leaf for name, leaf in deep.items()})
            else:
                row[key] = value
    if isinstance(at, str):
        return BadRow(_("Only points can be read, not {type}.").format(type=at[:40]), _told(item), tuple(row))
    if at:
        try:
            lon, lat = float(at[0]), float(at[1])
            row["lon"], row["lat"] = (at[0], at[1]) if epsg in (None, 4326) else _to_degrees(epsg or 0)(lon, lat)
        except (TypeError, ValueError, OverflowError):
            row["lon"], row["lat"] = at[0], at[1]  # the row is judged where it is placed
    plain = True
    for key, value in row.items():
        if "\x00" in key or (isinstance(value, str) and "\x00" in value):
            words = _("The field “{name}” holds a NUL character.").format(name=key.replace("\x00", "␀"))
            return BadRow(words, _told(item), tuple(name.replace("\x00", "␀") for name in row))
        try:
            told = f"{key}{value}"
            told.encode()
        except (UnicodeEncodeError, RecursionError):
            return BadRow(_("The line is not readable text. Save the file as UTF-8."), json.dumps(item)[: limits.KEPT])
        if not told.isascii():
            if problem := letters.spoilt(told):
                return BadRow(problem, _told(item), tuple(row))
            plain = False
    if not plain:
        row = {letters.composed(k): letters.composed(v) if isinstance(v, str) else v for k, v in row.items()}
    return row


def _point(geometry: Any) -> list[Any] | str:
    """The position of a point, nothing where the place is missing, or the kind of what is no point."""
    if not geometry:
        return []
    if not isinstance(geometry, dict):
        return str(geometry)
    kind, at = geometry.get("type"), geometry.get("coordinates")
    if kind in {"Point", "MultiPoint"} and at == []:
        return []
    if kind == "MultiPoint" and isinstance(at, list) and len(at) == 1:
        at, kind = at[0], "Point"
    if kind == "Point" and isinstance(at, list) and len(at) >= 2:
        return at[:2]
    return str(kind)


def _told(item: Any) -> str:
    """An element as it stood in the file, for whoever mends it."""
    return json.dumps(item, ensure_ascii=False)[: limits.KEPT].encode("utf-8", "replace").decode()
