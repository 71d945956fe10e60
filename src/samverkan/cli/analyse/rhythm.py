"""`samverkan analyse rhythm`: hour by weekday, or a profile of weekdays or months."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

import numpy as np

from samverkan.cli.analyse import _io

EXAMPLE = "samverkan analyse rhythm tests/data/analysis/rhythm_spans.csv --start from --end to --json"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _io.add_input(parser)
    parser.add_argument("--start", metavar="COLUMN", help="when the event happened, or earliest")
    parser.add_argument("--end", metavar="COLUMN", help="latest, for events known as a span")
    parser.add_argument(
        "--zone",
        default="Europe/Stockholm",
        help="where the clock hangs (default Europe/Stockholm); none for a clock never changed",
    )
    parser.add_argument(
        "--reversed",
        choices=("swap", "start"),
        default="swap",
        help="spans that end before they start: swap the ends, or use the start",
    )
    parser.add_argument("--profile", choices=("weekday", "month"), help="instead: events a day, with intervals")
    parser.add_argument("--date", metavar="COLUMN", help="the day, for --profile")
    parser.add_argument("--first", metavar="DATE", help="the first day observed, for --profile")
    parser.add_argument("--last", metavar="DATE", help="the last day observed, for --profile")
    parser.add_argument("--level", type=float, default=0.95, help="of the intervals")
    _io.add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Read, compute, write."""
    return _profile(args) if args.profile else _hours(args)


def _hours(args: argparse.Namespace) -> int:
    from samverkan.analysis import rhythm

    if args.start is None:
        raise _io.FileProblem("--start COLUMN is needed: the column with the time.")
    zone = None if args.zone == "none" else args.zone
    columns = {"start": args.start} | ({"end": args.end} if args.end else {})
    notes: list[str] = []
    table = _io.read_csv(args.files, columns, {"end": "optional_time"}, zone=zone, notes=notes)
    been = ~np.isnat(table["start"])
    table = {name: values[been] for name, values in table.items()}
    result = rhythm.aoristic(
        table["start"],
        table.get("end"),
        zone=zone,
        reversed_spans=args.reversed,
        level=args.level,
    )
    result = dataclasses.replace(result, warnings=(*notes, *result.warnings))
    hours = [f"{h:02}" for h in range(24)]
    if args.plot:
        title = f"{result.events} events by weekday and hour"
        from samverkan.cli.analyse import _svg

        _io.write_plot(args.plot, _svg.heatmap(result.weights, DAYS, hours, title))
    if args.json:
        _io.write_json(result)
    else:
        _io.print_table(
            ["", *hours],
            ([day, *(f"{v:.1f}" for v in row)] for day, row in zip(DAYS, result.weights, strict=True)),
        )
        _io.print_warnings(result.warnings)
    return 0


def _profile(args: argparse.Namespace) -> int:
    from samverkan.analysis import rhythm

    if args.date is None:
        raise _io.FileProblem("--date COLUMN is needed for --profile: the column with the day.")
    table = _io.read_csv(args.files, {"date": args.date})
    result = rhythm.profile(table["date"], by=args.profile, first=args.first, last=args.last, level=args.level)
    names = DAYS if args.profile == "weekday" else MONTHS
    if args.plot:
        _io.write_plot(args.plot, _bars(result, names))
    if args.json:
        _io.write_json(result)
    else:
        _io.print_table(
            ["", "events", "days", "a day", "low", "high", "index"],
            zip(
                names,
                result.counts,
                result.days,
                result.rate,
                result.low,
                result.high,
                result.index,
                strict=True,
            ),
        )
        print(f"Equal rates: p = {result.p_value:.4g}; dispersion {result.dispersion:.3g}.")
        _io.print_warnings(result.warnings)
    return 0


def _bars(result: Any, names: tuple[str, ...]) -> str:
    from samverkan.cli.analyse import _svg

    rate, low, high = (np.nan_to_num(v) for v in (result.rate, result.low, result.high))
    axes = _svg.Axes(
        f"{result.events} events, {result.parameters['first']} to {result.parameters['last']}",
        x=(-0.5, len(names) - 0.5),
        y=(0, float(high.max())),
        y_label="events a day, with interval",
        x_names=names,
    )
    axes.bars(list(rate))
    axes.whiskers(list(low), list(high))
    return str(axes)
