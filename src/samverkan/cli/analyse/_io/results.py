"""Options that the methods share, and results as JSON, maps, plots and tables."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from samverkan.foundation import whole

from .told import FileProblem


def add_input(parser: argparse.ArgumentParser, *, nargs: str = "+") -> None:
    """FILE…, the CSV files read one after the other."""
    parser.add_argument("files", nargs=nargs, metavar="FILE", help="CSV or XLSX with a header; - is stdin")


def add_output(parser: argparse.ArgumentParser, *, map_: bool = False, plot: bool = True) -> None:
    """--json, and where they make sense --map and --plot."""
    parser.add_argument("--json", action="store_true", help="every number, at full precision")
    if map_:
        parser.add_argument("--map", metavar="FILE.geojson", help="write the result as a map")
        parser.add_argument("--crs", metavar="EPSG:3006", help="what --x and --y are in; the map is then WGS 84")
    if plot:
        parser.add_argument("--plot", metavar="FILE.svg|png", help="draw the result")


def integers(text: str) -> list[int]:
    """An option holding whole numbers with commas between, for argparse."""
    return [int(part) for part in text.split(",")]


def numbers(text: str) -> list[float]:
    """An option holding numbers with commas between, `inf` allowed, for argparse."""
    values = [float(part) for part in text.split(",")]
    if any(math.isnan(v) for v in values):
        raise ValueError(text)
    return values


def jsonable(obj: Any) -> Any:
    """Plain Python for json: arrays as lists, days as ISO dates, what is not finite as null."""
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        return {f.name: jsonable(getattr(obj, f.name)) for f in dataclasses.fields(obj)}
    if isinstance(obj, Mapping):
        return {str(k): jsonable(v) for k, v in obj.items()}
    if isinstance(obj, np.ndarray):
        return [jsonable(v) for v in (obj if obj.dtype.kind in "Mm" else obj.tolist())]
    if isinstance(obj, list | tuple):
        return [jsonable(v) for v in obj]
    if isinstance(obj, np.datetime64):
        return None if np.isnat(obj) else str(obj)
    if isinstance(obj, dt.date):
        return obj.isoformat()
    if isinstance(obj, np.generic):
        return jsonable(obj.item())
    if isinstance(obj, float):
        return obj if math.isfinite(obj) else None
    return obj


def write_json(obj: Any, stream: TextIO | None = None) -> None:
    """Write an object as JSON; floats in the shortest form that reads back exactly."""
    out = stream or sys.stdout
    json.dump(jsonable(obj), out, ensure_ascii=False, allow_nan=False, indent=1)
    out.write("\n")
    out.flush()


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file, for everybody to read, so that it is either all there or not at all."""
    try:
        whole.write(Path(path), content.encode() if isinstance(content, str) else content, mode=0o644)
    except OSError as error:
        raise FileProblem(f"{path}: cannot be written: {error.strerror or error}.") from error


def point(x: float, y: float) -> dict[str, Any]:
    """A GeoJSON point."""
    return {"type": "Point", "coordinates": [float(x), float(y)]}


def polygon(ring: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """A GeoJSON polygon of one outer ring, closed here when it is open."""
    corners = [[float(x), float(y)] for x, y in ring]
    if corners[0] != corners[-1]:
        corners.append(corners[0])
    return {"type": "Polygon", "coordinates": [corners]}


def write_map(
    path: str | Path,
    features: Iterable[tuple[dict[str, Any], Mapping[str, Any]]],
    *,
    crs: str | None = None,
) -> None:
    """Write (geometry, properties) pairs as GeoJSON, converted from `crs` to WGS 84.

    Without `crs` the coordinates are written as they stand, which is right
    for longitude and latitude.
    """
    convert = _to_wgs84(crs) if crs else (lambda xy: xy)

    def converted(coordinates: Any) -> Any:
        if coordinates and isinstance(coordinates[0], list):
            return [converted(c) for c in coordinates]
        return convert(coordinates)

    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": geometry | {"coordinates": converted(geometry["coordinates"])},
                "properties": jsonable(properties),
            }
            for geometry, properties in features
        ],
    }
    write_whole(path, json.dumps(collection, ensure_ascii=False, allow_nan=False))


def _to_wgs84(crs: str) -> Callable[[list[float]], list[float]]:
    import pyproj
    from pyproj.exceptions import ProjError

    try:
        transform = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    except ProjError:
        raise FileProblem(f"--crs: {crs!r} is not a coordinate system; try EPSG:3006.") from None
    return lambda xy: [float(v) for v in transform(xy[0], xy[1])]


def write_plot(path: str | Path, svg: str) -> None:
    """Write a drawing as .svg, or as .png at 144 dots per inch."""
    suffix = Path(path).suffix.lower()
    if suffix == ".svg":
        write_whole(path, svg)
    elif suffix == ".png":
        write_whole(path, _raster(svg))
    else:
        raise FileProblem(f"{path}: --plot writes .svg or .png, not {suffix or 'a nameless kind'}.")


def _raster(svg: str) -> bytes:
    import typst

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "plot.svg").write_text(svg, encoding="utf-8")
        page = Path(folder) / "page.typ"
        page.write_text('#set page(width: auto, height: auto, margin: 0pt)\n#image("plot.svg")', "utf-8")
        raw = typst.compile(str(page), format="png", ppi=144.0)
    return raw[0] if isinstance(raw, list) else raw


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in columns: text to the left, numbers to the right."""
    cells = [[_cell(v) for v in row] for row in rows]
    widths = [max([len(h), *(len(r[i]) for r in cells)]) for i, h in enumerate(head)]
    for row in [list(head), *cells]:
        padded = [c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(padded).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return figure(value) if isinstance(value, float | np.floating) else str(value)


def figure(value: float | np.floating[Any]) -> str:
    """A figure in a sentence or a table; a dash where there is none."""
    return f"{value:.4g}" if math.isfinite(value) else "–"
