"""A week as a document: accessible PDF, Word, one page of HTML, or the content itself.

Everything is made from the content that the week was locked with, never from the database, so that
an edition reads the same for ever: the same content gives the same bytes.
"""

from __future__ import annotations

from django.utils import translation

from samverkan.foundation import documents
from samverkan.foundation.editions import Seal, read, write

from ..content import Content, protected
from .compose import compose

#: Documents are in the language of those who work with the week.
LANGUAGE = "sv"

FORMS = (*documents.FORMS, "json")


def render(content: Content, form: str, seal: Seal | None = None) -> bytes:
    """The week in one of ``FORMS``, as a reader may see it; ``seal`` when it is locked. ValueError for another form."""
    shown = protected(read(Content, documents.clean(write(content))))
    if form == "json":
        sealed = {"sha256": seal.sha256, "frozen_at": seal.at} if seal else {}
        return documents.write_plain(write(shown) | sealed)
    with translation.override(LANGUAGE):
        return documents.write(compose(shown, seal), form)
