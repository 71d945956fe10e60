"""A week as a document: accessible PDF, Word, one page of HTML, or the content itself.

Everything is made from the content that the week was locked with, never from the database, so that
an edition reads the same for ever: the same content gives the same bytes.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils import translation

from .compose import clean, compose, protect

#: Documents are in the language of those who work with the week.
LANGUAGE = "sv"

FORMS = ("pdf", "docx", "html", "json")


def render(content: dict[str, Any], form: str) -> bytes:
    """The week in one of ``FORMS``.

    ``content`` is what ``content.build`` made, as a reader may see it, with ``sha256`` and ``frozen_at``
    (ISO 8601) when the week is locked. ValueError for another form.
    """
    if form not in FORMS:
        raise ValueError(f"A week is written as one of {', '.join(FORMS)}, not {form}.")
    shown = protect(clean(content))
    if form == "json":
        return (json.dumps(shown, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")
    with translation.override(LANGUAGE):
        document = compose(shown)
        if form == "pdf":
            from .pdf import write as write_pdf

            return write_pdf(document)
        if form == "docx":
            from .docx import write as write_docx

            return write_docx(document)
        from .html import write as write_html

        return write_html(document)
