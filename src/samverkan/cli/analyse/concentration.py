"""`samverkan analyse concentration`: how few places have most of the events."""

from __future__ import annotations

import argparse

from samverkan.cli.analyse import _io

EXAMPLE = "samverkan analyse concentration tests/data/analysis/concentration_streets.csv --count events --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _io.add_input(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--count", metavar="COLUMN", help="events; one row is one place")
    which.add_argument("--place", metavar="COLUMN", help="the place's name; one row is one event")
    parser.add_argument("--places", type=int, metavar="N", help="how many places there are, also those with none")
    parser.add_argument(
        "--fractions",
        type=_io.numbers,
        default=[0.25, 0.5],
        metavar="0.25,0.5",
        help="parts of the events whose fewest places are sought",
    )
    parser.add_argument("--replicates", type=int, default=199, help="of chance (default 199)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (default 1)")
    parser.add_argument("--level", type=float, default=0.95, help="of the intervals")
    _io.add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Read, compute, write."""
    import numpy as np

    from samverkan.analysis import concentration

    if args.count:
        counts = _io.read_csv(args.files, {"count": args.count}, {"count": "count"})["count"]
    else:
        names = _io.read_csv(args.files, {"id": args.place})["id"]
        counts = np.unique(names.astype(str), return_counts=True)[1]
    with _io.progress(args.replicates, "chance") as bar:
        result = concentration.concentration(
            counts,
            places=args.places,
            fractions=args.fractions,
            replicates=args.replicates,
            seed=args.seed,
            level=args.level,
            progress=bar.update,
        )
    if args.plot:
        from samverkan.cli.analyse import _svg

        axes = _svg.Axes(
            f"{result.events} events at {result.places} places",
            x=(0, 1),
            y=(0, 1),
            x_label="share of the places, quietest first",
            y_label="share of the events",
        )
        axes.line([0, 1], [0, 1], stroke=_svg.SUBTLE, dash="4 4")
        if result.events:
            step = max(1, result.places // 500)
            keep = np.unique(np.append(np.arange(0, result.places + 1, step), result.places))
            axes.line(list(result.lorenz_places[keep]), list(result.lorenz_events[keep]))
        _io.write_plot(args.plot, str(axes))
    if args.json:
        _io.write_json(result)
        return 0
    print(f"{result.events} events at {result.places} places, {result.places_with_none} with none.")
    print(
        f"Gini {_io.figure(result.gini)}; generalised {_io.figure(result.generalised)}, "
        f"by chance {_io.figure(result.chance)} ({_io.figure(result.chance_low)} to {_io.figure(result.chance_high)})."
    )
    _io.print_table(
        ["of events", "places", "share", "by chance", "low", "high"],
        ((f"{s.fraction:.0%}", s.places, s.share, s.chance, s.chance_low, s.chance_high) for s in result.shares),
    )
    _io.print_warnings(result.warnings)
    return 0
