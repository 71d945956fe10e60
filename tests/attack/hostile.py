"""What attackers write into fields and addresses, and the forms of a page as they would read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Found unescaped in a page, it would run.
MARK = "<script>alert(7341)</script>"
#: The same from inside an attribute.
BREAKOUT = '"><svg onload=alert(7341)>'

TEXTS = (
    MARK,
    BREAKOUT,
    "'\"><img src=x onerror=alert(7341)>",
    "javascript:alert(7341)",
    "{{ 7341|add:1 }}{% debug %}",
    "'; DROP TABLE people_person; --",
    "%' OR 1=1 --",
    "\\",
    "%s %(x)s {0} ${7*7}",
    "a\x00b",
    "\ud800",
    "\u202e\u200b\ufeff\u2066gnp.exe",
    "Z" + "\u0301" * 500,
    "𠜎🏴\U000e0067",
    "\r\nSet-Cookie: a=b\r\n\r\n<b>",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "=cmd|' /C calc'!A0",
    "A" * 20_000,
    " ",
    "\n\n\t",
)
NUMBERS = (
    "-1",
    "0",
    "1e308",
    "-1e308",
    "1e-320",
    "NaN",
    "Infinity",
    "9" * 12,
    "9" * 40,
    "2147483648",
    "9223372036854775808",
    "0x10",
    "１２",
    "٣",
    "1_000",
    "1.5",
    "--1",
)
DAYS = (
    "0001-01-01",
    "9999-12-31",
    "1900-01-01",
    "2026-02-30",
    "10000-01-01",
    "2026-W60",
    "0001-W01",
    "9999-W52",
    "1970-W01",
    "2026-W47\n",
    "２０２６-W４７",
    "31/12/2026",
)
IDENTITIES = (
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{12345678-1234-5678-1234-567812345678}",
    "urn:uuid:12345678-1234-5678-1234-567812345678",
    "1",
    "None",
)
#: Every value that is tried in every field.
VALUES = (*TEXTS, *NUMBERS, *DAYS, *IDENTITIES)


@dataclass
class Form:
    """A form of a page: where it is sent and what it would send untouched."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self._form)
        form, name = self._form, a.get("name", "")
        if form is None:
            return
        if tag == "option" and self._select:
            form.choices[self._select].append(a.get("value", ""))
            if "selected" in a:
                form.values[self._select] = [a.get("value", "")]
        if not name:
            return
        if tag == "select":
            self._select = name
            form.values.setdefault(name, [""])
            form.choices[name] = []
        elif tag == "textarea":
            self._textarea = name
            form.values[name] = [""]
        elif tag in {"input", "button"}:
            kind = a.get("type", "text")
            if kind == "file":
                form.files.add(name)
            elif kind in {"checkbox", "radio"} or tag == "button":
                form.choices.setdefault(name, []).append(a.get("value", "on"))
                if "checked" in a:
                    form.values[name] = [a.get("value", "on")]
                else:
                    form.values.setdefault(name, [])
            else:
                form.values[name] = [a.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._form.values[self._textarea] = [self._form.values[self._textarea][0] + data]


def forms_of(page: str) -> list[Form]:
    """The forms of a page of HTML."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def would_run(page: str) -> bool:
    """Whether what was written stands in a page as markup instead of text."""
    return any(
        sign in page
        for sign in (MARK, "<svg onload=alert(7341)", "<img src=x onerror=alert(7341)", 'href="javascript:alert')
    )
