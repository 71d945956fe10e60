"""Who may see and record incidents."""

from samverkan.foundation.people.models import PRIVATE_KINDS

_RAW = {"coordinator", "reviewer"}

PERMISSIONS = {
    # Each incident with its own text: those who compile the picture.
    "incidents.view": _RAW | {"municipal_police"},
    "incidents.edit": _RAW,
    # Reports enter the store when they are accepted in review.
    "incidents.record": _RAW,
    "incidents.import": {"coordinator", "administrator"},
    "incidents.categories": {"coordinator", "administrator"},
}

# Not authorities, so never others' raw text, whatever the seat is called.
NOT_FOR = dict.fromkeys(PERMISSIONS, PRIVATE_KINDS)
