"""Texts that many read are looked through for what looks like personal data; a person answers for each mark.

A room names the fields (``fields.add``) and looks them through where they are written (``look_through``): what is
marked is refused until it is taken out or somebody says that it may stand. Who lets many read at once, as when
something is locked, asks first whether anything is unanswered (``unanswered``). What comes from files is looked
through afterwards and waits in a list (``wait_for``).
"""

from .looking import (
    Marked,
    Unanswered,
    fields,
    let_stand,
    look_through,
    place_names,
    seen_in,
    settle,
    stand_reviewed,
    take_out,
    unanswered,
    wait_for,
    waiting,
)

__all__ = [
    "Marked",
    "Unanswered",
    "fields",
    "let_stand",
    "look_through",
    "place_names",
    "seen_in",
    "settle",
    "stand_reviewed",
    "take_out",
    "unanswered",
    "wait_for",
    "waiting",
]
