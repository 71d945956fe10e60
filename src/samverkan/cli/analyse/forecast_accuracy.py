"""`samverkan analyse forecast-accuracy`: how good a map made beforehand turned out to be."""

from __future__ import annotations

import argparse

from samverkan.cli.analyse import _io

EXAMPLE = (
    "samverkan analyse forecast-accuracy tests/data/analysis/forecast_cells.csv "
    "--predicted forecast --observed events --json"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _io.add_input(parser)
    parser.add_argument("--predicted", required=True, metavar="COLUMN", help="the forecast of each cell")
    parser.add_argument("--observed", required=True, metavar="COLUMN", help="events that then happened in it")
    parser.add_argument("--area", metavar="COLUMN", help="area of the cell; equal when left out")
    parser.add_argument(
        "--shares",
        type=_io.numbers,
        default=[0.01, 0.03, 0.05],
        metavar="0.01,0.03,0.05",
        help="shares of the area, fixed beforehand",
    )
    parser.add_argument("--cells", type=_io.integers, default=[], metavar="1,2,5", help="also these numbers of cells")
    parser.add_argument("--level", type=float, default=0.95, help="of the interval")
    _io.add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Read, compute, write."""
    from samverkan.analysis import forecast

    columns = {"predicted": args.predicted, "observed": args.observed}
    if args.area:
        columns["area"] = args.area
    table = _io.read_csv(args.files, columns, {"observed": "count"})
    result = forecast.accuracy(
        table["predicted"],
        table["observed"],
        table.get("area"),
        shares=args.shares,
        cells=args.cells,
        level=args.level,
    )
    if args.plot:
        from samverkan.cli.analyse import _svg

        rows = [r for r in result.rows if r.pai == r.pai]
        axes = _svg.Axes(
            f"PAI, {result.events} events in {result.places} cells",
            x=(-0.5, len(rows) - 0.5),
            y=(0, max((r.pai_high for r in rows), default=1.0)),
            y_label="times better than the same area at random, with interval",
            x_names=[f"{r.area_share:.1%}" for r in rows],
        )
        axes.bars([r.pai for r in rows])
        axes.whiskers([r.pai_low for r in rows], [r.pai_high for r in rows])
        _io.write_plot(args.plot, str(axes))
    if args.json:
        _io.write_json(result)
        return 0
    _io.print_table(
        ["area", "cells", "hits", "hit rate", "PAI", "low", "high", "PEI", "RRI"],
        (
            (f"{r.area_share:.2%}", r.cells, r.hits, r.hit_rate, r.pai, r.pai_low, r.pai_high, r.pei, r.rri)
            for r in result.rows
        ),
    )
    _io.print_warnings(result.warnings)
    return 0
