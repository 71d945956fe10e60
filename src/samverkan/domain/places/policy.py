"""Who may see and change areas and places."""

_EVERY_SEAT = {
    "coordinator",
    "reviewer",
    "municipal_police",
    "est_reporter",
    "measure_owner",
    "forum_secretary",
    "member",
    "manager",
    "elected",
    "desk",
    "dpo",
    "registrar",
    "administrator",
    "auditor",
}

PERMISSIONS = {
    "places.view": _EVERY_SEAT,
    "places.manage": {"coordinator", "administrator"},
}
