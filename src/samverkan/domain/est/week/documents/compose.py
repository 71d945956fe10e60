"""From the content of a week to the blocks of a document, in the active language."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samverkan.foundation.documents import Block, Cell, Column, Document, Heading, Item, Items, Table, Text
from samverkan.foundation.editions import Seal
from samverkan.foundation.web import dates
from samverkan.foundation.weeks import Week

from ..content import Content
from . import counted, words


def compose(content: Content, seal: Seal | None = None) -> Document:
    """The whole document; ``seal`` is that of the edition, None of a week that is not locked."""
    figures = content.figures
    period = words.weeks(content.first, content.weeks)
    answer = words.how_many(figures)
    title = words.capital(f"{period}: {answer}" if answer else period)
    put_at = content.put_together_at
    if content.edition and seal:
        at = words.moment(seal.at)
        state = _("Edition %(number)s, locked %(at)s.") % {"number": content.edition, "at": at}
        digest = seal.sha256
    else:
        state = _("Not locked. Put together %(at)s.") % {"at": words.moment(put_at)}
        digest = ""
    marks = [] if digest else [("warning", _("Not locked"))]
    if content.invented:
        marks.append(("plain", _("Invented data")))
    blocks: list[Block] = []
    if content.corrects:
        blocks.append(Text(_("This edition corrects: %(what)s") % {"what": content.corrects}, "strong"))
    blocks += _assessment(content)
    blocks += _patterns(content)
    blocks += _decided(content)
    blocks += _measures(content)
    blocks += counted.came_in(content)
    blocks += _going_on(content)
    blocks += _who_answered(content)
    blocks += _about(content, state, digest)
    blocks += counted.tables(figures)
    foot = [state]
    if digest:
        foot.append(f"SHA-256 {digest}")
    return Document(
        title=title,
        room=" · ".join(part for part in (_("The week"), content.municipality) if part),
        lead=_lead(content),
        marks=marks,
        foot=foot,
        at=datetime.fromisoformat(seal.at if seal else put_at),
        author=content.municipality,
        description=_("What came in, what deviates and what was decided in EST (effective coordination for safety)."),
        blocks=blocks,
    )


def _lead(content: Content) -> str:
    figures = content.figures
    sentences = [words.capital(words.span(content.begins, content.ends)) + "."]
    base = words.years(figures.base_years)
    if figures.usual and base:
        sentences.append(
            _("Usual in the same weeks %(years)s is %(span)s.") % {"years": base, "span": words.usual(figures.usual)}
        )
    elif figures.shown:
        sentences.append(_("There is too little to tell what is usual."))
    if figures.last_year is not None:
        sentences.append(_("Last year the same weeks had %(number)s.") % {"number": words.number(figures.last_year)})
    sentences += [
        figures.new_sources,
        words.beside(content.effort, figures.verdict),
        _("Reports are not reported crimes."),
    ]
    return " ".join(s for s in sentences if s)


def _assessment(content: Content) -> list[Block]:
    paragraphs = [p.strip() for p in content.judgement.split("\n\n") if p.strip()]
    found: list[Block] = [Heading(1, _("Joint assessment"))]
    return found + ([Text(p) for p in paragraphs] or [Text(_("No joint assessment is written."))])


def _patterns(content: Content) -> list[Block]:
    told, figures = content.alarms, content.figures
    found: list[Block] = [Heading(1, _("What deviates"))]
    items = []
    for p in told.patterns:
        lines = []
        if p.count is not None:
            values = {"count": words.number(p.count), "days": p.days, "expected": words.number(p.expected or 0)}
            lines.append(
                ngettext(
                    "%(count)s report in %(days)s days, where %(expected)s would be expected.",
                    "%(count)s reports in %(days)s days, where %(expected)s would be expected.",
                    p.count,
                )
                % values
            )
            lines += [told_new] if (told_new := words.new_ones(p)) else []
        if p.mostly:
            lines.append(_("Mostly: %(what)s.") % {"what": ", ".join(p.mostly)})
        lines += [_("Since %(day)s.") % {"day": words.day(p.since)}, p.often]
        lines.append(words.how_new(p))
        items.append(
            Item(
                _("More than expected at %(where)s") % {"where": p.where},
                [s for s in (" ".join(lines), words.beside(content.effort, "more")) if s],
            )
        )
    if items:
        found.append(Items(items))
    elif not told.searched:
        found.append(Text(_("The search for unusual patterns had not run for this week.")))
    elif not told.enough:
        found.append(Text(_("Too few reports with a known place to tell whether anything is starting.")))
    else:
        found.append(Text(_("Nothing unusual was found. That does not mean that nothing happened.")))
    found += [Text(note, "note") for note in (words.late(content.effort), *told.notes) if note]
    method = _(
        "Every week the reports of the past year with a known place are searched once for places and days with more than chance would bring, when the number of every day and every place is kept as it was. At most five are told. A pattern tells that reports gather, not why, and never who. If more report than before, part of it can come from that."
    )
    if told.method:
        m = told.method
        method += " " + _("%(n)s random draws on %(events)s reports, seed %(seed)s.") % {
            "n": words.number(m.replicates),
            "events": words.number(m.events),
            "seed": m.seed,
        }
    found.append(Text(method, "note"))
    if items and figures.suppressed:
        found.append(Text(_("How many is not said here, to protect individuals."), "note"))
    return found


def _decided(content: Content) -> list[Block]:
    found: list[Block] = [Heading(1, _("Prioritised places and problems"))]
    if content.priorities:
        items = []
        for p in content.priorities:
            lines = [p.why]
            if p.problem:
                lines.append(_("Problem: %(title)s") % {"title": p.problem})
            if p.causes:
                lines.append(_("Causes: %(list)s") % {"list": "; ".join(p.causes)})
            items.append(Item(p.where, lines))
        found.append(Items(items))
    else:
        found.append(Text(_("No place was prioritised.")))
    found.append(Heading(1, _("Decisions")))
    if content.decisions:
        columns = [
            Column(_("Decision"), share=4),
            Column(_("Who"), share=3),
            Column(_("By when")),
            Column(_("Why"), share=3),
        ]
        rows = [[Cell(d.text), Cell(d.who or "–"), Cell(d.due or "–"), Cell(d.why or "–")] for d in content.decisions]
        found.append(Table(_("Decisions of the meeting"), columns, rows))
    else:
        found.append(Text(_("No decisions were noted.")))
    return found


def _measures(content: Content) -> list[Block]:
    found: list[Block] = [Heading(1, _("Measures"))]
    if not content.measures:
        return [*found, Text(_("No measures are due."))]
    columns = [
        Column(_("Measure"), share=4),
        Column(_("Place"), share=3),
        Column(_("Who"), share=4),
        Column(_("By when")),
        Column(_("State"), share=2),
    ]
    rows = []
    for m in content.measures:
        state = Cell(_("Late"), strong=True) if m.late else Cell(m.status_words)
        title = m.title
        if m.causes:  # weeks locked before it was kept have none
            title = _("%(measure)s. Acts on: %(causes)s.") % {
                "measure": title.rstrip("."),
                "causes": "; ".join(m.causes),
            }
        rows.append([Cell(title), Cell(m.where or "–"), Cell(m.who), Cell(m.due), state])
    found.append(Table(_("Measures due, and those to follow up"), columns, rows))
    found.append(
        Text(_("Measures due by the end of the week after, and those whose effect is to be followed up."), "note")
    )
    return found


def _going_on(content: Content) -> list[Block]:
    found: list[Block] = [Heading(1, _("Going on"))]
    if not content.developments:
        return [*found, Text(_("No development is followed right now."))]
    columns = [
        Column(_("Development"), share=5),
        Column(_("Category"), share=3),
        Column(_("Place"), share=3),
        Column(_("Since")),
        Column(_("Now"), share=2),
    ]
    rows = []
    for d in content.developments:
        since = dates.week_table(Week.parse(d.since), words.language()) if d.since else "–"
        rows.append(
            [
                Cell(d.title),
                Cell(d.category),
                Cell(d.where or "–"),
                Cell(since),
                Cell(d.trend_words or "–", strong=d.trend == "worse"),
            ]
        )
    return [*found, Table(_("Developments going on, the worst first"), columns, rows)]


def _who_answered(content: Content) -> list[Block]:
    effort = content.effort
    found: list[Block] = [Heading(1, _("Who has answered?"))]
    if not effort.expected:
        return [*found, Text(_("Nobody is expected to report yet."))]
    found.append(Text(words.answers(effort)))
    if not effort.groups:
        return found
    columns = [
        Column(_("Group"), share=4),
        Column(_("Reported"), numeric=True),
        Column(_("Nothing"), numeric=True),
        Column(_("Silent"), numeric=True),
    ]
    rows = [[Cell(g.name), *(Cell(words.number(n)) for n in (g.reported, g.nothing, g.silent))] for g in effort.groups]
    rows.append([Cell(_("All")), *(Cell(words.number(n)) for n in (effort.reported, effort.nothing, effort.silent))])
    found.append(Table(_("Answers by group"), columns, rows, total=True))
    if effort.silent_list:
        names = sorted({s.name for s in effort.silent_list})
        found.append(Text(_("Have not answered: %(names)s.") % {"names": "; ".join(names)}))
    found.append(
        Text(_("Silence is not calm: that somebody has not answered does not mean that nothing has happened."), "note")
    )
    return found


def _about(content: Content, state: str, digest: str) -> list[Block]:
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
    if content.invented:
        found.append(Text(_("The data are invented. No person, place or incident in them is real.")))
    if content.figures.licences:
        found.append(Text(_("Sources: %(list)s.") % {"list": content.figures.licences}))
    found.append(Text(_("The document tells what partners have reported. It names no persons.")))
    return found
