"""Documents know their blocks and their language, and nothing of what they are about."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import docx
import pikepdf
import pytest

from samverkan.foundation.documents import FORMS, Cell, Column, Document, Heading, Item, Items, Table, Text, write
from tests.harness.pdf import text_of_pdf

MINUTES = Document(
    title="Steering group",
    room="Minutes",
    lead="Held on Monday.",
    marks=[("plain", "Draft")],
    foot=["Not approved."],
    at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    author="A town",
    description="What was said and agreed.",
    blocks=[
        Heading(1, "Agreed"),
        Items([Item("More light", ["By the school."])]),
        Table("Presence", [Column("Party"), Column("Seats", numeric=True)], [[Cell("Police"), Cell("2")]]),
        Text("Approved by nobody yet.", "note"),
    ],
    language="en",
    region="GB",
)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_blocks_give_the_same_bytes(form: str) -> None:
    assert write(MINUTES, form) == write(MINUTES, form)


def test_every_form_says_the_same_in_the_documents_language() -> None:
    page = write(MINUTES, "html").decode()
    assert '<html lang="en">' in page
    word = docx.Document(io.BytesIO(write(MINUTES, "docx")))
    assert word.core_properties.language == "en-GB"
    pdf = write(MINUTES, "pdf")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "en-GB"
    texts = {
        "html": page,
        "docx": "\n".join([p.text for p in word.paragraphs] + [c.text for r in word.tables[0].rows for c in r.cells]),
        "pdf": text_of_pdf(pdf),
    }
    for form, text in texts.items():
        for words in ("Steering group", "Agreed", "More light", "By the school.", "Police", "Approved by nobody yet."):
            assert "".join(words.split()) in "".join(text.split()), (form, words)
    assert "Page1of1" in "".join(text_of_pdf(pdf).split())
