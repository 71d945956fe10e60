"""Invite somebody to a seat and print the private link, such as for the first administrator.

Whoever opens the link chooses a password and sets up the second step. The invitation is mailed too,
when a worker runs. Everybody after the first administrator is better invited on the page of people.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from samverkan.cli import Failure, runtime

if TYPE_CHECKING:
    from samverkan.foundation.people.models import Invitation, Organisation

EXAMPLE = "samverkan invite NAME@example.org --role administrator --function Systemadministratör"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom, to which seat."""
    runtime.add_data_argument(parser)
    parser.add_argument("email", metavar="EMAIL", help="the address of the one who is invited")
    parser.add_argument("--role", required=True, help="the code of the role, such as administrator or coordinator")
    parser.add_argument("--organisation", metavar="NAME", default="", help="otherwise the municipality itself")
    parser.add_argument("--function", metavar="TEXT", default="", help="what the seat is called; otherwise as the role")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Make the invitation, and say where it leads and how long it holds."""
    with runtime.installation(args):
        from samverkan.foundation import clock
        from samverkan.foundation.people import invitations

        _only_migrated()
        invitation = _invite(args)
        link, until = invitations.link_of(invitation), clock.local(invitation.expires_at)
        if args.json:
            runtime.emit_json(
                {
                    "email": invitation.email,
                    "role": invitation.role,
                    "organisation": invitation.organisation.name,
                    "function": invitation.function,
                    "link": link,
                    "expires_at": invitation.expires_at.isoformat(),
                }
            )
        else:
            from django.utils.translation import gettext as _

            print(
                _("Invitation to {email}: {role}, {organisation}. The link holds until {date}:").format(
                    email=invitation.email,
                    role=invitation.get_role_display(),
                    organisation=invitation.organisation.name,
                    date=f"{until:%Y-%m-%d %H:%M}",
                )
            )
            print(link)
    return 0


def _only_migrated() -> None:
    """A database of one's own is migrated only when somebody says so."""
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils.translation import gettext as _

    try:
        executor = MigrationExecutor(connection)
    except OperationalError:
        raise Failure(_("The database does not answer. Look at DATABASE_URL and at its log.")) from None
    behind = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if behind:
        raise Failure(_("{number} migrations are missing. Run: samverkan manage migrate").format(number=behind))


def _invite(args: argparse.Namespace) -> Invitation:
    from django.utils.translation import gettext as _

    from samverkan.foundation.access import SYSTEM
    from samverkan.foundation.access.roles import roles
    from samverkan.foundation.people import invitations
    from samverkan.foundation.web.errors import Refusal

    if roles.get(args.role) is None:
        raise Failure(
            _("There is no role '{role}'. Use one of: {roles}.").format(role=args.role, roles=", ".join(roles.codes()))
        )
    try:
        return invitations.invite(
            SYSTEM,
            email=args.email,
            organisation=_organisation(args.organisation),
            role=args.role,
            function=args.function,
        )
    except Refusal as refusal:
        raise Failure(refusal.message) from refusal


def _organisation(name: str) -> Organisation:
    from django.utils.translation import gettext as _

    from samverkan.foundation.people.models import Organisation
    from samverkan.foundation.postgres.functions import SvSort

    known = Organisation.objects.order_by(SvSort("name"))
    found = known.filter(name=name).first() if name else known.filter(is_home=True).first()
    if found is not None:
        return found
    if not known.exists():
        raise Failure(_("No municipality is loaded. Load its profile first: samverkan profile load FILE"))
    raise Failure(
        _("There is no organisation called '{name}'. Use one of: {names}.").format(
            name=name, names="; ".join(known.values_list("name", flat=True))
        )
    )
