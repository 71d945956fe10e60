"""From the content of a week to the blocks of a document, in the active language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samverkan.foundation.web.charts import Sparkline
from samverkan.foundation.weeks import Week

from . import words
from .blocks import Block, Break, Cell, Column, Document, Drawing, Figure, Heading, Item, Items, Table, Text

#: A table with more columns than this, and fewer rows, is turned so that it fits half a page.
_WIDEST = 6
#: Of a pattern, what would tell small counts to those who may not see them.
_FINE = ("x", "y", "radius_m", "count", "expected", "mostly", "new_count")


def clean(value: Any) -> Any:
    """Without control characters, which no document can hold."""
    if isinstance(value, str):
        return "".join(c for c in value if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f" and not "\ud800" <= c <= "\udfff"))
    if isinstance(value, dict):
        return {key: clean(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    return value


def protect(content: dict[str, Any]) -> dict[str, Any]:
    """The same content, where a reader who may not see small counts gets no finer ones by way of the patterns.

    A pattern counts one place over some days; the released figures are whole weeks and fixed areas, so
    that differences reveal nothing. Its place, its beginning and how rare it is are kept.
    """
    figures, told = content.get("figures") or {}, content.get("alarms") or {}
    if figures.get("shown") and not figures.get("suppressed"):
        return content
    patterns = [{k: v for k, v in p.items() if k not in _FINE} for p in told.get("patterns", [])]
    return {**{k: v for k, v in content.items() if k != "partners"}, "alarms": {**told, "patterns": patterns}}


def compose(content: dict[str, Any]) -> Document:
    """The whole document."""
    first = Week.parse(content["week"])
    figures = content.get("figures") or {"shown": False, "why": ""}
    period = words.weeks(first, content.get("weeks", 1))
    answer = words.how_many(figures)
    title = words.capital(f"{period}: {answer}" if answer else period)
    locked_at = content.get("frozen_at") or ""
    put_at = content["put_together_at"]
    edition = content.get("edition")
    if edition and content.get("sha256"):
        state = _("Edition %(number)s, locked %(at)s.") % {"number": edition, "at": words.moment(locked_at or put_at)}
        digest = content["sha256"]
    else:
        state = _("Not locked. Put together %(at)s.") % {"at": words.moment(put_at)}
        digest = ""
    marks = [] if digest else [("warning", _("Not locked"))]
    if content.get("invented"):
        marks.append(("plain", _("Invented data")))
    blocks: list[Block] = []
    if content.get("corrects"):
        blocks.append(Text(_("This edition corrects: %(what)s") % {"what": content["corrects"]}, "strong"))
    blocks += _assessment(content)
    blocks += _patterns(content, figures)
    blocks += _decided(content)
    blocks += _measures(content)
    blocks += _came_in(content, figures)
    blocks += _going_on(content)
    blocks += _who_answered(content)
    blocks += _about(content, figures, state, digest)
    blocks += _tables(figures)
    foot = [state]
    if digest:
        foot.append(f"SHA-256 {digest}")
    return Document(
        title=title,
        room=" · ".join(part for part in (_("The week"), content.get("municipality", "")) if part),
        lead=_lead(content, figures),
        marks=marks,
        foot=foot,
        at=datetime.fromisoformat(locked_at or put_at),
        author=content.get("municipality", ""),
        description=_("What came in, what deviates and what was decided in EST (effective coordination for safety)."),
        blocks=blocks,
    )


def _lead(content: dict[str, Any], figures: dict[str, Any]) -> str:
    sentences = [words.capital(words.span(content["from"], content["to"])) + "."]
    base = words.years(figures.get("base_years") or [])
    if figures.get("usual") and base:
        sentences.append(
            _("Usual in the same weeks %(years)s is %(span)s.") % {"years": base, "span": words.usual(figures["usual"])}
        )
    elif figures.get("shown"):
        sentences.append(_("There is too little to tell what is usual."))
    if figures.get("last_year") is not None:
        sentences.append(_("Last year the same weeks had %(number)s.") % {"number": words.number(figures["last_year"])})
    sentences += [words.answers(content["effort"]), _("Reports are not reported crimes.")]
    return " ".join(sentences)


def _assessment(content: dict[str, Any]) -> list[Block]:
    paragraphs = [p.strip() for p in content.get("judgement", "").split("\n\n") if p.strip()]
    found: list[Block] = [Heading(1, _("Joint assessment"))]
    return found + ([Text(p) for p in paragraphs] or [Text(_("No joint assessment is written."))])


def _patterns(content: dict[str, Any], figures: dict[str, Any]) -> list[Block]:
    told = content["alarms"]
    found: list[Block] = [Heading(1, _("What deviates"))]
    items = []
    for p in told["patterns"]:
        lines = []
        if "count" in p:
            values = {"count": words.number(p["count"]), "days": p["days"], "expected": words.number(p["expected"])}
            lines.append(
                ngettext(
                    "%(count)s report in %(days)s days, where %(expected)s would be expected.",
                    "%(count)s reports in %(days)s days, where %(expected)s would be expected.",
                    p["count"],
                )
                % values
            )
        if p.get("mostly"):
            lines.append(_("Mostly: %(what)s.") % {"what": ", ".join(p["mostly"])})
        lines += [_("Since %(day)s.") % {"day": words.day(p["since"])}, p["often"]]
        lines.append(_("New this week.") if p["new"] else _("Also seen last week."))
        items.append(Item(_("More than expected at %(where)s") % {"where": p["where"]}, [" ".join(lines), words.answers(content["effort"])]))
    if items:
        found.append(Items(items))
    elif not told["searched"]:
        found.append(Text(_("The search for unusual patterns had not run for this week.")))
    elif not told["enough"]:
        found.append(Text(_("Too few reports with a known place to tell whether anything is starting.")))
    else:
        found.append(Text(_("Nothing unusual was found. That does not mean that nothing happened.")))
    found += [Text(note, "note") for note in told.get("notes", [])]
    method = _(
        "Every week the reports of the past year with a known place are searched once for places and days with more than chance would bring, when the number of every day and every place is kept as it was. At most five are told. A pattern tells that reports gather, not why, and never who. If more report than before, part of it can come from that."
    )
    if told.get("method"):
        m = told["method"]
        method += " " + _("%(n)s random draws on %(events)s reports, seed %(seed)s.") % {
            "n": words.number(m["replicates"]), "events": words.number(m["events"]), "seed": m["seed"],
        }  # fmt: skip
    found.append(Text(method, "note"))
    if items and figures.get("suppressed"):
        found.append(Text(_("How many is not said here, to protect individuals."), "note"))
    return found


def _decided(content: dict[str, Any]) -> list[Block]:
    found: list[Block] = [Heading(1, _("Prioritised places and problems"))]
    if content["priorities"]:
        items = []
        for p in content["priorities"]:
            lines = [p["why"]]
            if p.get("problem"):
                lines.append(_("Problem: %(title)s") % {"title": p["problem"]})
            if p.get("causes"):
                lines.append(_("Causes: %(list)s") % {"list": "; ".join(p["causes"])})
            items.append(Item(p["where"], lines))
        found.append(Items(items))
    else:
        found.append(Text(_("No place was prioritised.")))
    found.append(Heading(1, _("Decisions")))
    if content["decisions"]:
        columns = [Column(_("Decision"), share=4), Column(_("Who"), share=3), Column(_("By when")), Column(_("Why"), share=3)]
        rows = [[Cell(d["text"]), Cell(d["who"] or "–"), Cell(d["due"] or "–"), Cell(d["why"] or "–")] for d in content["decisions"]]
        found.append(Table(_("Decisions of the meeting"), columns, rows))
    else:
        found.append(Text(_("No decisions were noted.")))
    return found


def _measures(content: dict[str, Any]) -> list[Block]:
    found: list[Block] = [Heading(1, _("Measures"))]
    if not content["measures"]:
        return [*found, Text(_("No measures are due."))]
    columns = [
        Column(_("Measure"), share=4), Column(_("Place"), share=3), Column(_("Who"), share=4), Column(_("By when")), Column(_("State"), share=2),
    ]  # fmt: skip
    rows = []
    for m in content["measures"]:
        state = Cell(_("Late"), strong=True) if m["late"] else Cell(m["status_words"])
        rows.append([Cell(m["title"]), Cell(m["where"] or "–"), Cell(m["who"]), Cell(m["due"]), state])
    found.append(Table(_("Measures due, and those to follow up"), columns, rows))
    found.append(Text(_("Measures due by the end of the week after, and those whose effect is to be followed up."), "note"))
    return found


def _came_in(content: dict[str, Any], figures: dict[str, Any]) -> list[Block]:
    found: list[Block] = [Heading(1, _("What came in"))]
    if not figures.get("shown"):
        return [*found, Text(figures.get("why") or _("The figures are not shown."))]
    usual_note = _("Usual is the middle half of the same weeks in %(years)s. Reports are what partners have seen. They are not reported crimes.") % {
        "years": ", ".join(str(y) for y in figures.get("base_years") or []) or "–"
    }
    beside: list[Block] = [Text(words.answers(content["effort"]))]
    notes: list[Block] = [Text(usual_note, "note")]
    if figures.get("suppressed"):
        hidden = _("Counts under %(below)s are not shown, and others that would give them away. They are part of the sum.")
        notes.append(Text(hidden % {"below": figures["below"]}, "note"))
    drawn = [
        (_("By category"), _("Reports by category, beside what is usual"), _("Category"), figures.get("categories")),
        (_("By area"), _("Reports per area, beside what is usual"), _("Area"), figures.get("areas")),
        (_("By source"), _("Reports by source, beside what is usual"), _("Source"), figures.get("sources")),
    ]
    categories, areas, sources = (_group(*d, figures) for d in drawn)
    found += [*categories, *beside, *notes]
    found += [Heading(1, _("Where")), *areas, *beside, *notes]
    found += _figure(figures.get("map"), _("There is no map, since no place and no area is known."))
    only = figures.get("municipality_only")
    if only:
        found.append(
            Text(
                ngettext(
                    "%(n)s report is known by municipality only. It is counted but not drawn.",
                    "%(n)s reports are known by municipality only. They are counted but not drawn.",
                    only,
                )
                % {"n": words.number(only)},
                "note",
            )
        )
    if figures.get("map"):
        found += [Text(_map_signs(figures), "note"), *beside]
    found.append(Text(_("The map shows where reports come from, not how dangerous a place is. What is known by area only is counted there and not drawn as a point."), "note"))
    found += [Heading(1, _("When"))]
    found += _figure(figures.get("over_time"))
    if figures.get("over_time"):
        found += [*beside, Text(_("The grey band is what is usual. Late reports can change the latest weeks, and a change can come from more or fewer who report."), "note")]
    found += _figure(figures.get("hours"))
    if figures.get("hours"):
        found.append(Text(_("Darker means more reports. The numbers stand in the table."), "note"))
        found.append(Text(_("The hours are those that the reports state. They can be approximate, and with few reports the pattern is chance."), "note"))
    return [*found, *sources, *beside, *notes] if sources else found


def _map_signs(figures: dict[str, Any]) -> str:
    if figures.get("suppressed"):
        return _("The number in a hexagon is how many reports came from there. Hatched means that the number is not shown.")
    return _("A dot is a known place and a dashed ring an approximate one. The number in a hexagon is how many reports came from there.")


def _group(heading: str, caption: str, first: str, groups: list[dict[str, Any]] | None, figures: dict[str, Any]) -> list[Block]:
    if groups is None:
        return []
    if not groups:
        return [Heading(2, heading), Text(_("Nothing has come in for this week."))]
    spark = any(g.get("weeks") for g in groups)
    columns = [Column(first, share=4), Column(_("Count"), numeric=True), Column(_("Usual"), numeric=True), Column(_("Compared"), share=2)]
    if spark:
        columns.append(Column(_("12 weeks"), drawn=True))
    rows = []
    for g in groups:
        row = [Cell(g["name"]), Cell(words.count(g["count"])), Cell(words.usual(g["usual"])), _compared(g["verdict"])]
        rows.append([*row, _spark(g)] if spark else row)
    last = [Cell(_("All")), Cell(words.count(figures["total"])), Cell(words.usual(figures["usual"])), _compared(figures["verdict"])]
    rows.append([*last, Cell("")] if spark else last)
    return [Heading(2, heading), Table(caption, columns, rows, total=True)]


def _compared(verdict: str) -> Cell:
    return Cell(words.compared(verdict), strong=verdict in {"more", "fewer"})


def _spark(group: dict[str, Any]) -> Cell:
    weeks = group.get("weeks") or []
    if not weeks:
        return Cell("–")
    if None in weeks:  # a line over hidden weeks would look as if they were known
        return Cell(_("not shown"))
    base = group.get("usual") or {}
    alt = _("Reports by week, the latest last: %(list)s.") % {"list": ", ".join(words.count(w) for w in weeks)}
    drawn = Sparkline(
        f"doc-{group['key']}", group["name"], alt, weeks, base.get("low"), base.get("high"),
        stands_out=group["verdict"] == "more",
    )  # fmt: skip
    return Cell("", drawing=Drawing(drawn.svg(), alt))


def _figure(kept: dict[str, Any] | None, otherwise: str = "") -> list[Block]:
    if not kept:
        return [Text(otherwise)] if otherwise else []
    alt = " ".join(s for s in (f"{kept['title']}.", kept["description"], _("The same numbers stand as a table in the document.")) if s)
    found: list[Block] = [Heading(2, kept["title"])]
    if kept["description"]:
        found.append(Text(kept["description"], "before"))
    return [*found, Figure(kept["title"], Drawing(kept["svg"], alt))]


def _going_on(content: dict[str, Any]) -> list[Block]:
    found: list[Block] = [Heading(1, _("Going on"))]
    if not content["developments"]:
        return [*found, Text(_("No development is followed right now."))]
    columns = [Column(_("Development"), share=5), Column(_("Category"), share=3), Column(_("Place"), share=3), Column(_("Since")), Column(_("Now"), share=2)]
    rows = []
    for d in content["developments"]:
        since = Week.parse(d["since"])
        rows.append([
            Cell(d["title"]), Cell(d["category"]), Cell(d["where"] or "–"), Cell(words.dates.week_table(since, words.language())),
            Cell(d["trend_words"] or "–", strong=d["trend"] == "worse"),
        ])  # fmt: skip
    return [*found, Table(_("Developments going on, the worst first"), columns, rows)]


def _who_answered(content: dict[str, Any]) -> list[Block]:
    effort = content["effort"]
    found: list[Block] = [Heading(1, _("Who has answered?")), Text(words.answers(effort))]
    if not effort["groups"]:
        return found
    columns = [Column(_("Group"), share=4), Column(_("Reported"), numeric=True), Column(_("Nothing"), numeric=True), Column(_("Silent"), numeric=True)]
    rows = [[Cell(g["name"]), *(Cell(words.number(g[k])) for k in ("reported", "nothing", "silent"))] for g in effort["groups"]]
    rows.append([Cell(_("All")), *(Cell(words.number(effort[k])) for k in ("reported", "nothing", "silent"))])
    found.append(Table(_("Answers by group"), columns, rows, total=True))
    if effort["silent_list"]:
        names = sorted({s["name"] for s in effort["silent_list"]})
        found.append(Text(_("Have not answered: %(names)s.") % {"names": "; ".join(names)}))
    found.append(Text(_("Silence is not calm: that somebody has not answered does not mean that nothing has happened."), "note"))
    return found


def _about(content: dict[str, Any], figures: dict[str, Any], state: str, digest: str) -> list[Block]:
    found: list[Block] = [Heading(1, _("About this document")), Text(state)]
    if digest:
        found.append(
            Text(_("The content of the edition has the checksum SHA-256 %(digest)s. A locked edition never changes. A correction becomes a new edition.") % {"digest": digest})
        )
    else:
        found.append(Text(_("The week is not locked, and what is here can change until it is.")))
    if content.get("invented"):
        found.append(Text(_("The data are invented. No person, place or incident in them is real.")))
    if figures.get("licences"):
        found.append(Text(_("Sources: %(list)s.") % {"list": figures["licences"]}))
    found.append(Text(_("The document tells what partners have reported. It names no persons.")))
    return found


def _tables(figures: dict[str, Any]) -> list[Block]:
    kept = [figures[k] for k in ("map", "over_time", "hours") if figures.get("shown") and figures.get(k)]
    if not kept:
        return []
    found: list[Block] = [Break(), Heading(1, _("The figures as tables"))]
    for figure in kept:
        found += [Heading(2, figure["title"]), _stored(figure)]
    return found


def _stored(figure: dict[str, Any]) -> Table:
    """A stored table; turned when it has more columns than a page has room for."""
    labels = [c["label"] for c in figure["table"]["columns"]]
    numeric = [c["numeric"] for c in figure["table"]["columns"]]
    rows = [[words.cell(v) for v in row] for row in figure["table"]["rows"]]
    if len(labels) > max(_WIDEST, len(rows)):
        turned = [[label, *(row[i] for row in rows)] for i, label in enumerate(labels)]
        labels, rows = turned[0], turned[1:]
        labels[0], numeric = _("Hour"), [False] + [True] * (len(labels) - 1)
    columns = [Column(label, n) for label, n in zip(labels, numeric, strict=True)]
    return Table(figure["title"], columns, [[Cell(v) for v in row] for row in rows], small=True)
