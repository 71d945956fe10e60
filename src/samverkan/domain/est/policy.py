"""Who may do what in the week, in reporting and in review."""

from samverkan.foundation.people.models import PRIVATE_KINDS

PERMISSIONS = {
    # The week while it is put together.
    "est.week": {"coordinator", "reviewer", "municipal_police"},
    "est.lead": {"coordinator"},
    # Locked weeks: everybody who takes part.
    "est.released": {
        "coordinator",
        "reviewer",
        "municipal_police",
        "est_reporter",
        "measure_owner",
        "forum_secretary",
        "member",
        "manager",
        "elected",
        "dpo",
        "registrar",
        "auditor",
    },
    "est.report": {"est_reporter", "municipal_police", "coordinator", "reviewer"},
    "est.review": {"coordinator", "reviewer"},
    "est.reporters": {"coordinator"},
}

# Not authorities, so never others' raw text, whatever the seat is called.
NOT_FOR = dict.fromkeys(("est.week", "est.lead", "est.review", "est.reporters"), PRIVATE_KINDS)
