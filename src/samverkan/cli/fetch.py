"""``samverkan fetch``: from a source on the network into the store, within the publisher's limits.

Nothing is fetched unless this command is run. A contact address must be known; publishers want it.
"""

from __future__ import annotations

import argparse

from .runtime import add_data_argument, emit_json, installation

EXAMPLE = """\
./samverkan fetch polisen --contact trygghet@kommunen.example
  ./samverkan fetch polisen --follow
  ./samverkan fetch polisen --once --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["polisen"], help="polisen: the events that the police publish")
    parser.add_argument("--url", default="", help="another address of the same feed (https)")
    parser.add_argument("--contact", default="", help="e-mail or web address told to the publisher; kept as a setting")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="one call, then end (the default)")
    how.add_argument("--follow", action="store_true", help="a call every five minutes until stopped (Ctrl C)")
    parser.add_argument("--json", action="store_true", help="print each call's result as one line of JSON")
    add_data_argument(parser)


def run(args: argparse.Namespace) -> int:
    with installation(args):
        from django.db import close_old_connections

        from samverkan.cli import Failure
        from samverkan.domain.incidents import api as incidents
        from samverkan.foundation import municipality
        from samverkan.foundation.access import SYSTEM
        from samverkan.foundation.web.errors import Refusal

        try:
            fetcher = incidents.Fetcher(
                args.url or incidents.POLISEN, incidents.POLISEN_MAPPING, args.contact or incidents.contact()
            )
            if args.contact and args.contact != incidents.contact():
                municipality.put(SYSTEM, key=incidents.CONTACT, value=args.contact)
            well = True
            for found in fetcher.follow(SYSTEM) if args.follow else [fetcher.once(SYSTEM)]:
                well = found.well
                if args.json:
                    emit_json(found.as_dict())
                else:
                    print(f"{found.at:%Y-%m-%dT%H:%M:%SZ}  {found.words}", flush=True)
                close_old_connections()
        except Refusal as refusal:
            raise Failure(refusal.message) from refusal
        return 0 if well else 1
