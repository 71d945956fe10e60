"""Objects out of JSON: arrays, lines, GeoJSON and Esri's form of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, BinaryIO

from . import letters, limits
from .problems import BadFile, BadRow, Row, UnknownSystem
from .words import _

#: EPSG:3006, urn:ogc:def:crs:EPSG::3006, http://www.opengis.net/def/crs/EPSG/0/3006 and their like.
_EPSG = re.compile(r"EPSG[:/ ]{1,2}(?:[\d.]+[:/])?(\d{4,6})", re.IGNORECASE)
#: Numbers of Esri's own for systems that have another in EPSG.
_ESRI = {102100: 3857, 102113: 3857, 900913: 3857}
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
    parts = said if isinstance(said, dict) else {"name": said}
    name = str(parts.get("name") or parts.get("code") or parts.get("href") or "")
    if match := _EPSG.search(name):
        return int(match[1])
    if "CRS84" in name:
        return 4326
    if re.fullmatch(r"\d{4,6}", name):
        return int(name)
    known = _BY_NAME.get(re.sub(r"[^a-z0-9]", "", name.lower()))
    if known is None:
        raise UnknownSystem(
            _("The file's coordinate system “{name}” is not known. Say it with --epsg.").format(name=name[:80])
        )
    return known


def system_of_esri(said: Any, epsg: int | None = None) -> int | None:
    """The EPSG number that a ``spatialReference`` of Esri's tells; None where it tells none."""
    if epsg or not isinstance(said, dict):
        return epsg
    for name in ("latestWkid", "wkid"):
        number = said.get(name)
        if isinstance(number, int) and not isinstance(number, bool):
            return _ESRI.get(number, number)
    if isinstance(said.get("wkt"), str):
        import pyproj

        try:
            return pyproj.CRS.from_wkt(said["wkt"]).to_epsg(min_confidence=20)
        except pyproj.exceptions.CRSError:
            return None
    return None


def partial(whole: dict[str, Any]) -> bool:
    """Whether a server says that it has more than it gave."""
    inner = whole.get("properties")
    if whole.get("exceededTransferLimit") or (isinstance(inner, dict) and inner.get("exceededTransferLimit")):
        return True
    matched, given = whole.get("numberMatched"), whole.get("numberReturned")
    return isinstance(matched, int) and isinstance(given, int) and matched > given


def only_a_part() -> str:
    """What is said of such an answer."""
    return _("The server gave only a part and has more. What came is read; fetch the rest too.")


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
    dates: frozenset[str] = frozenset()
    if isinstance(whole.get("spatialReference"), dict) and found is not None:
        epsg = system_of_esri(whole["spatialReference"], epsg)
        fields = whole.get("fields") if isinstance(whole.get("fields"), list) else []
        dates = frozenset(
            str(f.get("name")) for f in fields or [] if isinstance(f, dict) and f.get("type") == "esriFieldTypeDate"
        )
    else:
        epsg = system_of(whole.get("crs"), epsg)
    for number, item in enumerate([whole] if found is None else found, 1):
        yield number, flat(item, epsg, dates)
    if partial(whole):
        raise BadFile(only_a_part())


def refuse_error(whole: dict[str, Any]) -> None:
    """Servers answer errors as if all were well; such an answer is no data. Raises BadFile."""
    if any(whole.get(name) for name in ("features", "results", "value", "data")) or whole.get("type") == "Feature":
        return
    error = whole.get("error") or whole.get("errors") or whole.get("exceptions")
    if not error and (
        str(whole.get("status", "")).lower() in {"error", "fail", "failed", "failure"}
        or whole.get("success") is False
        or (isinstance(whole.get("status"), int) and whole["status"] >= 400)
        or ("code" in whole and set(whole) <= {"code", "description", "message", "details", "detail", "type", "title"})
    ):
        error = whole
    if error:
        told = error[0] if isinstance(error, list) else error
        if isinstance(told, dict):
            names = ("message", "text", "description", "detail", "title", "code", "status")
            told = next((told[name] for name in names if told.get(name)), told)
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
    """One object a line, also a sequence of GeoJSON with its record separators (RFC 8142), which may take several."""
    for number, line in _records(letters.lines(stream, encoding)):
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


def _records(lines: Iterator[tuple[int, str | BadRow]]) -> Iterator[tuple[int, str | BadRow]]:
    """Lines as they are; where the first begins with a separator, what lies between the separators."""
    begun, parts, size = 0, [""], 0
    for number, line in lines:
        if isinstance(line, BadRow) or (not begun and not line.lstrip("\ufeff \t").startswith("\x1e")):
            yield number, line
            continue
        if "\x1e" in line[:80] and begun:
            yield begun, "".join(parts)
            parts, size = [], 0
        if not parts or not begun:
            begun = number
        size += len(line)
        if size <= 16 * limits.MAX_LINE:
            parts.append(line)
    if begun:
        yield begun, "".join(parts)


def flat(item: Any, epsg: int | None = None, dates: frozenset[str] = frozenset()) -> Row | BadRow:
    """One level: ``location.name`` for nested members, a feature's point as lon and lat in degrees.

    ``epsg`` is the system that the points are written in; degrees when it is None. ``dates`` are the
    fields that hold milliseconds since 1970, as Esri writes times.
    """
    if not isinstance(item, dict):
        return BadRow(_("The element is not an object."), _told(item))
    row: Row = {}
    if item.get("type") == "Feature" and isinstance(item.get("properties"), dict | None):
        row.update(item.get("properties") or {})
        if "id" in item:
            row.setdefault("id", item["id"])
        at = _point(item.get("geometry"))
        if at and isinstance(item.get("crs"), dict):
            try:
                epsg = system_of(item["crs"], epsg)
            except BadFile as unknown:
                return BadRow(str(unknown), _told(item), tuple(row))
    elif isinstance(item.get("attributes"), dict) and isinstance(item.get("geometry"), dict | None):
        row.update(item["attributes"])  # a feature of Esri's
        for name in dates & row.keys():
            if isinstance(row[name], int | float):
                row[name] = _moment(row[name])
        at = _esri_point(item.get("geometry") or {})
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


def _moment(milliseconds: float) -> str:
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).isoformat()
    except OverflowError:
        return str(milliseconds)


def _esri_point(geometry: dict[str, Any]) -> list[Any] | str:
    """The position in a geometry of Esri's, as :func:`_point` gives it."""
    points = geometry.get("points")
    if isinstance(points, list) and len(points) == 1 and isinstance(points[0], list) and len(points[0]) > 1:
        return points[0][:2]
    if "x" in geometry and "y" in geometry:
        return [] if geometry["x"] in (None, "NaN") else [geometry["x"], geometry["y"]]
    kinds = {"rings": "Polygon", "curveRings": "Polygon", "paths": "LineString", "points": "MultiPoint"}
    return next((kind for name, kind in kinds.items() if name in geometry), "") or []


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
    if kind == "GeometryCollection" and isinstance(geometry.get("geometries"), list):
        return _point(geometry["geometries"][0]) if len(geometry["geometries"]) == 1 else str(kind)
    if kind == "Point" and isinstance(at, list) and len(at) >= 2:
        return at[:2]
    return str(kind)


def _told(item: Any) -> str:
    """An element as it stood in the file, for whoever mends it."""
    return json.dumps(item, ensure_ascii=False)[: limits.KEPT].encode("utf-8", "replace").decode()
