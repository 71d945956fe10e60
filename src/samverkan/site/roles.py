"""The roles that several rooms share, and what they may do on the pages of the foundation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samverkan.foundation import access, registries
from samverkan.foundation.access.roles import roles
from samverkan.foundation.people.models import MUNICIPAL_KINDS, OrganisationKind

#: Permissions of the foundation and the roles that hold them beside its own.
GIVEN = {
    "people.view": {"coordinator", "reviewer", "municipal_police"},
    "people.invite": {"coordinator"},
    "people.manage": {"coordinator"},
    "settings.view": {"coordinator", "reviewer", "manager"},
    "settings.change": {"coordinator"},
    "profile.contacts": {"desk", "coordinator"},
}
#: Those who follow the work more than they do it.
FOLLOW = {"elected", "manager", "member", "forum_secretary", "registrar", "auditor"}


def ready() -> None:
    """Fill the registries."""
    roles.add("coordinator", _("Coordinator"), order=10, held_in=MUNICIPAL_KINDS)
    roles.add("municipal_police", _("Municipal police officer"), order=30, held_in={OrganisationKind.POLICE})
    roles.add("forum_secretary", _("Secretary"), order=60, held_in=MUNICIPAL_KINDS)
    roles.add("member", _("Member"), order=70)
    roles.add("manager", _("Manager"), order=80)
    roles.add("elected", _("Elected representative"), order=90, held_in=MUNICIPAL_KINDS)
    roles.add("desk", _("Contact centre"), order=100, held_in=MUNICIPAL_KINDS)
    access.give(GIVEN)
    registries.navigation.show("people_more", {"coordinator"})
    registries.navigation.show("settings_more", {"coordinator"})
    registries.start_pages.add("desk", "contact_centre")
    for role in FOLLOW:
        registries.start_pages.add(role, "overview")
    registries.navigation.add("overview", _("Overview"), "overview", FOLLOW, _("The week"), 1)
    registries.navigation.add(
        "contact_centre", _("Look up and refer"), "contact_centre", {"desk"}, _("Contact centre"), 5
    )
