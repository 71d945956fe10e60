"""`samverkan analyse density`: a kernel density surface on a grid or at places."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from samverkan.cli.analyse import _io

EXAMPLE = (
    "samverkan analyse density tests/data/analysis/density_events.csv --polygon tests/data/analysis/density_area.geojson "
    "--grid 100,80 --bandwidth 300 --edge diggle --json"
)
_DRAWN_AT_MOST = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this method."""
    _io.add_input(parser)
    parser.add_argument("--x", default="x", metavar="COLUMN", help="metres east (default x)")
    parser.add_argument("--y", default="y", metavar="COLUMN", help="metres north (default y)")
    parser.add_argument("--weight", "--count", metavar="COLUMN", help="what each event weighs (default 1)")
    parser.add_argument(
        "--polygon",
        metavar="FILE",
        help="where events could happen: GeoJSON, or CSV of corners; same metres as --x --y",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--grid", type=_io.integers, metavar="NX,NY", help="columns and rows (default 100,100)")
    where.add_argument("--at", metavar="FILE", help="CSV of places to estimate at, with the same columns")
    parser.add_argument(
        "--bounds", type=_io.numbers, metavar="LEFT,LOW,RIGHT,HIGH", help="the grid's extent when there is no polygon"
    )
    parser.add_argument("--kernel", choices=("gaussian", "quartic"), default="gaussian")
    parser.add_argument("--edge", choices=("none", "uniform", "diggle"), default="none")
    parser.add_argument(
        "--bandwidth",
        default="diggle",
        help="metres (sigma of the Gaussian, radius of the quartic), or diggle or likelihood to choose it (default diggle)",
    )
    parser.add_argument(
        "--method", choices=("auto", "binned", "exact"), default="auto", help="of a grid (default auto)"
    )
    _io.add_output(parser, map_=True)


def run(args: argparse.Namespace) -> int:
    """Read, compute, write; 0 when it went well."""
    from samverkan.analysis.density import density
    from samverkan.analysis.polygons import Polygon

    if args.grid is not None and len(args.grid) != 2:
        raise _io.FileProblem("--grid takes two whole numbers, columns and rows: --grid 100,80.")
    if args.bounds is not None and len(args.bounds) != 4:
        raise _io.FileProblem("--bounds takes four numbers: left, low, right, high.")
    columns = {"x": args.x, "y": args.y} | ({"weight": args.weight} if args.weight else {})
    table = _io.read_csv(args.files, columns)
    polygon = None if args.polygon is None else Polygon(_polygon(args))
    size, chosen, notes = _bandwidth(args, table, polygon)
    places = None if args.at is None else _io.read_csv([args.at], {"x": args.x, "y": args.y})
    found = density(
        table["x"],
        table["y"],
        bandwidth=size,
        grid=None if places is not None else tuple(args.grid or (100, 100)),
        at=None if places is None else (places["x"], places["y"]),
        polygon=polygon,
        bounds=None if args.bounds is None else tuple(args.bounds),
        kernel=args.kernel,
        edge=args.edge,
        weights=table.get("weight"),
        method=args.method,
    )
    notes += [note for note in found.warnings if note not in notes]
    if args.map:
        _io.write_map(args.map, _features(found), crs=args.crs)
    if args.plot:
        _io.write_plot(args.plot, _drawing(found))
    if args.json:
        _io.write_json(
            {
                "x": found.x,
                "y": found.y,
                "density": found.density,
                "bandwidth": found.bandwidth,
                "mass": found.mass,
                "cell_area": found.cell_area,
                "events": found.events,
                "outside": found.outside,
                "method": found.method,
                "error": found.error,
                "parameters": found.parameters | {"bandwidth_rule": chosen},
                "warnings": notes,
            }
        )
        return 0
    _io.print_warnings(notes)
    peak = int(np.argmax(found.density)) if found.density.size else 0
    print(f"{found.events} events, bandwidth {found.bandwidth:.6g} ({chosen}), {args.kernel}, edge {args.edge}.")
    if not math.isnan(found.mass):
        print(f"Mass {found.mass:.6g}.")
    if found.density.ndim == 2:
        row, column = divmod(peak, found.density.shape[1])
        x, y = found.x[column], found.y[row]
    elif found.density.size:
        x, y = found.x[peak], found.y[peak]
    else:
        return 0
    print(f"Highest {found.density.flat[peak]:.6g} per unit of area at x {x:.9g}, y {y:.9g}.")
    return 0


def _polygon(args: argparse.Namespace) -> Any:
    """GeoJSON when it reads as such, else corners in the columns of --x and --y."""
    path = Path(args.polygon)
    if path.suffix.lower() in (".geojson", ".json"):
        try:
            return json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise _io.FileProblem(f"{path}: {error.strerror or error}.") from error
        except ValueError as error:
            raise _io.FileProblem(f"{path}: not readable as GeoJSON: {error}.") from error
    corners = _io.read_csv([path], {"x": args.x, "y": args.y})
    return np.column_stack((corners["x"], corners["y"]))


def _bandwidth(args: argparse.Namespace, table: _io.Table, polygon: Any) -> tuple[float, str, list[str]]:
    """The bandwidth in metres, how it came about, and what to know about it."""
    from samverkan.analysis.bandwidth import choose

    if args.bandwidth in ("diggle", "likelihood"):
        found = choose(args.bandwidth, table["x"], table["y"], polygon=polygon, kernel=args.kernel)
        return found.bandwidth, args.bandwidth, list(found.warnings)
    try:
        return float(args.bandwidth.replace(",", ".")), "given", []
    except ValueError:
        raise _io.FileProblem(f"--bandwidth is {args.bandwidth!r}; give metres, diggle or likelihood.") from None


def _features(found: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Cells above zero as squares, places as points."""
    if found.density.ndim == 1:
        return [
            (_io.point(x, y), {"density": value}) for x, y, value in zip(found.x, found.y, found.density, strict=True)
        ]
    half_x, half_y = _half(found.x, found), _half(found.y, found)
    features = []
    for row, column in zip(*np.nonzero(found.density), strict=True):
        x, y = found.x[column], found.y[row]
        ring = [
            (x - half_x, y - half_y),
            (x + half_x, y - half_y),
            (x + half_x, y + half_y),
            (x - half_x, y + half_y),
        ]
        features.append((_io.polygon(ring), {"density": found.density[row, column]}))
    return features


def _half(middles: np.ndarray, found: Any) -> float:
    """Half a cell along one axis; a single row or column takes it from the cell's area."""
    if len(middles) > 1:
        return float(middles[1] - middles[0]) / 2
    other = found.y if middles is found.x else found.x
    along = float(other[1] - other[0]) if len(other) > 1 else math.sqrt(found.cell_area)
    return float(found.cell_area / along / 2)


def _drawing(found: Any) -> str:
    from samverkan.cli.analyse import _svg

    if found.density.ndim == 1:
        raise _io.FileProblem("--plot draws a grid; use --grid instead of --at.")
    values, x, y = found.density, found.x, found.y
    step = max(1, math.ceil(max(values.shape) / _DRAWN_AT_MOST))
    half_x, half_y = _half(x, found), _half(y, found)
    axes = _svg.Axes(
        "Density", x=(x[0] - half_x, x[-1] + half_x), y=(y[0] - half_y, y[-1] + half_y), size=(720, 720), square=True
    )
    top = float(values.max()) or 1.0
    for row in range(0, values.shape[0], step):
        for column in range(0, values.shape[1], step):
            part = values[row : row + step, column : column + step]
            if not part.any():
                continue
            left, high = axes.x(x[column] - half_x), axes.y(y[min(row + step, len(y)) - 1] + half_y)
            right, low = axes.x(x[min(column + step, len(x)) - 1] + half_x), axes.y(y[row] - half_y)
            level = min(4, int(5 * float(part.mean()) / top))
            axes.drawing.rect(left, high, right - left, low - high, _svg.CLASSES[level], f"{part.mean():.4g}")
    return str(axes)
