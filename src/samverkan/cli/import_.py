"""``samverkan import``: incidents, areas and places from files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from samverkan.cli import progress

from .runtime import add_data_argument, emit_json, installation

EXAMPLE = """\
examples:
  ./samverkan import incidents events.jsonl.gz --profile polisen
  ./samverkan import incidents shootings.csv.gz --mapping new-york.toml --json
  ./samverkan import areas districts.geojson --scheme district --edition 2026
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    kinds = parser.add_subparsers(dest="what", required=True, metavar="incidents|areas|places")
    incidents = kinds.add_parser("incidents", help="incidents from CSV, XLSX, JSON, JSONL, GeoJSON or gzip of these")
    incidents.add_argument("files", nargs="+", type=Path, metavar="FILE")
    incidents.add_argument("--profile", default="", help="polisen (the police's event feed), or a saved profile's name")
    incidents.add_argument("--mapping", type=Path, help="a TOML file that says which column is what")
    incidents.add_argument("--dry-run", action="store_true", help="read and check, store nothing")
    incidents.add_argument(
        "--epsg", type=int, help="coordinate system of a file that does not say (above the mapping's)"
    )
    incidents.add_argument(
        "--rejects", type=Path, help="where rejected rows are written (default: beside the first file's name, here)"
    )
    areas = kinds.add_parser("areas", help="areas from GeoJSON or GeoPackage in any coordinate system")
    areas.add_argument("files", nargs="+", type=Path, metavar="FILE")
    areas.add_argument("--scheme", required=True, help="code of the division, such as district, deso, police")
    areas.add_argument("--edition", required=True, help="name of the edition, such as 2025")
    areas.add_argument(
        "--valid-from", default="", help="first day it holds, YYYY-MM-DD (default: 1 January of the edition's year)"
    )
    areas.add_argument("--name", default="", help="the column with the area's name")
    areas.add_argument("--code", default="", help="the column with the area's code")
    areas.add_argument("--classification", default="", help="the column with a classification")
    areas.add_argument("--counted", action="store_true", help="incidents are counted in these areas")
    areas.add_argument("--only", default="", help="keep only rows where COLUMN=VALUE")
    areas.add_argument("--epsg", type=int, help="coordinate system of a file that does not say")
    areas.add_argument("--source", default="", help="who made it, for the record")
    areas.add_argument("--licence", default="")
    places = kinds.add_parser("places", help="named places and addresses from CSV or GeoJSON")
    places.add_argument("files", nargs="+", type=Path, metavar="FILE")
    places.add_argument("--source", default="file", help="whose places they are; known by id or name within it")
    places.add_argument("--epsg", type=int, help="coordinate system of x and y, or of a file that does not say")
    for part in (areas, places):
        part.add_argument("--dry-run", action="store_true", help="read and tell, store nothing")
    for part in (incidents, areas, places):
        part.add_argument("--json", action="store_true", help="print the result as one JSON object")
        add_data_argument(part)


def run(args: argparse.Namespace) -> int:
    with installation(args):
        if args.what == "incidents":
            return _incidents(args)
        from samverkan.domain.places import api as places
        from samverkan.foundation.access import SYSTEM

        if args.what == "areas":
            result = places.import_areas(
                SYSTEM,
                paths=args.files,
                scheme=args.scheme,
                edition=args.edition,
                valid_from=args.valid_from,
                name_column=args.name,
                code_column=args.code,
                classification_column=args.classification,
                counted=args.counted,
                only=args.only,
                source=args.source,
                licence=args.licence,
                epsg=args.epsg,
                dry_run=args.dry_run,
            )
        else:
            result = places.import_places(
                SYSTEM, paths=args.files, source=args.source, epsg=args.epsg, dry_run=args.dry_run
            )
        if args.json:
            emit_json(result.as_dict())
        else:
            print(result.in_words())
        return 1 if result.problems else 0


def _incidents(args: argparse.Namespace) -> int:
    from samverkan.domain.incidents.api import (
        MappingError,
        import_files,
        load_mapping,
        mapping_by_name,
        rejects_file,
        told_in_words,
    )
    from samverkan.foundation.access import SYSTEM

    if not args.mapping and not args.profile:
        return _propose(args.files[0], args.epsg)
    try:
        mapping = load_mapping(args.mapping) if args.mapping else mapping_by_name(args.profile)
        mapping = mapping.in_system(args.epsg)
    except MappingError as problem:
        print(f"samverkan: {problem}", file=sys.stderr)
        return 2
    with progress(None, "import", "rader") as bar:
        counts = import_files(SYSTEM, paths=args.files, mapping=mapping, dry_run=args.dry_run, progress=bar.update)
    written = None
    if counts.rejects:
        written = args.rejects or Path(f"{args.files[0].name.split('.')[0]}-avvisade.csv")
        try:
            written.write_bytes(rejects_file(counts).encode("utf-8", "replace"))
        except OSError as error:
            # What was read is stored, and its figures are still wanted; the page of the import has the rows too.
            print(
                f"samverkan: {written} cannot be written: {error.strerror}. Say where with --rejects.", file=sys.stderr
            )
            written = None
    if args.json:
        emit_json(counts.as_dict())
    else:
        from django.utils.translation import gettext as _

        print(
            _(
                "{read} rows read: {created} new, {updated} updated, {unchanged} unchanged, {digests} new digests, {rejected} rejected."
            ).format(**{k: v for k, v in counts.as_dict().items() if k != "files"})
        )
        if counts.new_categories:
            words = _("New categories: {names}.") if not args.dry_run else _("Categories that would be new: {names}.")
            print(
                words.format(
                    names=", ".join(counts.new_categories[:20]) + (" …" if len(counts.new_categories) > 20 else "")
                )
            )
        for words in told_in_words(counts.told.as_dict()):
            print(words)
        for entry in counts.files:
            print(f"{entry['name']}: {entry['problem']}")
        for name, line, why, _row in counts.rejects[:20]:
            print(_("{file}, row {line}: {why}").format(file=name, line=line, why=why))
        if written:
            print(_("The rejected rows are in {path}. Mend them and import that file.").format(path=written))
    everything_failed = counts.files and not counts.read
    return 1 if everything_failed else 0


def _propose(path: Path, epsg: int | None = None) -> int:
    """Nobody has said how the file is read: show how it would be, and what to ask a person for."""
    from django.utils.translation import gettext as _

    from samverkan.domain.incidents.api import (
        MappingError,
        as_stored,
        categories_met,
        checked_proposal,
        propose,
        to_answer,
    )
    from samverkan.foundation.reading import BadFile

    try:
        proposal = propose(path, epsg=epsg)
        mapping = checked_proposal(proposal)
        rows = as_stored(path, mapping) if mapping else []
        if mapping and (answers := to_answer(categories_met(path, mapping), mapping)):
            proposal.mapping["points"] = answers
    except (BadFile, MappingError) as problem:
        print(f"{path.name}: {problem}", file=sys.stderr)
        return 2
    for words in proposal.in_words():
        print(f"# {words}")
    print(proposal.as_toml())
    for row in rows:
        told = row.problem or " | ".join(filter(None, (row.when, row.category, row.where, row.title)))
        print(_("{file}, row {line}: {why}").format(file=path.name, line=row.line, why=told))
    for question in proposal.questions:
        print(question)
    print(
        _(
            "Nothing has been stored. Save the lines above as mapping.toml, change what is wrong, and give --mapping mapping.toml. "
            "The police's events are read with --profile polisen."
        ),
        file=sys.stderr,
    )
    return 2
