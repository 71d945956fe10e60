"""The document as Word: real headings, tables with header rows, pictures with words, text that can be edited."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from samverkan.foundation.web.charts.standalone import light_tokens

from .blocks import Break, Cell, Document, Figure, Heading, Items, Table, Text
from .pdf import page_words, picture

#: A face that every Windows machine has: the file is made to be edited there.
_FACE = "Arial"
_WIDTH = Mm(166)


def _colour(token: str) -> RGBColor:
    return RGBColor.from_string(light_tokens()[token].lstrip("#").upper())


def _language(document: Document) -> str:
    return f"{document.language}-{document.region}"


def write(document: Document) -> bytes:
    """The bytes of the Word file, the same each time."""
    word = docx.Document()
    _page(word)
    _styles(word, document)
    _properties(word, document)
    word.add_paragraph(document.room, style="Note")
    word.add_paragraph(document.title, style="Title")
    if document.marks:
        word.add_paragraph(" · ".join(text for _tone, text in document.marks), style="Mark")
    word.add_paragraph(document.lead, style="Subtitle")
    new_page = False
    for block in document.blocks:
        if isinstance(block, Break):
            new_page = True
            continue
        paragraph = _block(word, block)
        if new_page and paragraph is not None:
            paragraph.paragraph_format.page_break_before = True
            new_page = False
    _foot(word, document)
    file = io.BytesIO()
    word.save(file)
    return _same_bytes(file.getvalue())


def _block(word: WordDocument, block: Any) -> Any:
    if isinstance(block, Heading):
        return word.add_heading(block.text, level=block.level)
    if isinstance(block, Text):
        style = {"note": "Note", "strong": "Strong paragraph"}.get(block.style, "Normal")
        paragraph = word.add_paragraph(block.text, style=style)
        paragraph.paragraph_format.keep_with_next = block.style == "before"
        return paragraph
    if isinstance(block, Items):
        for item in block.items:
            title = word.add_paragraph(item.title, style="Item")
            title.paragraph_format.keep_with_next = True
            for line in item.lines:
                word.add_paragraph(line)
    elif isinstance(block, Table):
        _table(word, block)
    elif isinstance(block, Figure):
        word.add_picture(io.BytesIO(picture(block.drawing.svg)), width=_WIDTH)
        properties = word.inline_shapes[-1]._inline.docPr
        properties.set("descr", block.drawing.alt)
        properties.set("title", block.title)
    return None


def _table(word: WordDocument, table: Table) -> None:
    """Rows that do not break over pages, a header row that is repeated, and the drawn columns left out."""
    kept = [i for i, column in enumerate(table.columns) if not column.drawn]
    columns = [table.columns[i] for i in kept]
    made = word.add_table(rows=0, cols=len(columns))
    made.alignment = WD_TABLE_ALIGNMENT.LEFT
    made.style = word.styles["Plain rows"]
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), table.caption)
    made._tbl.tblPr.append(caption)
    rows = [[Cell(c.label, strong=True) for c in columns], *([row[i] for i in kept] for row in table.rows)]
    text = word.styles["Table text"].style_id
    shares = [column.share or 2 for column in columns]
    widths = [int(_WIDTH * share / sum(shares)) for share in shares]
    for number, row in enumerate(rows):
        line = made.add_row()
        properties = line._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        last = table.total and number == len(rows) - 1
        for cell, value, column, width in zip(line.cells, row, columns, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph._p.style = text  # by its id: the library else searches all styles for each cell
            paragraph.add_run(value.text).bold = value.strong or last or None
            if column.numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    # A table that is followed at once by another would be joined with it.
    word.add_paragraph(style="Gap")


def _page(word: WordDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(22), Mm(24)
    word._body.clear_content()


def _styles(word: WordDocument, document: Document) -> None:
    ink, subtle, accent = (
        _colour(t)
        for t in ("--ds-color-neutral-text-default", "--ds-color-neutral-text-subtle", "--ds-color-accent-base-default")
    )
    sizes = {"Normal": 10.5, "Title": 21, "Subtitle": 11.5, "Heading 1": 14, "Heading 2": 11}
    for name in ("Note", "Mark", "Item", "Strong paragraph", "Table text", "Gap"):
        word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = word.styles["Normal"]
    sizes |= {"Note": 9, "Mark": 9, "Item": 10.5, "Strong paragraph": 10.5, "Table text": 9.5, "Gap": 4}
    for name, size in sizes.items():
        style = word.styles[name]
        style.font.name, style.font.size, style.font.italic = _FACE, Pt(size), False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), _FACE)
        style.font.bold = name in {"Title", "Heading 1", "Heading 2", "Item", "Strong paragraph"}
        style.font.color.rgb = subtle if name in {"Note", "Subtitle", "Mark"} else ink
        style.paragraph_format.space_before = Pt({"Heading 1": 18, "Heading 2": 12, "Item": 6}.get(name, 0))
        style.paragraph_format.space_after = Pt({"Table text": 2, "Item": 1, "Gap": 2, "Title": 6}.get(name, 6))
        style.paragraph_format.line_spacing = 1.0 if name in {"Table text", "Gap"} else 1.12
    # The title has a blue line over it instead of Word's own under it.
    title = word.styles["Title"].element.get_or_add_pPr()
    for border in title.findall(qn("w:pBdr")):
        title.remove(border)
    borders = OxmlElement("w:pBdr")
    borders.append(_border("top", 24, str(accent), space=6))
    title.insert_element_before(
        borders,
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:spacing",
        "w:ind",
        "w:contextualSpacing",
        "w:jc",
        "w:outlineLvl",
    )
    rows = word.styles.add_style("Plain rows", WD_STYLE_TYPE.TABLE)
    properties = OxmlElement("w:tblPr")
    edges = OxmlElement("w:tblBorders")
    edges.append(_border("bottom", 4, light_tokens()["--ds-color-neutral-border-subtle"].lstrip("#")))
    edges.append(_border("insideH", 4, light_tokens()["--ds-color-neutral-border-subtle"].lstrip("#")))
    properties.append(edges)
    rows.element.append(properties)
    for properties in (
        word.styles.element.find(".//" + qn("w:rPrDefault")).find(qn("w:rPr")),
        word.styles["Normal"].element.get_or_add_rPr(),
    ):
        language = properties.find(qn("w:lang"))
        if language is None:
            language = OxmlElement("w:lang")
            properties.append(language)
        for script in ("val", "eastAsia"):
            language.set(qn(f"w:{script}"), _language(document))
    theme = word.settings.element.find(qn("w:themeFontLang"))
    if theme is not None:
        theme.set(qn("w:val"), _language(document))


def _border(edge: str, size: int, colour: str, space: int = 0) -> Any:
    border = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", str(size)), ("space", str(space)), ("color", colour.upper())):
        border.set(qn(f"w:{name}"), value)
    return border


def _properties(word: WordDocument, document: Document) -> None:
    core = word.core_properties
    core.title, core.author, core.subject, core.language = (
        document.title,
        document.author,
        document.description,
        _language(document),
    )
    core.comments, core.keywords, core.category, core.last_modified_by = "", "", "", document.author
    core.created = core.modified = document.at.astimezone(UTC).replace(tzinfo=None)
    core.revision = 1
    # The library's empty document carries a small picture of itself.
    package = word.part.package
    for name in [name for name, link in package.rels.items() if link.reltype.endswith("/thumbnail")]:
        del package.rels[name]


def _foot(word: WordDocument, document: Document) -> None:
    footer = word.sections[0].footer
    paragraph = footer.paragraphs[0]
    paragraph.style = word.styles["Note"]
    plain = [text for tone, text in document.marks if tone == "plain"]
    paragraph.add_run(" · ".join([document.room, document.foot[0], *plain]))
    for line in document.foot[1:]:
        paragraph.add_run().add_break()
        paragraph.add_run(line).font.size = Pt(7.5)
    before, between, after = page_words()
    pages = footer.add_paragraph(style=word.styles["Note"])
    pages.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    pages.add_run(before)
    _field(pages, "PAGE")
    pages.add_run(between)
    _field(pages, "NUMPAGES")
    pages.add_run(after)


def _field(paragraph: Any, code: str) -> None:
    """A field that Word fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _same_bytes(file: bytes) -> bytes:
    """The same package with one time for every part, since the archive else carries the clock."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            after.writestr(
                zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0)), before.read(part), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
