"""From the content of a week to the blocks of a document, in the active language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samverkan.foundation.web import dates
from samverkan.foundation.weeks import Week

from . import counted, words
from .blocks import Block, Cell, Column, Document, Heading, Item, Items, Table, Text

#: Of a pattern, what would tell small counts to those who may not see them.
_FINE = ("x", "y", "radius_m", "count", "expected", "mostly", "new_count", "recurrence_weeks", "weeks", "usual")


def clean(value: Any) -> Any:
    """Without control characters, which no document can hold."""
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


def protect(content: dict[str, Any]) -> dict[str, Any]:
    """The same content, where a reader who may not see small counts gets no finer ones by way of the patterns.

    A pattern counts one place over some days; the released figures are whole weeks and fixed areas, so
    that differences reveal nothing. Its place, its beginning and how rare it is are kept. A development
    is one single incident in somebody's words: what is told of those that go on is which main
    categories they are of and how it goes, never how many, where or in what words.
    """
    figures, told = content.get("figures") or {}, content.get("alarms") or {}
    if figures.get("shown") and not figures.get("suppressed"):
        return content
    patterns = [{k: v for k, v in p.items() if k not in _FINE} for p in told.get("patterns", [])]
    plain = {k: v for k, v in told.items() if k != "method"}
    return {
        **{k: v for k, v in content.items() if k != "partners"},
        "alarms": {**plain, "patterns": patterns, "notes": told.get("plain_notes", [])},
        "developments": _going_on_in(content.get("developments", [])),
        "effort": _without_late_counts(content.get("effort") or {}),
    }


def _without_late_counts(effort: dict[str, Any]) -> dict[str, Any]:
    """How many reports came late counts single reports: it is only told whether it matters."""
    told = effort.get("late")
    if not told:
        return effort
    return {**effort, "late": {"some": words.is_late(told), "usually": told.get("usually")}}


def _going_on_in(developments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Main categories in which something goes on, each once with its worst trend: those come first already."""
    worst: dict[str, dict[str, Any]] = {}
    for d in developments:
        if main := d.get("main"):
            kept = {"trend": d["trend"], "trend_words": d["trend_words"]}
            worst.setdefault(main, {"title": main, "main": main, "category": main, "where": "", "since": "", **kept})
    return list(worst.values())


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
    blocks += counted.came_in(content, figures)
    blocks += _going_on(content)
    blocks += _who_answered(content)
    blocks += _about(content, figures, state, digest)
    blocks += counted.tables(figures)
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
    sentences += [
        figures.get("new_sources", ""),
        words.beside(content["effort"], figures.get("verdict", "")),
        _("Reports are not reported crimes."),
    ]
    return " ".join(s for s in sentences if s)


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
            lines += [told_new] if (told_new := words.new_ones(p)) else []
        if p.get("mostly"):
            lines.append(_("Mostly: %(what)s.") % {"what": ", ".join(p["mostly"])})
        lines += [_("Since %(day)s.") % {"day": words.day(p["since"])}, p["often"]]
        lines.append(words.how_new(p))
        items.append(
            Item(
                _("More than expected at %(where)s") % {"where": p["where"]},
                [s for s in (" ".join(lines), words.beside(content["effort"], "more")) if s],
            )
        )
    if items:
        found.append(Items(items))
    elif not told["searched"]:
        found.append(Text(_("The search for unusual patterns had not run for this week.")))
    elif not told["enough"]:
        found.append(Text(_("Too few reports with a known place to tell whether anything is starting.")))
    else:
        found.append(Text(_("Nothing unusual was found. That does not mean that nothing happened.")))
    found += [Text(note, "note") for note in (words.late(content["effort"]), *told.get("notes", [])) if note]
    method = _(
        "Every week the reports of the past year with a known place are searched once for places and days with more than chance would bring, when the number of every day and every place is kept as it was. At most five are told. A pattern tells that reports gather, not why, and never who. If more report than before, part of it can come from that."
    )
    if told.get("method"):
        m = told["method"]
        method += " " + _("%(n)s random draws on %(events)s reports, seed %(seed)s.") % {
            "n": words.number(m["replicates"]),
            "events": words.number(m["events"]),
            "seed": m["seed"],
        }
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
        columns = [
            Column(_("Decision"), share=4),
            Column(_("Who"), share=3),
            Column(_("By when")),
            Column(_("Why"), share=3),
        ]
        rows = [
            [Cell(d["text"]), Cell(d["who"] or "–"), Cell(d["due"] or "–"), Cell(d["why"] or "–")]
            for d in content["decisions"]
        ]
        found.append(Table(_("Decisions of the meeting"), columns, rows))
    else:
        found.append(Text(_("No decisions were noted.")))
    return found


def _measures(content: dict[str, Any]) -> list[Block]:
    found: list[Block] = [Heading(1, _("Measures"))]
    if not content["measures"]:
        return [*found, Text(_("No measures are due."))]
    columns = [
        Column(_("Measure"), share=4),
        Column(_("Place"), share=3),
        Column(_("Who"), share=4),
        Column(_("By when")),
        Column(_("State"), share=2),
    ]
    rows = []
    for m in content["measures"]:
        state = Cell(_("Late"), strong=True) if m["late"] else Cell(m["status_words"])
        title = m["title"]
        if m.get("causes"):  # weeks locked before it was kept have none
            title = _("%(measure)s. Acts on: %(causes)s.") % {
                "measure": title.rstrip("."),
                "causes": "; ".join(m["causes"]),
            }
        rows.append([Cell(title), Cell(m["where"] or "–"), Cell(m["who"]), Cell(m["due"]), state])
    found.append(Table(_("Measures due, and those to follow up"), columns, rows))
    found.append(
        Text(_("Measures due by the end of the week after, and those whose effect is to be followed up."), "note")
    )
    return found


def _going_on(content: dict[str, Any]) -> list[Block]:
    found: list[Block] = [Heading(1, _("Going on"))]
    if not content["developments"]:
        return [*found, Text(_("No development is followed right now."))]
    columns = [
        Column(_("Development"), share=5),
        Column(_("Category"), share=3),
        Column(_("Place"), share=3),
        Column(_("Since")),
        Column(_("Now"), share=2),
    ]
    rows = []
    for d in content["developments"]:
        since = dates.week_table(Week.parse(d["since"]), words.language()) if d["since"] else "–"
        rows.append(
            [
                Cell(d["title"]),
                Cell(d["category"]),
                Cell(d["where"] or "–"),
                Cell(since),
                Cell(d["trend_words"] or "–", strong=d["trend"] == "worse"),
            ]
        )
    return [*found, Table(_("Developments going on, the worst first"), columns, rows)]


def _who_answered(content: dict[str, Any]) -> list[Block]:
    effort = content["effort"]
    found: list[Block] = [Heading(1, _("Who has answered?"))]
    if not effort.get("expected"):
        return [*found, Text(_("Nobody is expected to report yet."))]
    found.append(Text(words.answers(effort)))
    if not effort["groups"]:
        return found
    columns = [
        Column(_("Group"), share=4),
        Column(_("Reported"), numeric=True),
        Column(_("Nothing"), numeric=True),
        Column(_("Silent"), numeric=True),
    ]
    rows = [
        [Cell(g["name"]), *(Cell(words.number(g[k])) for k in ("reported", "nothing", "silent"))]
        for g in effort["groups"]
    ]
    rows.append([Cell(_("All")), *(Cell(words.number(effort[k])) for k in ("reported", "nothing", "silent"))])
    found.append(Table(_("Answers by group"), columns, rows, total=True))
    if effort["silent_list"]:
        names = sorted({s["name"] for s in effort["silent_list"]})
        found.append(Text(_("Have not answered: %(names)s.") % {"names": "; ".join(names)}))
    found.append(
        Text(_("Silence is not calm: that somebody has not answered does not mean that nothing has happened."), "note")
    )
    return found


def _about(content: dict[str, Any], figures: dict[str, Any], state: str, digest: str) -> list[Block]:
    found: list[Block] = [Heading(1, _("About this document")), Text(state)]
    if digest:
        found.append(
            Text(
                _(
                    "The content of the edition has the checksum SHA-256 %(digest)s. A locked edition never changes. A correction becomes a new edition."
                )
                % {"digest": digest}
            )
        )
    else:
        found.append(Text(_("The week is not locked, and what is here can change until it is.")))
    if content.get("invented"):
        found.append(Text(_("The data are invented. No person, place or incident in them is real.")))
    if figures.get("licences"):
        found.append(Text(_("Sources: %(list)s.") % {"list": figures["licences"]}))
    found.append(Text(_("The document tells what partners have reported. It names no persons.")))
    return found
