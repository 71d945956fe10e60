"""From bytes to lines of text: encodings, line ends and letters that were spoilt on the way."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from . import limits
from .problems import BadRow
from .words import _

_BLOCK = 1 << 20
#: å ä ö Å Ä Ö é of the code page of DOS in words, where Windows' code page has quotation marks and daggers.
_DOS = re.compile(
    rb"(?<=[A-Za-z])[\x82\x84\x86\x94\x99](?=[A-Za-z])|(?<=[A-Z])[\x8e\x8f](?=[A-Z])"
    rb"|(?<![A-Za-z\x80-\xff])[\x8e\x8f\x99](?=[A-Za-z])|(?<![A-Za-z\x80-\xff])\x86(?=[a-z])"
)
#: ä and ö of DOS first in a word: Windows' quotation marks stand there too, and then close somewhere.
_DOS_FIRST = re.compile(rb"(?<![A-Za-z\x80-\xff])[\x84\x94](?=[a-z])")
_CLOSING = re.compile(rb"[A-Za-z0-9.,!?][\x93\x94](?![A-Za-z])")
#: The same letters in the code page of old Macintoshes, where Windows' has Š Œ š and a gap.
_MAC = re.compile(
    rb"(?<=[a-z])[\x8a\x8c]|(?<=[A-Za-z])\x9a(?=[a-z])|(?<=[a-z])\x8e|(?<=[A-Z])[\x80\x81\x85](?=[A-Z])"
    rb"|(?<![A-Za-z\x80-\xff])[\x80\x81](?=[a-z])"
)
_WINDOWS = re.compile(rb"[\xe4\xe5\xf6\xc4\xc5\xd6\xe9\xfc]")
CODE_PAGES = ("cp850", "mac_roman")
#: UTF-8 that has been taken for Windows-1252 and written as UTF-8 once more, or for the code page of Macintosh or DOS.
_TWICE = re.compile(
    "\u00c3[\u00a4\u00a5\u00b6\u0084\u0085\u0096\u00a9\u00bc\u201e\u2026\u2013\u0083\u0192]"
    "|\u00e2(?:\u20ac|\u0080[\u0080-\u00bf])|\u221a[\u00a7\u2022\u2202\u00d6\u00d1\u00f1\u00a9]"
    "|\u251c."
)
_SUSPICIOUS = re.compile("[\u00c3\u00e2\u221a\u251c\ufffd]")


def encoding_of(head: bytes) -> str:
    """The encoding of a file by its first bytes. ``utf-8`` means UTF-8 with Windows-1252 where a line is not."""
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Two bytes a character and no mark that says so: every other byte of plain text is zero.
    for encoding, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        half = head[start:400:2]
        if half.count(0) * 2 > len(half) and not head[1 - start : 400 : 2].count(0):
            return encoding
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return _code_page(head) or "utf-8"
    return "utf-8"


def _code_page(data: bytes) -> str:
    """The old code page of a text that is no UTF-8; empty where it is that of Windows, or nothing tells."""
    if _WINDOWS.search(data):
        return ""
    dos, mac = len(_DOS.findall(data)), len(_MAC.findall(data))
    if not _CLOSING.search(data):
        dos += len(_DOS_FIRST.findall(data))
    return "" if not dos and not mac else CODE_PAGES[dos < mac]


def spoilt(text: str) -> str:
    """Why the letters of a text cannot be trusted; empty when they can."""
    if not _SUSPICIOUS.search(text):
        return ""
    if _TWICE.search(text):
        return _(
            "The letters have been encoded twice (“Ã¶” for “ö”). Export the file again as UTF-8, without opening it in between."
        )
    if "\ufffd" in text:
        return _("Letters have been lost and stand as “�”. Export the file again as UTF-8.")
    return ""


def composed(text: str) -> str:
    """Letters with their marks as one sign, as keyboards write them; Macintosh files have them apart."""
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def lines(stream: BinaryIO, encoding: str) -> Iterator[tuple[int, str | BadRow]]:
    """Physical lines with a limit, ended by a line feed, a return or both, also mixed.

    A line that is not valid text is reported, the rest is read.
    """
    number = 0
    for block in _blocks(stream, encoding):
        if isinstance(block, BadRow):
            number += 1
            yield number, block
            continue
        suspicious = _SUSPICIOUS.search(block) is not None
        for line in io.StringIO(composed(block), newline=""):
            number += 1
            if len(line) > limits.MAX_LINE:
                yield number, BadRow(_("The line is longer than {n} characters.").format(n=limits.MAX_LINE))
            elif suspicious and (problem := spoilt(line)):
                yield number, BadRow(problem, line.rstrip("\r\n")[: limits.KEPT])
            else:
                yield number, line


def _blocks(stream: BinaryIO, encoding: str) -> Iterator[str | BadRow]:
    """Text in pieces that end where a line ends."""
    if encoding != "utf-8":
        # A character that is none becomes the sign of one that was lost, and is told.
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        yield from _wide(text)
        return
    rest, first, skipping = b"", True, False
    ending = b"\n"
    while data := stream.read1(_BLOCK):  # type: ignore[attr-defined]  # what came before damage is given first
        if first:
            # More than one mark of UTF-8 comes of programs that each put theirs there.
            while data.startswith(b"\xef\xbb\xbf"):
                data = data[3:]
            first = False
            ending = b"\n" if _rows_end_with_feeds(data) else b"\r"
        data = rest + data
        cut = data.rfind(ending, 0, len(data) - 1 if ending == b"\r" else None) + 1
        if not cut:
            rest = data
            if len(data) > 4 * limits.MAX_LINE:
                if not skipping:
                    yield BadRow(_("The line is longer than {n} characters.").format(n=limits.MAX_LINE))
                rest, skipping = b"", True
            continue
        whole, rest = data[:cut], data[cut:]
        if skipping:
            skipping = False
            whole = whole[whole.find(ending) + 1 :]
        yield from _decoded(whole)
    if rest and not skipping:
        yield from _decoded(rest)


def _rows_end_with_feeds(head: bytes) -> bool:
    """Whether rows end with a line feed: a cell of a file from Macintosh may hold one though its rows end with returns."""
    feeds, returns = head.count(b"\n"), head.count(b"\r")
    return feeds > 0 and (returns - head.count(b"\r\n") <= feeds)


def _decoded(data: bytes) -> Iterator[str | BadRow]:
    try:
        yield data.decode("utf-8")
        return
    except UnicodeDecodeError:
        pass
    for line in data.splitlines(keepends=True):
        try:
            yield line.decode("utf-8")
            continue
        except UnicodeDecodeError:
            pass
        if page := _code_page(line):
            problem = _("The line is in an old code page ({name}). Save the file as UTF-8.").format(name=page)
            yield BadRow(problem, repr(line[:80]))
            continue
        try:
            # Spreadsheets of Western Europe save as Windows-1252 unless told otherwise.
            text = line.decode("cp1252")
        except UnicodeDecodeError:
            text = "\x00"
        if any(ord(c) < 32 and c not in "\t\r\n" for c in text) and b"\x00" not in line:
            yield BadRow(_("The line is not readable text. Save the file as UTF-8."), repr(line[:80]))
        else:
            yield text


def _wide(text: io.TextIOWrapper) -> Iterator[str | BadRow]:
    first = True
    while line := text.readline(limits.MAX_LINE + 1):
        if first:
            line, first = line.lstrip("\ufeff"), False
        if len(line) > limits.MAX_LINE and not line.endswith(("\n", "\r")):
            while (more := text.readline(limits.MAX_LINE)) and not more.endswith(("\n", "\r")):
                pass
        yield line
