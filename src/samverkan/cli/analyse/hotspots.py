"""`samverkan analyse hotspots`: Getis-Ord Gi and Gi* for cells with a value each."""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np

from samverkan.cli.analyse import _io

EXAMPLE = (
    "samverkan analyse hotspots --cells tests/data/analysis/hotspots_cells.csv --id cell --value incidents "
    "--x x --y y --distance 450 --json"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this method."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="as --cells")
    parser.add_argument("--cells", action="append", default=[], metavar="FILE", help="CSV with one row per cell")
    parser.add_argument("--id", default="id", metavar="COLUMN", help="the cell's name (default id)")
    parser.add_argument("--value", default="value", metavar="COLUMN", help="its count or rate (default value)")
    parser.add_argument("--x", metavar="COLUMN", help="midpoint, with --distance and for maps")
    parser.add_argument("--y", metavar="COLUMN", help="midpoint, with --distance and for maps")
    near = parser.add_mutually_exclusive_group(required=True)
    near.add_argument("--distance", type=float, help="cells whose midpoints are at most this far apart are neighbours")
    near.add_argument(
        "--neighbours", metavar="FILE", help="CSV of pairs: two columns of cell names, and a third of weights if any"
    )
    parser.add_argument(
        "--star",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="count the cell itself: Gi* (default), or Gi",
    )
    parser.add_argument("--row-standardise", action="store_true", help="local mean instead of local sum; same z and p")
    parser.add_argument(
        "--replicates", "--permutations", type=int, help="random relocations, 0 for none (default: what the FDR needs)"
    )
    parser.add_argument(
        "--null",
        choices=("conditional", "total"),
        default="conditional",
        help="keep the cell's own value, or draw it too",
    )
    parser.add_argument("--alpha", type=float, default=0.05, help="false discovery rate (default 0.05)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default 1)")
    _io.add_output(parser, map_=True)


def run(args: argparse.Namespace) -> int:
    """Read, compute, write; 0 when it went well."""
    from samverkan.analysis.hotspots import hotspots

    files = [*args.cells, *args.files]
    if not files:
        raise _io.FileProblem("Which cells? Give --cells FILE.")
    columns = {"id": args.id, "value": args.value}
    if args.x and args.y:
        columns |= {"x": args.x, "y": args.y}
    elif args.distance is not None or args.map or args.plot:
        raise _io.FileProblem("--distance, --map and --plot need --x and --y.")
    table = _io.read_csv(files, columns)
    names = [str(v) for v in table["id"]]
    row_of = {name: row for row, name in enumerate(names)}
    if len(row_of) < len(names):
        twice = next(name for row, name in enumerate(names) if row_of[name] != row)
        raise _io.FileProblem(f"{files[0]}: the cell {twice!r} stands on two rows; add its values together.")
    bar = _io.progress(0, "replicates")
    try:
        found = hotspots(
            table["value"],
            _neighbours(args, table, row_of),
            star=args.star,
            row_standardise=args.row_standardise,
            replicates=args.replicates,
            null=args.null,
            alpha=args.alpha,
            seed=args.seed,
            progress=bar.update,
        )
    finally:
        bar.close()
    if args.map:
        _io.write_map(args.map, _features(names, table, found), crs=args.crs)
    if args.plot:
        _io.write_plot(args.plot, _drawing(names, table, found))
    if args.json:
        _io.write_json(_document(names, found))
        return 0
    _io.print_warnings(found.warnings)
    told = np.flatnonzero(found.significant_fdr)
    told = told[np.argsort(-found.z[told], kind="stable")]
    print(
        f"{found.statistic}: {len(told)} of {found.tested} cells stand out "
        f"at a false discovery rate of {args.alpha:g}; {found.replicates:,} replicates, seed {args.seed}."
    )
    if len(told):
        p = found.p_value if found.p_permutation is None else found.p_permutation
        _io.print_table(
            ["cell", "", "value", "neighbours", "z", "p"],
            [
                [names[i], "hot" if found.z[i] > 0 else "cold", found.value[i], found.neighbours[i], found.z[i], p[i]]
                for i in told
            ],
        )
    return 0


def _neighbours(args: argparse.Namespace, table: _io.Table, row_of: dict[str, int]) -> Any:
    from samverkan.analysis import grids

    if args.distance is not None:
        return grids.within(table["x"], table["y"], args.distance)
    header = _io.columns_of(args.neighbours)
    if len(header) < 2:
        raise _io.FileProblem(f"{args.neighbours}: needs two columns of cell names.")
    columns = {"first": header[0], "second": header[1]}
    kinds = {"first": "text", "second": "text"}
    if len(header) > 2:
        columns["weight"] = header[2]
    pairs = _io.read_csv([args.neighbours], columns, kinds)
    numbers = {}
    for side in ("first", "second"):
        unknown = [name for name in pairs[side] if str(name) not in row_of]
        if unknown:
            raise _io.FileProblem(f"{args.neighbours}: {unknown[0]!r} is not among the cells.")
        numbers[side] = np.array([row_of[str(name)] for name in pairs[side]], dtype=np.int64)
    return grids.pairs(len(row_of), numbers["first"], numbers["second"], pairs.get("weight"))


def _cell(name: str, row: int, found: Any) -> dict[str, Any]:
    permuted = found.p_permutation
    return {
        "id": name,
        "value": found.value[row],
        "z": found.z[row],
        "p_value": found.p_value[row],
        "p_permutation": None if permuted is None else permuted[row],
        "significant_fdr": found.significant_fdr[row],
    }


def _document(names: list[str], found: Any) -> dict[str, Any]:
    return {
        "statistic": found.statistic,
        "cells": [_cell(name, row, found) for row, name in enumerate(names)],
        "replicates": found.replicates,
        "seed": found.seed,
        "threshold": found.threshold,
        "tested": found.tested,
        "parameters": found.parameters,
        "warnings": found.warnings,
    }


def _features(names: list[str], table: _io.Table, found: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(_io.point(table["x"][row], table["y"][row]), _cell(name, row, found)) for row, name in enumerate(names)]


def _drawing(names: list[str], table: _io.Table, found: Any) -> str:
    from samverkan.cli.analyse import _svg

    x, y = table["x"], table["y"]
    if not len(x):
        raise _io.FileProblem("There are no cells to draw.")
    axes = _svg.Axes(
        f"{found.statistic}: what stands out",
        x=(float(x.min()), float(x.max())),
        y=(float(y.min()), float(y.max())),
        size=(720, 720),
        square=True,
    )
    colours = {"hot": _svg.ATTENTION, "cold": _svg.CLASSES[4], "": _svg.BAND}
    for row, name in enumerate(names):
        kind = "" if not found.significant_fdr[row] else "hot" if found.z[row] > 0 else "cold"
        z = found.z[row]
        score = "no score" if math.isnan(z) else f"z {z:.2f}"
        axes.drawing.circle(
            axes.x(float(x[row])), axes.y(float(y[row])), 4, fill=colours[kind], title=f"{name}: {score} {kind}"
        )
    return str(axes)
