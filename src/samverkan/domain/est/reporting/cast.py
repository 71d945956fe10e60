"""Those of the demonstration's cast who report and review, and the invented bodies that they report for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samverkan.foundation.access.roles import roles
from samverkan.foundation.people.demo import bodies, cast
from samverkan.foundation.people.models import MUNICIPAL_KINDS, OrganisationKind

REPORTER, REVIEWER = "est_reporter", "reviewer"

_SCHOOL, _OTHER_SCHOOL = "Skolan vid Norr (påhittad)", "Skolan vid Söder (påhittad)"
_LANDLORD, _GUARDS = "Fastighetsbolaget Exempel (påhittat)", "Bevakningsbolaget Exempel (påhittat)"
_TRADE, _PUB = "Centrumföreningen Exempel (påhittad)", "Krogen Exempel (påhittad)"
_NIGHT = "Nattvandrarna Exempel (påhittade)"
_LEISURE, _SOCIAL = "Kultur- och fritidsförvaltningen", "Socialförvaltningen"


def ready() -> None:
    """Fill the registries."""
    roles.add(REVIEWER, _("Reviewer"), order=20, held_in=MUNICIPAL_KINDS | {OrganisationKind.POLICE})
    roles.add(REPORTER, _("Reporter"), order=40)
    bodies.add(10, _SCHOOL, OrganisationKind.SCHOOL)
    bodies.add(20, _OTHER_SCHOOL, OrganisationKind.SCHOOL)
    bodies.add(30, _LANDLORD, OrganisationKind.PRIVATE_LANDLORD)
    bodies.add(40, _GUARDS, OrganisationKind.GUARD_COMPANY)
    bodies.add(50, _TRADE, OrganisationKind.ASSOCIATION)
    bodies.add(60, _PUB, OrganisationKind.BUSINESS)
    bodies.add(70, _NIGHT, OrganisationKind.ASSOCIATION)
    week, partners = _("The week and the measures"), _("Partners")
    home = "Kommunledningskontoret"
    # fmt: off
    cast.add(20, "granskare", "Granskare", REVIEWER, home, week, "Rapporter som väntar på granskning")
    cast.add(90, "bostadsbolag", "Rapportör på bostadsbolaget", REPORTER, "Kfast", partners, "Rapportera på telefonen", substitute="bostadsbolag.ersattare")
    cast.add(100, "bostadsbolag.ersattare", "Ersättare på bostadsbolaget", REPORTER, "Kfast", partners, "Hoppar in vid frånvaro")
    cast.add(110, "skola", "Rapportör på en skola", REPORTER, _SCHOOL, partners, "Inget att rapportera")
    cast.add(120, "skola.soder", "Rapportör på en annan skola", REPORTER, _OTHER_SCHOOL, partners, "Har inte svarat")
    cast.add(130, "fritid", "Rapportör på fritidsgården", REPORTER, _LEISURE, partners, "Kvällar och helger")
    cast.add(140, "socialtjanst", "Rapportör på fältgruppen", REPORTER, _SOCIAL, partners, "Avidentifierade iakttagelser")
    cast.add(150, "hyresvard", "Rapportör hos en hyresvärd", REPORTER, _LANDLORD, partners, "Ser bara sina egna rapporter")
    cast.add(160, "ordningsvakt", "Rapportör hos vakterna", REPORTER, _GUARDS, partners, "Ser bara sina egna rapporter")
    cast.add(170, "centrum", "Rapportör i centrum", REPORTER, _TRADE, partners, "Handeln och torgen")
    cast.add(180, "krogare", "Krögare", REPORTER, _PUB, partners, "Kvällar och lönehelger")
    cast.add(190, "nattvandrare", "Nattvandrarförening", REPORTER, _NIGHT, partners, "Pass i helgen")
    # fmt: on
