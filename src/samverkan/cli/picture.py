"""``samverkan picture``: the picture in numbers, for people and for scripts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from samverkan.cli import Failure

from .runtime import add_data_argument, emit_json, installation

EXAMPLE = "./samverkan picture summary --from 2026-W44 --to 2026-W47 --municipality Eskilstuna --json"
WEEK_EXAMPLE = "./samverkan picture week 2026-W47 --out vecka-47.pdf"

_LISTS = {
    "kind": "event, development or place_feature",
    "category": "a category's code or name; a main category means its sub categories too",
    "area": "an area's code or name; unknown for none",
    "municipality": "a municipality's name; unknown for none",
    "source": "a source's code or name",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="what", required=True, metavar="summary|week")
    summary = parts.add_parser(
        "summary",
        help="how many incidents there are, and of what",
        epilog=f"example:\n  {EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    summary.add_argument(
        "--from", dest="first", default="", metavar="WHEN", help="a week (2026-W44) or a day (2026-10-26)"
    )
    summary.add_argument("--to", dest="last", default="", metavar="WHEN", help="a week or a day, included")
    for name, meaning in _LISTS.items():
        summary.add_argument(f"--{name}", action="append", default=[], help=f"{meaning} (may be given again)")
    summary.add_argument(
        "--as", dest="email", default="", metavar="EMAIL", help="as this person sees it, small counts hidden"
    )
    summary.add_argument("--json", action="store_true", help="print one JSON object; hidden counts are null")
    add_data_argument(summary)
    week = parts.add_parser(
        "week",
        help="a week of EST as a document",
        epilog=f"example:\n  {WEEK_EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    week.add_argument("week", help="an ISO week, as 2026-W47; a week in a longer cycle means the cycle")
    week.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="FILE",
        help="the file to write: .pdf, .docx, .html or .json; the latest locked edition, or the week so far",
    )
    add_data_argument(week)


def run(args: argparse.Namespace) -> int:
    return _week(args) if args.what == "week" else _summary(args)


def _week(args: argparse.Namespace) -> int:
    """Write the latest locked edition of a week, or the week as it stands, marked as not locked."""
    from samverkan.foundation.weeks import Week

    try:
        asked = Week.parse(args.week)
    except ValueError as refusal:
        raise Failure(f"samverkan: {refusal}") from refusal
    form = args.out.suffix.lower().removeprefix(".")
    if form not in {"pdf", "docx", "html", "json"}:
        raise Failure(
            f"samverkan: {args.out} is not a kind of file that a week is written as. End it with .pdf, .docx, .html or .json."
        )
    with installation(args):
        from django.utils import translation

        from samverkan.domain.est import api as est
        from samverkan.foundation.access import SYSTEM

        first = est.first_of(asked, est.length())
        if first > Week.current():
            raise Failure(f"samverkan: {asked} has not begun.")
        try:
            found = est.edition(SYSTEM, first)
        except est.Edition.DoesNotExist:
            with translation.override(est.LANGUAGE):
                document = est.render(est.build(SYSTEM, est.look(SYSTEM, first)), form)
        else:
            document = est.render(est.kept(found.content), form, found.seal)
    try:
        args.out.write_bytes(document)
    except OSError as error:
        raise Failure(f"samverkan: {args.out} cannot be written: {error.strerror}.") from error
    return 0


def _summary(args: argparse.Namespace) -> int:
    with installation(args):
        from samverkan.domain.picture import api as picture
        from samverkan.foundation.access import SYSTEM, Refused
        from samverkan.foundation.people.selectors import actor_for_email
        from samverkan.foundation.web.errors import Refusal

        try:
            actor = actor_for_email(args.email) if args.email else SYSTEM
            question = {"from": args.first, "to": args.last, **{name: getattr(args, name) for name in _LISTS}}
            groupings = tuple(g for g in picture.GROUPINGS if g not in {"hour", "hexagon"})
            found = picture.ask(actor, question).summary(groupings)
        except (Refusal, LookupError) as refusal:
            finer = isinstance(refusal, Refusal) and refusal.code == "suppressed"
            raise Failure(
                f"samverkan: {args.email} may not ask so finely. {refusal}" if finer else f"samverkan: {refusal}"
            ) from refusal
        except Refused as refused:
            raise Failure(f"samverkan: {args.email} may not see the picture ({refused.permission}).") from refused
    if args.json:
        emit_json(found.as_json())
    else:
        print(_in_words(found.as_json()))
    return 0


def _in_words(answer: dict[str, Any]) -> str:
    """The answer as indented lines, as JSON has it."""
    least = answer["at_least"]
    lines = [f"total  {_number(answer['total'], least['total'])}"]
    for name, counts in answer["by"].items():
        lines.append(f"\n{name}")
        if counts is None:
            lines.append("  not shown with this filter")
            continue
        width = max((len(key) for key in counts), default=0)
        known = least["by"].get(name, {})
        lines += [f"  {key.ljust(width)}  {_number(value, known.get(key))}" for key, value in counts.items()]
    return "\n".join(lines)


def _number(value: int | None, at_least: int | None) -> str:
    if value is None:
        return f"at least {at_least}" if at_least else "not shown"
    return str(value)
