"""Settings that belong to no single room, and those several rooms ask for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .settings import declare

declare(
    "est.cycle_weeks", int, 1, _("How many weeks one EST cycle lasts."), check=lambda value: 1 <= value <= 8
)
declare(
    "est.meeting_weekday",
    int,
    0,
    _("The weekday of the EST meeting, Monday is 0."),
    check=lambda value: 0 <= value <= 6,
)
declare(
    "picture.suppress_below",
    int,
    5,
    _("Counts under this number are hidden from those who may not see them."),
    check=lambda value: 0 <= value <= 100,
)
declare("geo.epsg", int, 3006, _("The metric coordinate system, chosen when the installation is created."))
declare(
    "people.invitation_days",
    int,
    14,
    _("How many days an invitation can be accepted."),
    check=lambda value: 1 <= value <= 90,
)
declare(
    "retention.notices_days",
    int,
    365,
    _("How many days notices are kept in the inbox."),
    check=lambda value: value >= 30,
)
declare(
    "retention.invitations_days",
    int,
    90,
    _("How many days an unused invitation is kept after it has expired."),
    check=lambda value: value >= 1,
)
