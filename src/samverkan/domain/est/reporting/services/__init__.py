"""What can be done with reports: written and sent, reviewed, and told that there is nothing to report."""

from .reports import MOST_PHOTOS, MOST_TEXT, OLDEST, Seen, change, discard, send, submit, withdraw

__all__ = ["MOST_PHOTOS", "MOST_TEXT", "OLDEST", "Seen", "change", "discard", "send", "submit", "withdraw"]
