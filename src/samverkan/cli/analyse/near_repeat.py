"""`samverkan analyse near-repeat`: the Knox table, and on request Mantel, Jacquez and a map."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.cli.analyse import _io

if TYPE_CHECKING:
    from samverkan.analysis.near_repeat import KnoxTable

EXAMPLE = (
    "samverkan analyse near-repeat tests/data/analysis/near_repeat_events.csv --x east --y north --date day "
    "--bands 0,1,200,400,inf --days 0,1,2,3,inf --json"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _io.add_input(parser)
    column = parser.add_argument_group("columns")
    column.add_argument("--x", metavar="COLUMN", default="x", help="metres east (default x)")
    column.add_argument("--y", metavar="COLUMN", default="y", help="metres north (default y)")
    column.add_argument("--date", metavar="COLUMN", default="date", help="dates as 2026-03-29, or day numbers")
    table = parser.add_argument_group("table")
    table.add_argument(
        "--bands",
        type=_io.numbers,
        default=[0, 100, 200, 300, 400, float("inf")],
        metavar="EDGES",
        help="edges of distance in metres (default 0,100,200,300,400,inf)",
    )
    table.add_argument(
        "--days",
        type=_io.numbers,
        default=[0, 7, 14, 21, 28, float("inf")],
        metavar="EDGES",
        help="edges of days apart (default 0,7,14,21,28,inf)",
    )
    table.add_argument(
        "--closed",
        choices=("left", "right"),
        default="left",
        help="which end belongs to a band: [a, b) or (a, b], the first then [a, b] (default left)",
    )
    table.add_argument("--same-place", action="store_true", help="the same coordinates are a band of their own")
    table.add_argument("--metric", choices=("euclidean", "manhattan"), default="euclidean", help="of distance")
    test = parser.add_argument_group("test")
    test.add_argument("--replicates", type=int, default=999, metavar="N", help="permutations (default 999)")
    test.add_argument("--seed", type=int, default=0, help="of the random numbers (default 0)")
    test.add_argument("--workers", type=int, default=1, help="threads (default 1); p is the same for any number")
    test.add_argument("--mantel", action="store_true", help="also Mantel's test with reciprocal distances")
    test.add_argument("--jacquez", type=int, metavar="K", help="also Jacquez' test with K nearest neighbours")
    _io.add_output(parser, map_=True)


def run(args: argparse.Namespace) -> int:
    """Read, count, write."""
    from samverkan.analysis.near_repeat import knox

    events = _io.read_csv(args.files, {"x": args.x, "y": args.y, "date": args.date})
    where = events["x"], events["y"], events["date"]
    chance = {
        "metric": args.metric,
        "replicates": args.replicates,
        "seed": args.seed,
        "workers": args.workers,
    }
    bar = _io.progress(args.replicates, "permutations")
    try:
        found = knox(
            *where,
            bands=args.bands,
            days=args.days,
            closed=args.closed,
            same_place=args.same_place,
            progress=bar.update,
            **chance,
        )
        more = _others(args, where, chance)
    finally:
        bar.close()
    if args.map:
        _map(args, where)
    if args.plot:
        from samverkan.cli.analyse import _svg

        title = f"{found.events} events: observed pairs as a share of expected, metres by days"
        _io.write_plot(args.plot, _svg.heatmap(np.nan_to_num(found.ratio), found.band_labels, found.day_labels, title))
    if args.json:
        _io.write_json(_plain(found) | more)
        return 0
    _print(found)
    for name, result in more.items():
        print(f"{name.capitalize()}: {result.statistic:.6g}, expected {result.expected:.6g}, p = {result.p_value:.4g}.")
    _io.print_warnings(found.warnings)
    return 0


def _plain(found: KnoxTable) -> dict[str, Any]:
    """What the JSON holds; an infinite edge is null there."""
    return {
        "pairs": found.pairs,
        "bands": found.bands,
        "days": found.days,
        "observed": found.observed,
        "expected": found.expected,
        "ratio": found.ratio,
        "p_value": found.p_value,
        "p_value_max": found.p_value_max,
        "z": found.z,
        "variance": found.variance,
        "interval": "[a, b)" if found.parameters["closed"] == "left" else "(a, b], the first [a, b]",
        "band_labels": found.band_labels,
        "day_labels": found.day_labels,
        "events": found.events,
        "replicates": found.replicates,
        "seed": found.seed,
        "parameters": found.parameters,
        "warnings": found.warnings,
    }


def _others(args: argparse.Namespace, where: tuple[np.ndarray, ...], chance: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if args.mantel:
        from samverkan.analysis.mantel import mantel

        more["mantel"] = mantel(*where, **chance)
    if args.jacquez is not None:
        from samverkan.analysis.jacquez import jacquez

        more["jacquez"] = jacquez(*where, k=args.jacquez, **chance)
    return more


def _map(args: argparse.Namespace, where: tuple[np.ndarray, ...]) -> None:
    """Each event with its links in the first band of distance and days, and how unlikely they are."""
    from samverkan.analysis.near_repeat import local_knox

    local = local_knox(*where, distance=args.bands[1], days=args.days[1], closed=args.closed, metric=args.metric)
    _io.write_map(
        args.map,
        (
            (
                _io.point(x, y),
                {
                    "row": i + 1,
                    "date": day,
                    "links": local.links[i],
                    "expected": local.expected[i],
                    "p_value": local.p_value[i],
                },
            )
            for i, (x, y, day) in enumerate(zip(*where, strict=True))
        ),
        crs=args.crs,
    )


def _print(found: KnoxTable) -> None:
    print(f"{found.events} events, {found.pairs} pairs; {found.replicates} permutations, seed {found.seed}.")
    print("Observed pairs / expected, by metres apart and days apart; * p < 0.05 corrected over the table.")
    star = np.where(found.p_value_max < 0.05, "*", "")
    rows = []
    for a, label in enumerate(found.band_labels):
        cells = [f"{found.observed[a, b]}/{found.expected[a, b]:.1f}{star[a, b]}" for b in range(len(found.day_labels))]
        rows.append([label, *cells])
    _io.print_table(["metres", *found.day_labels], rows)
