"""Documents taken as they are, if they are what they seem: PDF, Word, Excel or plain text.

They are never opened by the server beyond this check and only ever handed out as downloads.
"""

from __future__ import annotations

import io
import zipfile

from .images import Unreadable

MAX_BYTES = 20 << 20
MAX_UNPACKED = 200 << 20
MAX_RATIO = 200
MAX_MEMBERS = 5000

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/plain; charset=utf-8"


def check(content: bytes) -> str:
    """The media type that the content proves. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable("size")
    if content[:5] == b"%PDF-":
        if b"%%EOF" not in content[-1024:]:
            raise Unreadable("damaged")
        return PDF
    if content[:4] == b"PK\x03\x04":
        return _office(content)
    if content and b"\x00" not in content and content[:2] not in (b"MZ", b"#!"):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            raise Unreadable("type") from None
        return TEXT
    raise Unreadable("type")


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except Exception as error:  # the reader raises anything at all on hostile bytes
        raise Unreadable("damaged") from error
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(content):
        raise Unreadable("pixels")
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or any("vbaproject" in name.lower() for name in names):
        raise Unreadable("type")
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise Unreadable("type")
