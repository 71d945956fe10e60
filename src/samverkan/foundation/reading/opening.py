"""Opening a file: unpacking gzip within limits, and telling by its first bytes what it is."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from . import letters, limits
from .problems import BadFile
from .words import _

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFUSED = {
    ".xls", ".xlsb", ".ods", ".fods", ".ots", ".numbers", ".pdf", ".docx", ".doc", ".pptx", ".parquet", ".shp", ".dbf", ".kmz",
    ".accdb", ".mdb", ".sav", ".dta", ".rds", ".sas7bdat", ".fgb", ".feather",
}  # fmt: skip
_LINES = {".jsonl", ".ndjson", ".geojsonl", ".geojsons", ".ndgeojson", ".geojsonseq"}


def sha256(path: Path) -> str:
    """Fingerprint of a file as it lies, without reading it into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Counted(io.RawIOBase):
    """An unpacking stream that stops at a limit instead of filling the disk or memory."""

    def __init__(self, inner: BinaryIO) -> None:
        self.inner, self.seen = inner, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            # What was unpacked before a damaged place is given first; read() would lose it.
            data = self.inner.read1(len(buffer))  # type: ignore[attr-defined]
        except (OSError, EOFError, zlib.error) as error:
            raise BadFile(_("The compressed file is damaged and ends too early.")) from error
        self.seen += len(data)
        if self.seen > limits.MAX_UNPACKED:
            raise BadFile(_("The compressed file unpacks to more than 8 GB. Split it and try again."))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.inner.close()
        super().close()


def packed(path: Path) -> bool:
    """Whether a file is compressed with gzip."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def stream(path: Path) -> BinaryIO:
    """The file's bytes, unpacked."""
    if packed(path):
        return io.BufferedReader(_Counted(gzip.open(path, "rb")), 1 << 20)  # type: ignore[arg-type]
    return path.open("rb", buffering=1 << 20)


def head_of(path: Path) -> bytes:
    """The first bytes of a file that can be read. Raises BadFile for all that is none."""
    if not path.exists():
        raise BadFile(_("The file does not exist."))
    if path.is_dir():
        raise BadFile(_("This is a folder. Name the files in it."))
    if not path.is_file():
        raise BadFile(_("Only ordinary files can be read. Save what you have as a file first."))
    if path.stat().st_size == 0:
        raise BadFile(_("The file is empty."))
    head = b""
    with stream(path) as file:
        try:
            while len(head) < 64 << 10 and (more := file.read1(64 << 10)):  # type: ignore[attr-defined]
                head += more
        except BadFile:
            if not head:
                raise
    if not head.strip():
        raise BadFile(_("The file is empty."))
    return head


def kind_of(path: Path, head: bytes) -> str:
    """``xlsx``, ``json``, ``jsonl`` or ``csv``, by content first. What cannot be read is refused by name."""
    names = [suffix.lower() for suffix in path.suffixes]
    if names and names[-1] == ".gz":
        names.pop()
    suffix = names[-1] if names else ""
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _archive(path, suffix)
    if head[:8] == _OLE:
        _old_office(path)
    if suffix == ".xls" and _text(head) and re.search(rb"[;,\t|]", head):
        return "csv"  # what many systems call a workbook is a table of text
    if suffix in {".xlsx", ".xlsm"}:
        raise BadFile(_("The workbook is damaged. Open it in a spreadsheet program and save it again."))
    start = head[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|head|meta|table|body|!--)", start):
        raise BadFile(
            _("The file is a web page and no table. Open it in a spreadsheet program and save it as CSV or XLSX.")
        )
    if start.startswith(b"<"):
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type="XML"))
    if head.startswith(b"SQLite format 3"):
        raise BadFile(_("The file is a GeoPackage or another database. Save its table as CSV or GeoJSON."))
    if head.startswith(b"%PDF"):
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=".pdf"))
    if head.startswith((b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")):
        raise BadFile(_("The file is compressed in a way that cannot be read. Unpack it first."))
    if suffix in _REFUSED:
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=suffix))
    if not _text(head):
        raise BadFile(_("The file is not a table of text, but a picture or a program's own file. Save as CSV or XLSX."))
    if suffix in _LINES:
        return "jsonl"
    start = head.lstrip(b"\xef\xbb\xbf\x1e \t\r\n")
    if start[:1] == b"{":
        first, _sep, rest = start.partition(b"\n")
        if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"\x1e":
            return "jsonl"
        follows = rest.lstrip(b"\x1e \t\r\n")
        if first.rstrip().endswith(b"}") and (
            follows[:1] == b"{" or (not follows and suffix not in {".json", ".geojson"})
        ):
            return "jsonl"
        return "json"
    if suffix in {".json", ".geojson"} or re.match(rb"\[\s*\{" if suffix in {".csv", ".tsv"} else rb"\[", start):
        return "json"
    return "csv"


def _text(head: bytes) -> bool:
    """Whether bytes can be text: in it control characters are few, and lie in a row or two that are then told."""
    if letters.encoding_of(head).startswith(("utf-16", "utf-32")):
        return True
    part = head[:8192]
    strange = sum(byte < 9 or 13 < byte < 27 for byte in part)
    return strange < 9 or strange * 20 < len(part)


def _archive(path: Path, suffix: str) -> str:
    """What a zip file holds: a workbook is one too."""
    if packed(path):
        raise BadFile(_("A compressed workbook cannot be read. Unpack it first."))
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            told = (
                archive.read("mimetype")[:200]
                if "mimetype" in names and archive.getinfo("mimetype").file_size < 500
                else b""
            )
    except (zipfile.BadZipFile, OSError, RuntimeError, zlib.error) as error:
        raise BadFile(_("The workbook is damaged. Open it in a spreadsheet program and save it again.")) from error
    if b"opendocument" in told:
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=".ods"))
    if "xl/workbook.bin" in names:
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=".xlsb"))
    if any(name.startswith("word/") for name in names):
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=".docx"))
    if any(name.startswith("xl/") for name in names) or "[Content_Types].xml" in names:
        return "xlsx"
    if suffix in _REFUSED:
        raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=suffix))
    if any(name.lower().endswith(".shp") for name in names):
        raise BadFile(_("The archive holds a Shapefile. Save it as GeoJSON or GeoPackage."))
    raise BadFile(_("The file is a zip archive. Unpack it and give the files in it."))


def _old_office(path: Path) -> None:
    """Excel's older files, and newer ones behind a password, which lie in the same kind of shell."""
    with path.open("rb") as file:
        whole = file.read(8 << 20)
    if "EncryptedPackage".encode("utf-16-le") in whole:
        raise BadFile(_("The workbook is protected by a password. Open it, take the password away and save it again."))
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        raise BadFile(
            _(
                "The workbook is protected by a password, or of Excel's older kind. Save it without password as XLSX or CSV."
            )
        )
    raise BadFile(_("Files of the type {type} cannot be read. Save as CSV or XLSX.").format(type=".xls"))
