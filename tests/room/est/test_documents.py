"""A locked week as PDF, Word and HTML: accessible, the same each time, and silent about what is hidden."""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import itertools
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from django.utils import translation
from docx.oxml.ns import qn

from samverkan.cli import Failure, picture
from samverkan.domain.est.week import content as week_content
from samverkan.domain.est.week.documents import FORMS
from samverkan.domain.est.week.documents.compose import compose
from samverkan.foundation.access import SYSTEM, Actor
from samverkan.foundation.editions import fingerprint
from samverkan.foundation.web.charts import HIDDEN, HeatChart, LineChart, LinePoint
from tests.harness.pdf import text_of_pdf
from tests.harness.weeks import printed, seal_of, seen_by

#: Numbers that stand nowhere else, so that they are known when they are seen.
EXACT, PATTERN = 94321, 8231
DIGEST = "ab12" * 16
PARTNER = Actor(None, None, None, "", "est_reporter", None)


def _drawn(chart: Any) -> dict[str, Any]:
    with translation.override("sv"):
        table = chart.table()
        rows = [[{"hidden": True} if v is HIDDEN else v for v in row] for row in table.rows]
        columns = [{"label": c.label, "numeric": c.numeric} for c in table.columns]
        return {
            "title": chart.title,
            "description": chart.description,
            "svg": chart.svg(640),
            "legend": {"title": "", "entries": [list(e) for e in chart.legend()]} if hasattr(chart, "legend") else {},
            "table": {"columns": columns, "rows": rows},
        }


def _figures(*, hidden: bool) -> dict[str, Any]:
    weeks = LineChart(
        "w",
        "Rapporter per vecka",
        "Mellan 4 och 9 i veckan.",
        [LinePoint(f"v. {n}", n, 3, 5, 7, False) for n in range(4, 10)],
        "Antal",
    )
    cells = [[HIDDEN if hidden and (d, h) == (2, 3) else (d + h) % 7 for h in range(24)] for d in range(7)]
    hours = HeatChart(
        "h", "När på veckan", "Flest på kvällen.", ["mån", "tis", "ons", "tor", "fre", "lör", "sön"], range(24), cells
    )
    small = {
        "key": "stold",
        "name": "Stöld",
        "count": None if hidden else EXACT,
        "usual": None,
        "verdict": "unknown",
        "weeks": [4, None if hidden else EXACT, 6],
    }
    zero = {
        "key": "brand",
        "name": "Brand",
        "count": 0,
        "usual": {"low": 2, "middle": 3.0, "high": 4},
        "verdict": "fewer",
        "weeks": [1, 2, 0],
    }
    return {
        "shown": True,
        "suppressed": hidden,
        "below": 5 if hidden else 0,
        "total": 58,
        "usual": {"low": 39, "middle": 41.5, "high": 45},
        "verdict": "more",
        "last_year": 42,
        "municipality_only": None if hidden else 2,
        "categories": [small, zero],
        "areas": [{**small, "weeks": []}],
        "sources": [{**zero, "weeks": []}],
        "base_years": [2024, 2025],
        "licences": "Partners rapporter",
        "over_time": _drawn(weeks),
        "hours": _drawn(hours),
    }


@pytest.fixture
def content() -> dict[str, Any]:
    """A locked week as the coordinator sees it, with what partners may see beside it."""
    return {
        "format": 1,
        "week": "2026-W47",
        "weeks": 1,
        "from": "2026-11-16",
        "to": "2026-11-22",
        "municipality": "Provköpings kommun",
        "invented": True,
        "put_together_at": "2026-11-23T08:00:00+00:00",
        "judgement": "Första stycket.\n\nAndra stycket.",
        "effort": {
            "expected": 18,
            "reported": 9,
            "nothing": 5,
            "silent": 4,
            "groups": [{"name": "Skolor", "reported": 9, "nothing": 5, "silent": 4}],
            "silent_list": [{"seat": 1, "name": "Norra skolan", "function": "Rektor", "substitute": False}],
        },
        "figures": _figures(hidden=False),
        "partners": _figures(hidden=True),
        "alarms": {
            "searched": True,
            "enough": True,
            "notes": ["En källa är ny."],
            "method": {"replicates": 999, "seed": 1, "events": 2201, "places": 66},
            "patterns": [
                {
                    "where": "Hamntorget",
                    "x": 1.0,
                    "y": 2.0,
                    "radius_m": 0.0,
                    "since": "2026-11-10",
                    "days": 12,
                    "count": PATTERN,
                    "expected": 2.4,
                    "mostly": ["Glaskross"],
                    "often": "En gång på 40 veckor.",
                    "recurrence_weeks": 40.0,
                    "new": True,
                    "new_count": 3,
                }
            ],
        },
        "developments": [
            {
                "id": "1",
                "title": "Smällare",
                "category": "Fyrverkeri",
                "where": "Torget",
                "since": "2026-W44",
                "trend": "worse",
                "trend_words": "Värre",
            }
        ],
        "priorities": [
            {"where": "Hamntorget", "why": "Det ökar.", "problem": "Glaskross", "causes": ["Mörkt", "Skymd sikt"]}
        ],
        "decisions": [
            {
                "text": "Laga lampan",
                "who": "Driftledare, Tekniska",
                "due": "2026-11-30",
                "why": "Mörkt",
                "measure": True,
            }
        ],
        "measures": [
            {
                "id": "2",
                "title": "Klipp busken",
                "who": "Driftledare, Tekniska",
                "where": "",
                "due": "2026-11-01",
                "follow_up": "",
                "status": "ongoing",
                "status_words": "Pågår",
                "late": True,
            }
        ],
        "edition": 2,
        "corrects": "Rätt datum för lampan",
        "sha256": DIGEST,
        "frozen_at": "2026-11-23T13:05:00+00:00",
    }


def _docx_text(file: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        parts = [
            package.read(n).decode()
            for n in package.namelist()
            if n.startswith(("word/document", "word/footer", "docProps"))
        ]
    return "\n".join(parts)


def _elements(node: Any) -> list[Any]:
    """The structure tree, in reading order."""
    if not isinstance(node, pikepdf.Dictionary):
        return []
    kids = node.get("/K", [])
    kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return [node, *(e for kid in kids for e in _elements(kid))]


def test_pdf_is_tagged_and_says_what_it_is(content: dict[str, Any]) -> None:
    with pikepdf.open(io.BytesIO(printed(content, "pdf"))) as pdf:
        assert str(pdf.Root.Lang) == "sv-SE"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Vecka\u00a047, 2026: 58 rapporter, fler än vanligt"
        tree = _elements(pdf.Root.StructTreeRoot)
        kinds = [str(e.get("/S", "")) for e in tree]
        drawings = [e for e in tree if e.get("/S") == "/Figure"]
        # Two charts and a small line for the row without hidden weeks; the coordinator's has both rows.
        assert len(drawings) == 4
        assert all(len(str(e.Alt)) > 20 for e in drawings)
        levels = [int(k[2:]) for k in kinds if re.fullmatch(r"/H\d", k)]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        tables = [e for e in tree if e.get("/S") == "/Table"]
        assert len(tables) == 9
        assert all(any(x.get("/S") == "/TH" for x in _elements(t)) for t in tables)
        faces = {
            str(f.BaseFont).split("+")[-1].split("-")[0] for page in pdf.pages for f in page.resources.Font.values()
        }
        assert faces == {"Inter"}


def test_word_can_be_edited_and_read_aloud(content: dict[str, Any]) -> None:
    word = docx.Document(io.BytesIO(printed(content, "docx")))
    assert word.core_properties.title.startswith("Vecka")
    assert word.core_properties.language == "sv-SE"
    assert word.styles.element.find(".//" + qn("w:rPrDefault") + "//" + qn("w:lang")).get(qn("w:val")) == "sv-SE"
    styles = [p.style.name for p in word.paragraphs]
    assert styles.count("Title") == 1
    levels = [int(s[-1]) for s in styles if s.startswith("Heading")]
    assert levels[0] == 1
    assert set(levels) == {1, 2}
    assert len(word.tables) == 9
    assert all(t.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for t in word.tables)
    assert len(word.inline_shapes) == 2
    assert all(len(s._inline.docPr.get("descr")) > 20 for s in word.inline_shapes)
    assert "Andra stycket." in [p.text for p in word.paragraphs]
    footer = word.sections[0].footer._element.xml
    assert "NUMPAGES" in footer
    assert DIGEST in footer


class _Parsed(HTMLParser):
    def __init__(self, file: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(file.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_stands_alone(content: dict[str, Any]) -> None:
    page = _Parsed(printed(content, "html"))
    names = [tag for tag, _attributes in page.tags]
    assert ("html", {"lang": "sv"}) in page.tags
    assert names.count("h1") == 1
    assert names.count("style") == 1
    assert not {"script", "link", "iframe", "img", "form", "object"} & set(names)
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(drawings) == 4
    assert all(a["role"] == "img" and len(a["aria-label"] or "") > 20 for a in drawings)
    ids = [a["id"] for _tag, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    addresses = {a[k] for _tag, a in page.tags for k in ("href", "src", "action") if k in a}
    assert not addresses
    assert names.count("table") == 9
    assert "on" not in {key[:2] for _tag, a in page.tags for key in a}


def _everything(content: dict[str, Any]) -> dict[str, str]:
    """The text of each form, with the white space taken out."""
    texts = {
        "pdf": text_of_pdf(printed(content, "pdf")),
        "docx": re.sub(r"<[^>]+>", "", _docx_text(printed(content, "docx"))),
        "html": _Parsed(printed(content, "html")).text,
        "json": printed(content, "json").decode(),
    }
    return {form: "".join(text.split()) for form, text in texts.items()}


def test_every_form_says_the_same(content: dict[str, Any]) -> None:
    said = [
        "58rapporter",
        "Rapporterärinteanmäldabrott",
        "Påhittadeuppgifter",
        "Utgåva2",
        DIGEST,
        "9av18harrapporterat",
        "Hamntorget",
        "Försenad",
        str(EXACT),
        "8231rapporterpå12dagar",
    ]
    for form, text in _everything(content).items():
        for words in said if form != "json" else [DIGEST, "Hamntorget", str(EXACT), str(PATTERN)]:
            assert words in text, (form, words)


def test_what_is_hidden_is_in_no_document(content: dict[str, Any]) -> None:
    shown = {**seen_by(PARTNER, content)}
    for form, text in _everything(shown).items():
        assert str(EXACT) not in text, form
        assert str(PATTERN) not in text, form
        assert "Glaskross" in text, form  # the priority's problem, written by people, stays
        assert "Mest:Glaskross" not in text, form
        if form != "json":
            assert "visasinte" in text, form
            assert "Talunder5visasinte" in text, form


def test_the_signs_of_a_drawing_are_explained(content: dict[str, Any]) -> None:
    limits = [words for _kind, words in content["figures"]["hours"]["legend"]["entries"]]
    page = printed(content, "html").decode()
    drawing = re.search(r'<svg[^>]*class="chart chart-heat".*?</svg>', page, re.DOTALL)
    assert drawing and all(f">{words}</text>" in drawing[0] for words in limits)
    # And in words, for those who do not see it; of weeks locked before it was kept nothing is said.
    assert f"Tecknen betyder: {'; '.join(limits)}." in page
    del content["figures"]["hours"]["legend"]
    assert "Tecknen betyder" not in printed(content, "html").decode()


def test_zero_is_zero(content: dict[str, Any]) -> None:
    with translation.override("sv"):
        document = compose(week_content.for_actor(PARTNER, week_content.kept({**content})), seal_of(content))
    rows = {row[0].text: row for block in document.blocks if hasattr(block, "rows") for row in block.rows}
    assert rows["Brand"][1].text == "0"
    assert rows["Stöld"][1].text == "visas inte"
    assert rows["03"][3].text == "visas inte"
    assert rows["00"][1].text == "0"


def test_figures_that_are_not_shown_say_why(content: dict[str, Any]) -> None:
    content["figures"] = {"shown": False, "why": "Siffrorna visas när veckan är slut."}
    for form, text in _everything(content).items():
        assert "Siffrornavisasnärveckanärslut." in text, form
        assert str(EXACT) not in text or form == "json", form
        assert str(PATTERN) not in text, form


@pytest.mark.parametrize("form", FORMS)
def test_the_same_content_gives_the_same_bytes(content: dict[str, Any], form: str) -> None:
    with translation.override("en"):
        first = printed(copy.deepcopy(content), form)
    assert printed(content, form) == first
    if form == "docx":
        with zipfile.ZipFile(io.BytesIO(first)) as package:
            assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_texts_are_never_read_as_markup(content: dict[str, Any]) -> None:
    nasty = '#import "x": *; *b* _i_ $x^2$ @l <script>alert(1)</script> & ]]> #read("/etc/passwd") \\ // slut'
    content["judgement"] = nasty + "\x01\x07"
    content["decisions"][0]["text"] = nasty
    content["figures"]["categories"][0]["name"] = nasty
    content["municipality"] = nasty
    wanted = "".join(nasty.split())
    for form, text in _everything(content).items():
        if form == "docx":
            assert wanted.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in text
        elif form == "json":
            assert json.loads(printed(content, "json"))["judgement"] == nasty
        else:
            assert wanted in text, form
    assert "script" not in {tag for tag, _a in _Parsed(printed(content, "html")).tags}


def test_letters_that_no_font_has_are_named(content: dict[str, Any]) -> None:
    content["judgement"] = "Skylten visar \U0001f600 och 你 vid Łódź-gränd, Ж."
    text = text_of_pdf(printed(content, "pdf"))
    assert "(U+1F600)" in text
    assert "(U+4F60)" in text
    assert "Łódź-gränd,Ж." in text


def test_a_week_that_is_not_locked_says_so(content: dict[str, Any]) -> None:
    for key in ("edition", "sha256", "frozen_at", "corrects"):
        del content[key]
    for form, text in _everything(content).items():
        assert form == "json" or "Intelåst" in text


def test_no_other_form(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="odt"):
        printed(content, "odt")


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    picture.add_arguments(parser)
    return picture.run(parser.parse_args(["week", *words]))


@pytest.mark.parametrize(
    ("week", "file", "said"),
    [("2026-47", "v.pdf", "2026-W47"), ("2026-W54", "v.pdf", "no week 54"), ("2026-W47", "v.odt", ".docx")],
)
def test_command_refuses_in_words(tmp_path: Path, week: str, file: str, said: str) -> None:
    with pytest.raises(Failure, match=re.escape(said)):
        _run(week, "--out", str(tmp_path / file))
    assert not list(tmp_path.iterdir())


def test_command_writes_the_week_and_then_its_edition(
    cast: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from samverkan.domain.est.week import services
    from samverkan.foundation.weeks import Week

    monkeypatch.setattr(picture, "installation", lambda args: contextlib.nullcontext())
    week = Week.current().plus(-1)
    out = tmp_path / "vecka.html"
    assert _run(str(week), "--out", str(out)) == 0
    assert "Inte låst" in _Parsed(out.read_bytes()).text
    row = services.open_week(SYSTEM, week=week)
    edition = services.freeze(SYSTEM, week=row, version=row.version)
    assert _run(str(week), "--out", str(out)) == 0
    page = _Parsed(out.read_bytes()).text
    assert "Inte låst" not in page
    assert edition.sha256 in page
    kept = tmp_path / "vecka.json"
    assert _run(str(week), "--out", str(kept)) == 0
    whole = json.loads(kept.read_text("utf-8"))
    del whole["sha256"], whole["frozen_at"]
    assert fingerprint(whole) == edition.sha256
    with pytest.raises(Failure, match="has not begun"):
        _run(str(Week.current().plus(2)), "--out", str(out))
