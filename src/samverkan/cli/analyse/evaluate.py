"""`samverkan analyse evaluate`: did it work."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from samverkan.cli.analyse import _io

if TYPE_CHECKING:
    import numpy as np

EXAMPLE = (
    "samverkan analyse evaluate wdd --treated 130,74 --control 133,91\n"
    "  samverkan analyse evaluate wdq tests/data/analysis/evaluate_areas.csv --role role --before before --after after\n"
    "  samverkan analyse evaluate e-test --counts 36,19 --periods 12,9 --json\n"
    "  samverkan analyse evaluate did tests/data/analysis/evaluate_panel.csv --unit area --period month "
    "--treatment treated --outcome events\n"
    "  samverkan analyse evaluate its tests/data/analysis/evaluate_months.csv --date month --count events "
    "--change 2023-10-01\n"
    "  samverkan analyse evaluate burst tests/data/analysis/evaluate_burst.csv --first 2026-01-01 --last 2026-06-30"
)
ROLES = {
    "treated": "treated",
    "response": "treated",
    "control": "control",
    "displacement": "displacement",
    "buffer": "displacement",
    "displacement_control": "displacement_control",
    "buffer_control": "displacement_control",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the methods and their options."""
    methods = parser.add_subparsers(dest="evaluation", metavar="METHOD", required=True)

    def method(name: str, words: str, *, plot: bool = False) -> argparse.ArgumentParser:
        sub = methods.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        _io.add_input(sub, nargs="*")
        _io.add_output(sub, plot=plot)
        sub.add_argument("--level", type=float, default=0.95, help="of the interval")
        sub.add_argument("--picked-high", action="store_true", help="the area was picked as its figure was high")
        return sub

    wdd = method("wdd", "weighted displacement difference, with its standard error")
    _areas(wdd)
    wdd.add_argument("--displacement-control", type=_io.numbers, metavar="BEFORE,AFTER")
    wdd.add_argument("--periods", type=_io.numbers, default=[1, 1], metavar="BEFORE,AFTER")
    wdd.add_argument(
        "--sizes", type=_io.numbers, metavar="T,C[,D,DC]", help="sizes of the areas, in the order of the options"
    )
    wdd.add_argument("--kind", metavar="COLUMN", help="kind of event, with --harm")
    wdd.add_argument("--harm", metavar="COLUMN", help="weight of that kind")

    _areas(method("wdq", "weighted displacement quotient and total net effect"))

    e_test = method("e-test", "E-test of two Poisson rates, before and after")
    e_test.add_argument("--counts", type=_io.numbers, metavar="BEFORE,AFTER")
    e_test.add_argument("--before", default="before", metavar="COLUMN")
    e_test.add_argument("--after", default="after", metavar="COLUMN")
    e_test.add_argument("--periods", type=_io.numbers, default=[1, 1], metavar="BEFORE,AFTER")
    e_test.add_argument("--alternative", choices=("two-sided", "less", "greater"), default="two-sided")

    did = method("did", "difference in differences, of four counts or of a panel")
    _areas(did)
    did.add_argument("--unit", metavar="COLUMN", help="the area: makes it a panel")
    did.add_argument("--period", metavar="COLUMN", help="the period, for a panel")
    did.add_argument("--treatment", metavar="COLUMN[,COLUMN]", help="1 where and when in place; two are multiplied")
    did.add_argument("--outcome", metavar="COLUMN", help="events, for a panel")
    did.add_argument("--model", choices=("poisson", "ols"), default="poisson", help="of the panel")
    did.add_argument("--replicates", type=int, default=0, help="permutations over the areas")
    did.add_argument("--seed", type=int, default=1)

    its = method("its", "interrupted time series; one row is one period", plot=True)
    its.add_argument("--count", default="count", metavar="COLUMN")
    its.add_argument("--date", metavar="COLUMN", help="first day of the period; sorts the rows")
    its.add_argument("--exposure", metavar="COLUMN", help="people or days at risk")
    its.add_argument("--change", required=True, help="first period after: its date, or its row from 1")
    its.add_argument("--season", type=float, default=12, help="periods in a year (default 12)")
    its.add_argument("--harmonics", type=int, default=1, help="waves of the season (default 1)")
    its.add_argument("--no-slope", action="store_true", help="a change of level only")
    its.add_argument(
        "--newey-west", type=int, metavar="LAGS", help="a standard error that bears autocorrelation (Newey and West)"
    )

    burst = method("burst", "more events in some week than chance gives somewhere", plot=True)
    burst.add_argument("--date", default="date", metavar="COLUMN")
    burst.add_argument("--first", metavar="DATE", help="first day observed")
    burst.add_argument("--last", metavar="DATE", help="last day observed")
    burst.add_argument("--window", type=int, default=7, metavar="DAYS")
    burst.add_argument("--rate", type=float, help="events a day known from elsewhere")
    burst.add_argument("--replicates", type=int, default=999)
    burst.add_argument("--seed", type=int, default=1)


def _areas(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", default="role", metavar="COLUMN", help=", ".join(ROLES))
    parser.add_argument("--before", default="before", metavar="COLUMN")
    parser.add_argument("--after", default="after", metavar="COLUMN")
    for name in ("treated", "control", "displacement"):
        parser.add_argument(f"--{name}", type=_io.numbers, metavar="BEFORE,AFTER")


def run(args: argparse.Namespace) -> int:
    """Read, compute, write."""
    result = _METHODS[args.evaluation](args)
    shown = {"method": args.evaluation} | _io.jsonable(result)
    if args.json:
        _io.write_json(shown)
        return 0
    low, high = shown["interval"]
    _io.print_table(
        ["", "estimate", "se", "z", "p", "low", "high"],
        [[args.evaluation, shown["estimate"], shown["se"], shown["z"], shown["p_value"], low, high]],
    )
    own = {k: _in_words(v) for k, v in shown.items() if k not in _COMMON and _short(v)}
    if own:
        _io.print_table(["", "value"], own.items())
    _io.print_warnings(shown["warnings"])
    return 0


def _short(value: Any) -> bool:
    """Whether a figure fits on a line; the rest is for --json."""
    return value is not None and not isinstance(value, dict) and (not isinstance(value, list) or len(value) == 2)


def _in_words(value: Any) -> Any:
    return ", ".join("–" if v is None else f"{v:.4g}" for v in value) if isinstance(value, list) else value


_COMMON = {"method", "estimate", "se", "z", "p_value", "interval", "parameters", "warnings"}


def _counts(args: argparse.Namespace) -> dict[str, list[float]]:
    """Counts (before, after) of each role, from the options or added up from the files."""
    if not args.files:
        names = ("treated", "control", "displacement", "displacement_control")
        found = {name: getattr(args, name, None) for name in names}
        counts = {name: value for name, value in found.items() if value is not None}
    else:
        table = _read_areas(args, {})
        counts = {}
        for role, before, after in zip(table["role"], table["before"], table["after"], strict=True):
            sums = counts.setdefault(ROLES[role], [0, 0])
            sums[0] += int(before)
            sums[1] += int(after)
    for name in ("treated", "control"):
        if name not in counts:
            raise _io.FileProblem(f"no {name} area: give a file with a row of that role, or --{name} BEFORE,AFTER.")
    return counts


def _read_areas(args: argparse.Namespace, more: dict[str, str]) -> dict[str, np.ndarray]:
    columns = {"role": args.role, "before": args.before, "after": args.after} | more
    kinds = {"role": "text", "before": "count", "after": "count", "kind": "text"}
    table = _io.read_csv(args.files, columns, kinds)
    for i, role in enumerate(table["role"]):
        if role not in ROLES:
            raise _io.FileProblem(f"column {args.role!r}, row {i + 1}: {role!r} is none of {', '.join(ROLES)}.")
    return table


def _wdd(args: argparse.Namespace) -> Any:
    from samverkan.analysis import evaluate

    common = {"periods": args.periods, "level": args.level, "picked_high": args.picked_high}
    if args.sizes:
        names = ("treated", "control", "displacement", "displacement_control")
        common["sizes"] = dict(zip(names, args.sizes, strict=False))
    if not args.harm:
        counts = _counts(args)
        return evaluate.wdd(
            counts["treated"],
            counts["control"],
            displacement=counts.get("displacement"),
            displacement_control=counts.get("displacement_control"),
            **common,
        )
    if not args.files:
        raise _io.FileProblem("--harm needs a file with a row for each area and kind of event.")
    more = {"harm": args.harm} | ({"kind": args.kind} if args.kind else {})
    table = _read_areas(args, more)
    kinds = table["kind"] if args.kind else table["harm"]
    weight: dict[Any, float] = {}
    for kind, harm in zip(kinds, table["harm"], strict=True):
        if weight.setdefault(kind, float(harm)) != float(harm):
            raise _io.FileProblem(f"the kind {kind!r} has two weights, {weight[kind]} and {harm}.")
    order = {kind: i for i, kind in enumerate(weight)}
    by_role: dict[str, list[list[float]]] = {}
    for role, kind, before, after in zip(table["role"], kinds, table["before"], table["after"], strict=True):
        rows = by_role.setdefault(ROLES[role], [[0, 0] for _ in order])
        rows[order[kind]][0] += int(before)
        rows[order[kind]][1] += int(after)
    for name in ("treated", "control"):
        if name not in by_role:
            raise _io.FileProblem(f"no {name} area: the file has no row of that role.")
    return evaluate.wdd(
        by_role["treated"],
        by_role["control"],
        displacement=by_role.get("displacement"),
        displacement_control=by_role.get("displacement_control"),
        harm=list(weight.values()),
        **common,
    )


def _wdq(args: argparse.Namespace) -> Any:
    from samverkan.analysis import evaluate

    counts = _counts(args)
    if "displacement" not in counts:
        raise _io.FileProblem("no displacement area (buffer): the quotient needs one; else use wdd.")
    return evaluate.wdq(counts["treated"], counts["displacement"], counts["control"], picked_high=args.picked_high)


def _e_test(args: argparse.Namespace) -> Any:
    from samverkan.analysis import evaluate

    counts = args.counts
    if args.files:
        columns = {"before": args.before, "after": args.after}
        table = _io.read_csv(args.files, columns, {"before": "count", "after": "count"})
        counts = [int(table["before"].sum()), int(table["after"].sum())]
    elif counts is None:
        raise _io.FileProblem("give a file, or --counts BEFORE,AFTER.")
    return evaluate.e_test(
        counts,
        periods=args.periods,
        alternative=args.alternative,
        level=args.level,
        picked_high=args.picked_high,
    )


def _did(args: argparse.Namespace) -> Any:
    from samverkan.analysis import evaluate

    if not args.unit:
        counts = _counts(args)
        return evaluate.did(counts["treated"], counts["control"], level=args.level, picked_high=args.picked_high)
    if not (args.files and args.period and args.treatment and args.outcome):
        raise _io.FileProblem("a panel needs a file, --unit, --period, --treatment and --outcome.")
    parts = args.treatment.split(",")
    columns = {"unit": args.unit, "period": args.period, "outcome": args.outcome}
    columns |= {f"treatment{i}": name for i, name in enumerate(parts)}
    table = _io.read_csv(args.files, columns, {"unit": "text", "period": "text"})
    treated = table["treatment0"]
    for i in range(1, len(parts)):
        treated = treated * table[f"treatment{i}"]
    with _io.progress(args.replicates, "permutations") as bar:
        return evaluate.panel(
            table["unit"].astype(str),
            _in_order(table["period"]),
            treated,
            table["outcome"],
            model=args.model,
            level=args.level,
            replicates=args.replicates,
            seed=args.seed,
            picked_high=args.picked_high,
            progress=bar.update,
        )


def _in_order(period: np.ndarray) -> np.ndarray:
    """Periods as numbers when they are (10 comes after 9), else as text (ISO dates sort well)."""
    try:
        return period.astype(float)
    except ValueError:
        return period.astype(str)


def _its(args: argparse.Namespace) -> Any:
    import numpy as np

    from samverkan.analysis import evaluate

    _need_files(args)
    columns = {"count": args.count}
    columns |= {k: v for k, v in (("date", args.date), ("exposure", args.exposure)) if v}
    table = _io.read_csv(args.files, columns, {"count": "count"})
    labels = None
    if args.date:
        order = np.argsort(table["date"], kind="stable")
        table = {name: column[order] for name, column in table.items()}
        labels = [str(d) for d in table["date"]]
        change = int(np.searchsorted(table["date"], _moment(args.change, table["date"])))
    else:
        change = _row(args.change) - 1
    fit = evaluate.interrupted(
        table["count"],
        change,
        season=args.season,
        harmonics=args.harmonics,
        slope=not args.no_slope,
        exposure=table.get("exposure"),
        newey_west=args.newey_west,
        level=args.level,
        picked_high=args.picked_high,
    )
    if args.plot:
        _io.write_plot(args.plot, _its_plot(table["count"], fit, change, labels))
    low, high = (float(v) for v in fit.interval[0])
    return {
        "estimate": float(fit.estimate[0]),
        "se": float(fit.se[0]),
        "z": float(fit.z[0]),
        "p_value": float(fit.p_value[0]),
        "interval": [low, high],
        "rate_ratio": float(np.exp(fit.estimate[0])),
        "rate_ratio_interval": [float(np.exp(low)), float(np.exp(high))],
        "difference": float(fit.difference[0]),
        "dispersion": float(fit.dispersion[0]),
        "autocorrelation": float(fit.autocorrelation[0]),
        "terms": list(fit.terms),
        "coefficients": fit.coefficients[0],
        "standard_errors": fit.standard_errors[0],
        "se_newey_west": None if fit.se_newey_west is None else fit.se_newey_west[0],
        "fitted": fit.fitted[0],
        "without": fit.without[0],
        "periods": fit.periods,
        "parameters": fit.parameters,
        "warnings": fit.warnings,
    }


def _its_plot(counts: np.ndarray, fit: Any, change: int, labels: list[str] | None) -> str:
    from samverkan.cli.analyse import _svg

    m = fit.periods
    top = max(float(counts.max()), float(fit.fitted.max()), float(fit.without.max()))
    axes = _svg.Axes(
        "Before and after the change",
        x=(0, m - 1),
        y=(0, top),
        y_label="events: points counted, line by the model, dashed had nothing changed",
        x_names=labels or [str(i + 1) for i in range(m)],
    )
    axes.points(list(range(m)), list(counts), fill=_svg.SUBTLE)
    axes.line(list(range(m)), list(fit.fitted[0]))
    axes.line(list(range(change, m)), list(fit.without[0][change:]), stroke=_svg.ATTENTION, dash="5 4")
    axes.mark(change - 0.5, "change")
    return str(axes)


def _burst(args: argparse.Namespace) -> Any:
    from samverkan.analysis import evaluate

    _need_files(args)
    day = _io.read_csv(args.files, {"date": args.date})["date"]
    with _io.progress(args.replicates, "chance") as bar:
        result = evaluate.burst(
            day,
            first=None if args.first is None else _moment(args.first, day),
            last=None if args.last is None else _moment(args.last, day),
            window=args.window,
            rate=args.rate,
            replicates=args.replicates,
            seed=args.seed,
            level=args.level,
            progress=bar.update,
        )
    if args.plot:
        _io.write_plot(args.plot, _burst_plot(day, result))
    shown: dict[str, Any] = _io.jsonable(result)
    for place, key in ((shown, "start"), (shown, "end"), (shown["parameters"], "first"), (shown["parameters"], "last")):
        place[key] = _io.day_label(place[key], day)
    if args.picked_high:
        shown["warnings"].append("The place was picked because its figure was high.")
    return shown


def _burst_plot(day: np.ndarray, result: Any) -> str:
    import numpy as np

    from samverkan.cli.analyse import _svg

    first, days = result.parameters["first"], result.days
    daily = np.bincount(_io.day_numbers(day) - first, minlength=days)
    window = result.parameters["window"]
    total = np.concatenate([[0], np.cumsum(daily)])
    sums = total[window:] - total[:-window]
    ends = list(range(window - 1, days))
    axes = _svg.Axes(
        f"Events in the last {window} days",
        x=(0, days - 1),
        y=(0, float(max(sums.max(), result.interval[1]))),
        y_label="band: the busiest window by chance",
        x_names=[str(_io.day_label(first + i, day)) for i in range(days)],
    )
    axes.band([0, days - 1], [result.interval[0]] * 2, [result.interval[1]] * 2)
    axes.line(ends, list(sums))
    return str(axes)


def _need_files(args: argparse.Namespace) -> None:
    if not args.files:
        raise _io.FileProblem("give a CSV file; - is standard input.")


def _moment(text: str, like: np.ndarray) -> Any:
    """A date option as a value of the kind that the column has."""
    import numpy as np

    try:
        return np.datetime64(text, "D") if like.dtype.kind == "M" else int(text)
    except ValueError:
        raise _io.FileProblem(f"{text!r} is not a date like 2026-03-29.") from None


def _row(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise _io.FileProblem(f"--change {text!r}: without --date, give the row, counted from 1.")
    return int(text)


_METHODS = {
    "wdd": _wdd,
    "wdq": _wdq,
    "e-test": _e_test,
    "did": _did,
    "its": _its,
    "burst": _burst,
}
