"""Who may see and change problems and measures."""

PERMISSIONS = {
    # All measures of the installation; everybody else sees those of the own organisation.
    "measures.view_all": {
        "coordinator",
        "reviewer",
        "municipal_police",
        "forum_secretary",
        "member",
        "manager",
        "elected",
        "auditor",
    },
    "measures.view": {
        "coordinator",
        "reviewer",
        "municipal_police",
        "forum_secretary",
        "member",
        "manager",
        "elected",
        "auditor",
        "measure_owner",
        "est_reporter",
    },
    "measures.manage": {"coordinator", "municipal_police"},
    # Say how far it has come: the one responsible (asked in the service), and those who manage.
    "measures.follow": {"coordinator", "municipal_police", "measure_owner", "est_reporter", "manager", "member"},
}
