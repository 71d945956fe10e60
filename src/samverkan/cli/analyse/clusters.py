"""`samverkan analyse clusters`: the space-time permutation, Poisson and Bernoulli scans."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from samverkan.cli.analyse import _io

if TYPE_CHECKING:
    from samverkan.analysis.scan import Cluster, Options, ScanResult

EXAMPLE = (
    "samverkan analyse clusters tests/data/analysis/clusters_events.csv --x east --y north --date day "
    "--prospective --max-radius 1000 --max-days 14 --every 7 --json"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="CSV with a header; - is stdin")
    parser.add_argument("--cases", metavar="FILE", help="cases by place; with --locations and --id")
    parser.add_argument("--locations", metavar="FILE", help="the places and where they are")
    column = parser.add_argument_group("columns")
    column.add_argument("--id", metavar="COLUMN", help="the place's name, in both files when there are two")
    column.add_argument("--x", metavar="COLUMN", help="metres east (default x)")
    column.add_argument("--y", metavar="COLUMN", help="metres north (default y)")
    column.add_argument("--lon", metavar="COLUMN", help="degrees; distances are then great circles")
    column.add_argument("--lat", metavar="COLUMN", help="degrees")
    column.add_argument("--date", metavar="COLUMN", help="dates as 2026-03-29, or day numbers")
    column.add_argument("--count", metavar="COLUMN", help="cases on the row (default 1)")
    column.add_argument("--population", metavar="COLUMN", help="people at the place (Poisson)")
    column.add_argument("--expected", metavar="COLUMN", help="expected cases on the row (Poisson)")
    column.add_argument("--controls", metavar="COLUMN", help="controls on the row (Bernoulli)")
    scan = parser.add_argument_group("scan")
    scan.add_argument(
        "--model", choices=("permutation", "poisson", "bernoulli"), help="default: what the columns allow"
    )
    scan.add_argument("--prospective", action="store_true", help="only clusters alive on the last day")
    scan.add_argument("--max-radius", type=float, metavar="METRES", help="largest circle")
    scan.add_argument(
        "--max-share", type=float, metavar="SHARE", help="largest share of all in a circle (0.5 without --max-radius)"
    )
    scan.add_argument("--max-days", type=int, metavar="N", help="longest window (default half the period)")
    scan.add_argument("--min-cases", type=int, default=2, metavar="N", help="fewest cases (default 2)")
    scan.add_argument("--from", dest="first", metavar="DATE", help="first day of the study period")
    scan.add_argument("--until", dest="last", metavar="DATE", help="last day of the study period")
    scan.add_argument("--every", type=float, default=1.0, metavar="DAYS", help="days between analyses (default 1)")
    scan.add_argument("--max-clusters", type=int, default=10, metavar="N", help="most to report (default 10)")
    scan.add_argument("--replicates", type=int, default=999, metavar="N", help="default 999")
    scan.add_argument("--stop-after", type=int, metavar="N", help="end when N replicates reach the first cluster")
    scan.add_argument("--seed", type=int, default=0, help="of the random numbers (default 0)")
    scan.add_argument("--workers", type=int, default=1, help="threads (default 1); p is the same for any number")
    _io.add_output(parser, map_=True)


@dataclass(frozen=True)
class _Data:
    """Columns of the case rows, and of the rows that say where and how many people."""

    x: np.ndarray
    y: np.ndarray
    names: np.ndarray
    place: np.ndarray
    date: np.ndarray | None
    count: np.ndarray
    measure: np.ndarray | None
    measure_place: np.ndarray
    measure_date: np.ndarray | None
    apart: bool  # the measure stands on rows of its own, in the file of places


def run(args: argparse.Namespace) -> int:
    """Read, scan, write."""
    _check(args)
    model = args.model or (
        "bernoulli" if args.controls else "poisson" if args.population or args.expected else "permutation"
    )
    data = _two_files(args) if args.locations else _one_file(args)
    data = _within(data, _day(args.first, data.date, "--from"), _day(args.last, data.date, "--until"))
    bar = _io.progress(args.replicates, "replicates")
    try:
        result = _scan(model, data, args, bar.update)
    finally:
        bar.close()
    dates = data.date if data.date is not None else np.zeros(0, np.int64)
    clusters = [_plain(cluster, data, result, dates) for cluster in result.clusters]
    if args.map:
        _map(args, result, clusters)
    if args.plot:
        _plot(args.plot, data, result, clusters)
    if args.json:
        _io.write_json(
            {
                "model": result.model,
                "cases": result.cases,
                "locations": result.locations,
                "replicates": result.replicates,
                "seed": result.seed,
                "clusters": clusters,
                "windows": result.windows,
                "parameters": _labelled(result.parameters, dates),
                "warnings": result.warnings,
            }
        )
        return 0
    print(f"{result.cases} cases at {result.locations} places, {result.windows} windows, {result.model} model.")
    if not clusters:
        print("No window has more cases than expected.")
        _io.print_warnings(result.warnings)
        return 0
    columns = ["rank", "statistic", "p_value", "observed", "expected", "start", "end", "radius_m"]
    if args.prospective:
        columns.append("recurrence_interval_days")
    _io.print_table([*columns, "places"], ([*(c[k] for k in columns), len(c["members"])] for c in clusters))
    _io.print_warnings(result.warnings)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse options that do not go together, in words."""
    if bool(args.cases) != bool(args.locations) or bool(args.files) == bool(args.cases):
        raise _io.FileProblem("Give either one FILE, or both --cases FILE and --locations FILE.")
    if args.cases and not args.id:
        raise _io.FileProblem("--cases and --locations are joined by the place's name: give --id COLUMN.")
    if bool(args.lon) != bool(args.lat) or ((args.x or args.y) and args.lon):
        raise _io.FileProblem("Give --x and --y, or --lon and --lat.")
    if bool(args.population) + bool(args.expected) + bool(args.controls) > 1:
        raise _io.FileProblem("Give one of --population, --expected and --controls.")
    measured = args.population or args.expected or args.controls
    wants = {"poisson": args.population or args.expected, "bernoulli": args.controls}
    if args.model and not wants.get(args.model, True):
        needed = "--population or --expected" if args.model == "poisson" else "--controls"
        raise _io.FileProblem(f"--model {args.model} needs {needed}.")
    if args.model == "permutation" and measured:
        raise _io.FileProblem("--model permutation takes no population, expected or controls.")
    if not args.date and not measured:
        raise _io.FileProblem("The permutation model needs dates: give --date COLUMN.")
    if (args.max_days or args.first or args.last or args.prospective) and not args.date:
        raise _io.FileProblem("A scan over time needs dates: give --date COLUMN.")


def _where(args: argparse.Namespace) -> dict[str, str]:
    if args.lon:
        return {"x": args.lon, "y": args.lat}
    return {"x": args.x or "x", "y": args.y or "y"}


KINDS = {"count": "count", "controls": "count"}


def _one_file(args: argparse.Namespace) -> _Data:
    measure = args.population or args.expected or args.controls
    columns = _where(args)
    columns |= {k: v for k, v in (("date", args.date), ("id", args.id), ("count", args.count)) if v}
    if measure:
        columns["controls" if args.controls else "measure"] = measure
    table = _io.read_csv(args.files, columns, KINDS)
    n = len(table["x"])
    rows = np.arange(n)
    values = table.get("controls", table.get("measure"))
    date = table.get("date")
    at, when = rows, date
    if args.population and date is not None and n:
        at, when = _population_rows(table)
        values = table["measure"][at]
    names = table["id"] if args.id else rows + 1
    return _Data(
        table["x"],
        table["y"],
        names,
        rows,
        date,
        table.get("count", np.ones(n, np.int64)),
        values,
        at,
        when,
        False,
    )


def _population_rows(table: _io.Table) -> tuple[np.ndarray, np.ndarray | None]:
    """Which rows tell the population: the first of each place, or every one of a full panel."""
    pairs = np.column_stack((table["x"] + 0.0, table["y"] + 0.0))
    _, first, place = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    place = place.ravel()
    if (table["measure"] == table["measure"][first][place]).all():
        return first, None
    days = np.unique(table["date"])
    each = np.unique(np.column_stack((place, np.searchsorted(days, table["date"]))), axis=0)
    if not len(each) == len(place) == len(first) * len(days):
        raise _io.FileProblem(
            "--population differs between rows of the same place; give one row for every place and date, "
            "or the same population on all rows of a place."
        )
    return np.arange(len(place)), table["date"]


def _two_files(args: argparse.Namespace) -> _Data:
    there, here = _io.columns_of(args.locations), _io.columns_of(args.cases)
    measure = args.population or args.expected or args.controls
    where = {"id": args.id, **_where(args)}
    case = {"id": args.id} | ({"date": args.date} if args.date else {}) | ({"count": args.count} if args.count else {})
    kind = "controls" if args.controls else "measure"
    of_places = bool(measure) and measure in there
    if measure:
        (where if of_places else case)[kind] = measure
    dated = of_places and bool(args.date) and args.date in there and args.date in here
    if dated:
        where["date"] = args.date
    places = _io.read_csv([args.locations], where, KINDS)
    cases = _io.read_csv([args.cases], case, KINDS)
    row_of: dict[str, int] = {}
    for row, name in enumerate(places["id"]):
        first = row_of.setdefault(name, row)
        if (places["x"][first], places["y"][first]) != (places["x"][row], places["y"][row]):
            raise _io.FileProblem(f"{args.locations}: the place {name!r} is at two coordinates.")
    unknown = [name for name in cases["id"] if name not in row_of]
    if unknown:
        raise _io.FileProblem(f"{args.cases}: the place {unknown[0]!r} is not in {args.locations}.")
    at = np.array([row_of[name] for name in cases["id"]], np.int64)
    values, measure_at, when = None, at, cases.get("date")
    if of_places:
        values, measure_at, when = places[kind], np.arange(len(places["id"])), places.get("date")
    elif measure:
        values = cases[kind]
    return _Data(
        places["x"],
        places["y"],
        places["id"],
        at,
        cases.get("date"),
        cases.get("count", np.ones(len(at), np.int64)),
        values,
        measure_at,
        when,
        of_places,
    )


def _day(text: str | None, dates: np.ndarray | None, option: str) -> int | None:
    if text is None:
        return None
    try:
        if dates is not None and dates.dtype.kind == "M":
            return int(np.datetime64(text, "D").astype(np.int64))
        return int(text)
    except ValueError:
        raise _io.FileProblem(f"{option}: {text!r} is not a day as in the date column.") from None


def _within(data: _Data, first: int | None, last: int | None) -> _Data:
    """Without the rows before --from and after --until; the places stay."""

    def inside(dates: np.ndarray) -> np.ndarray:
        days = _io.day_numbers(dates)
        return (days >= (days if first is None else first)) & (days <= (days if last is None else last))

    if data.date is None or (first is None and last is None):
        return data
    keep = inside(data.date)
    kept = replace(data, place=data.place[keep], date=data.date[keep], count=data.count[keep])
    if data.measure is None or data.measure_date is None:
        return kept
    also = inside(data.measure_date)
    return replace(
        kept,
        measure=data.measure[also],
        measure_place=data.measure_place[also],
        measure_date=data.measure_date[also],
    )


def _scan(model: str, data: _Data, args: argparse.Namespace, progress: Any) -> ScanResult:
    from samverkan.analysis import scan
    from samverkan.analysis.errors import BadInput

    options: Options = scan.Options(
        max_radius=args.max_radius,
        max_share=args.max_share,
        min_cases=args.min_cases,
        max_clusters=args.max_clusters,
        replicates=args.replicates,
        seed=args.seed,
        stop_after=args.stop_after,
        every_days=args.every,
        geographic=bool(args.lon),
        workers=args.workers,
        progress=progress,
    )
    day = None if data.date is None else _io.day_numbers(data.date)
    time: dict[str, Any] = {
        "prospective": args.prospective,
        "max_days": args.max_days,
        "first_day": _day(args.first, data.date, "--from"),
        "last_day": _day(args.last, data.date, "--until"),
        "options": options,
    }
    if model == "permutation":
        assert day is not None
        return scan.permutation_scan(data.x, data.y, day, place=data.place, count=data.count, **time)
    assert data.measure is not None
    when = None if data.measure_date is None else _io.day_numbers(data.measure_date)
    if model == "poisson":
        return scan.poisson_scan(
            data.x,
            data.y,
            count=data.count,
            day=day,
            place=data.place,
            expected=data.measure,
            expected_place=data.measure_place,
            expected_day=when,
            **time,
        )
    if not data.apart:
        return scan.bernoulli_scan(
            data.x, data.y, count=data.count, controls=data.measure, day=day, place=data.place, **time
        )
    # Controls stand in the file of places: the rows of both files, one after the other.
    if day is not None and when is None:
        raise BadInput("controls: the cases have dates, so the controls need them too.")
    return scan.bernoulli_scan(
        data.x,
        data.y,
        count=np.concatenate((data.count, np.zeros(len(data.measure), np.int64))),
        controls=np.concatenate((np.zeros(len(data.count), np.int64), data.measure)),
        day=None if day is None or when is None else np.concatenate((day, when)),
        place=np.concatenate((data.place, data.measure_place)),
        **time,
    )


def _plain(cluster: Cluster, data: _Data, result: ScanResult, dates: np.ndarray) -> dict[str, Any]:
    """A cluster as in the JSON."""
    return {
        "rank": cluster.rank,
        "statistic": cluster.statistic,
        "p_value": cluster.p_value,
        "p_gumbel": cluster.p_gumbel,
        "recurrence_interval_days": cluster.recurrence_interval_days,
        "observed": cluster.observed,
        "expected": cluster.expected,
        "start": None if cluster.start is None else _io.day_label(cluster.start, dates),
        "end": None if cluster.end is None else _io.day_label(cluster.end, dates),
        "radius_m": cluster.radius_m,
        "centre": list(cluster.centre),
        "members": [data.names[result.place_row[place]] for place in cluster.members],
    }


def _labelled(parameters: dict[str, Any], dates: np.ndarray) -> dict[str, Any]:
    days = {k: _io.day_label(parameters[k], dates) for k in ("first_day", "last_day") if parameters[k] is not None}
    return parameters | days


def _map(args: argparse.Namespace, result: ScanResult, clusters: list[dict[str, Any]]) -> None:
    """Each cluster's circle, or its point when it is one place."""
    features = []
    for cluster, plain in zip(result.clusters, clusters, strict=True):
        x, y = cluster.centre
        shape = _io.point(x, y)
        if cluster.radius_m > 0:
            shape = _io.polygon(_ring(x, y, cluster.radius_m, bool(args.lon)))
        features.append((shape, plain))
    _io.write_map(args.map, features, crs=None if args.lon else args.crs)


def _ring(x: float, y: float, radius: float, geographic: bool) -> list[tuple[float, float]]:
    corners = []
    for k in range(64):
        angle = 2 * math.pi * k / 64
        if not geographic:
            corners.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
            continue
        from samverkan.analysis._scan_circles import EARTH_RADIUS

        lat, far = math.radians(y), radius / EARTH_RADIUS
        up = math.asin(math.sin(lat) * math.cos(far) + math.cos(lat) * math.sin(far) * math.sin(angle))
        side = math.atan2(math.cos(angle) * math.sin(far) * math.cos(lat), math.cos(far) - math.sin(lat) * math.sin(up))
        corners.append((x + math.degrees(side), math.degrees(up)))
    return corners


def _plot(path: str, data: _Data, result: ScanResult, clusters: list[dict[str, Any]]) -> None:
    """The places with cases, and a ring for each cluster."""
    from samverkan.cli.analyse import _svg

    if not len(data.x):
        raise _io.FileProblem("--plot: there are no places to draw.")
    # Degrees of longitude shrink with latitude; a ring's radius is drawn in degrees north.
    shrink, unit = 1.0, 1.0
    if result.parameters["distance"] == "great-circle":
        shrink = math.cos(math.radians(float(np.mean(data.y))))
        unit = math.radians(1.0) * result.parameters["earth_radius_m"]
    pairs = np.unique(np.column_stack((data.x[data.place], data.y[data.place])), axis=0)
    pairs = pairs if len(pairs) else np.column_stack((data.x, data.y))
    spread = max(float(np.ptp(data.x)) * shrink, float(np.ptp(data.y)), 1e-9) * 0.05
    axes = _svg.Axes(
        f"{len(clusters)} clusters among {result.cases} cases at {result.locations} places",
        x=(float(data.x.min()) * shrink - spread, float(data.x.max()) * shrink + spread),
        y=(float(data.y.min()) - spread, float(data.y.max()) + spread),
        size=(720, 720),
        square=True,
    )
    axes.points(list(pairs[:, 0] * shrink), list(pairs[:, 1]), radius=2)
    for cluster, plain in zip(result.clusters, clusters, strict=True):
        told = f"{plain['rank']}: {plain['observed']} cases, {plain['expected']:.3g} expected, p {plain['p_value']}"
        axes.ring(cluster.centre[0] * shrink, cluster.centre[1], cluster.radius_m / unit, told)
        axes.drawing.text(
            axes.x(cluster.centre[0] * shrink) + 6, axes.y(cluster.centre[1]) - 6, str(plain["rank"]), size=13
        )
    _io.write_plot(path, str(axes))
