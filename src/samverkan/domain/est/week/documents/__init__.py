"""A week as a document: accessible PDF, Word, one page of HTML, or the content itself.

Everything is made from the content that the week was locked with, never from the database, so that
an edition reads the same for ever: the same content gives the same bytes.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils import translation

from samverkan.foundation.editions import Seal, read, write

from ..content import Content, protected
from .compose import compose

#: Documents are in the language of those who work with the week.
LANGUAGE = "sv"

FORMS = ("pdf", "docx", "html", "json")


def render(content: Content, form: str, seal: Seal | None = None) -> bytes:
    """The week in one of ``FORMS``, as a reader may see it; ``seal`` when it is locked. ValueError for another form."""
    if form not in FORMS:
        raise ValueError(f"A week is written as one of {', '.join(FORMS)}, not {form}.")
    shown = protected(read(Content, _clean(write(content))))
    if form == "json":
        sealed = {"sha256": seal.sha256, "frozen_at": seal.at} if seal else {}
        told = write(shown) | sealed
        return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")
    with translation.override(LANGUAGE):
        document = compose(shown, seal)
        if form == "pdf":
            from .pdf import write as write_pdf

            return write_pdf(document)
        if form == "docx":
            from .docx import write as write_docx

            return write_docx(document)
        from .html import write as write_html

        return write_html(document)


def _clean(value: Any) -> Any:
    """Without control characters, which no document can hold."""
    if isinstance(value, str):
        return "".join(
            c
            for c in value
            if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f" and not "\ud800" <= c <= "\udfff")
        )
    if isinstance(value, dict):
        return {key: _clean(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    return value
