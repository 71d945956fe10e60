"""Sentences in the reader's language where Django runs, and as they are written where it does not.

The reader serves pages, commands and ``analyse``; the last starts without Django and stays so.
"""

from __future__ import annotations

import sys


def _(text: str) -> str:
    """The translation of a sentence; the sentence itself in a process without Django's settings."""
    translation, conf = sys.modules.get("django.utils.translation"), sys.modules.get("django.conf")
    if translation is None or conf is None or not conf.settings.configured:
        return text
    return str(translation.gettext(text))
