"""Settings that belong to no single room, and those several rooms ask for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .settings import days, declare, kilometres, weeks

declare(
    "est.cycle_weeks",
    int,
    1,
    _("How many weeks one EST cycle lasts."),
    name=_("Length of an EST cycle"),
    least=1,
    most=8,
    unit=weeks,
)
declare(
    "picture.suppress_below",
    int,
    5,
    _(
        "Counts under this number are hidden from those who may not see them. A lower number shows more, and makes it "
        "easier to guess whom a count is about."
    ),
    name=_("Smallest number that is shown"),
    least=0,
    most=100,
)
declare(
    "picture.cover",
    str,
    "all",
    _(
        "Which reports the week and the picture count: choose only the home municipality where events of the whole country are "
        "read in. Locked weeks keep what they counted."
    ),
    name=_("The week and the picture's default cover"),
    choices=(("all", _("Every municipality")), ("home", _("Only the home municipality"))),
)
declare(
    "geo.epsg",
    int,
    3006,
    _("The metric coordinate system, chosen when the installation is created."),
    name=_("Coordinate system (EPSG)"),
    needs=None,
)
declare(
    "geo.far_km",
    int,
    50,
    _(
        "Points farther than this from the municipality's areas are refused when they are read in or marked. 0 is no limit, "
        "and rows without coordinates are not concerned."
    ),
    name=_("How far away a point may lie"),
    least=0,
    most=2000,
    unit=kilometres,
)
declare(
    "people.invitation_days",
    int,
    14,
    _("How many days an invitation can be accepted."),
    name=_("How long an invitation holds"),
    least=1,
    most=90,
    unit=days,
    needs="settings.operate",
)
declare(
    "retention.notices_days",
    int,
    365,
    _(
        "How many days notices are kept in the inbox. A lower number disposes of the older ones the night it begins to hold."
    ),
    name=_("Notices in the inbox"),
    least=30,
    most=3650,
    unit=days,
    needs="settings.operate",
)
declare(
    "retention.invitations_days",
    int,
    90,
    _("How many days an unused invitation is kept after it has expired."),
    name=_("Unused invitations"),
    least=1,
    most=3650,
    unit=days,
    needs="settings.operate",
)
