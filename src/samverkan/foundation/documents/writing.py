"""Writes a document in one of its forms, and plain data beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.utils import translation

from .blocks import Document

FORMS = ("pdf", "docx", "html")
#: Of the forms, and of the plain data that a document is made from.
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}


def write(document: Document, form: str) -> bytes:
    """The document in one of ``FORMS``, the same bytes each time. ValueError for another form."""
    with translation.override(document.language):
        return _writer(form)(document)


def _writer(form: str) -> Callable[[Document], bytes]:
    """Each form is read in when somebody asks for it: the typesetter is large."""
    if form == "pdf":
        from . import pdf

        return pdf.write
    if form == "docx":
        from . import docx

        return docx.write
    if form == "html":
        from . import html

        return html.write
    raise ValueError(f"A document is written as one of {', '.join(FORMS)}, not {form}.")


def write_plain(data: dict[str, Any]) -> bytes:
    """Plain data as JSON, the same bytes each time."""
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def clean(value: Any) -> Any:
    """Plain data without control characters, which no document can hold."""
    if isinstance(value, str):
        return "".join(
            c
            for c in value
            if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f" and not "\ud800" <= c <= "\udfff")
        )
    if isinstance(value, dict):
        return {key: clean(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    return value
