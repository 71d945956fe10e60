"""Puts a week together as plain data: what the page shows, the edition keeps and the documents print.

Counts are reports and other observations, never crime. Texts in the content are Swedish or English
by the language in which the week is put together, so that a locked week reads the same for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Incident, Kind
from samverkan.domain.measures.api import due as measures_due
from samverkan.domain.picture.api import Filter, Page, Picture, Usual, Verdict, ask, covering
from samverkan.foundation import clock
from samverkan.foundation.access import Actor
from samverkan.foundation.people.selectors import home_name
from samverkan.foundation.web.errors import Refusal
from samverkan.foundation.web.maps.draw import MOST_ATTENTION
from samverkan.foundation.weeks import Week

from ..models import EstWeek
from . import alarms, around, effort

_MOST_DEVELOPMENTS = 12
#: 2: the map of the released figures counts areas. In weeks locked before it counted hexagons within them too.
_FORMAT = 2


def build(actor: Actor, row: EstWeek, *, released: bool = True) -> dict[str, Any]:
    """The whole content of a cycle for one actor; what others may see stands under ``partners`` when ``released``."""
    first = Week.from_index(row.first)
    last = first.plus(row.weeks - 1)
    patterns = alarms.shown(last, row.weeks)
    if patterns["patterns"] and actor.may("picture.exact"):
        around.add(actor, patterns["patterns"], last)
    content: dict[str, Any] = {
        "format": _FORMAT,
        "week": str(first),
        "weeks": row.weeks,
        "from": first.monday.isoformat(),
        "to": last.sunday.isoformat(),
        "put_together_at": clock.now().isoformat(timespec="seconds"),
        "judgement": row.judgement,
        "effort": effort.of_week(first, row.weeks),
        "figures": figures(actor, first, last, patterns["patterns"]),
        "alarms": patterns,
        "developments": developments(actor, last),
        "measures": _measures(actor, last),
    }
    return content | _kept(actor, row, first, last) if released else content


def _kept(actor: Actor, row: EstWeek, first: Week, last: Week) -> dict[str, Any]:
    """What an edition and a document need beside what the pages of an open week ask for themselves."""
    return {
        "municipality": home_name(),
        "invented": bool(Incident.objects.filter(source__is_invented=True).exists()),
        "priorities": [
            {
                "where": p.place.name if p.place else p.area.name if p.area else "",
                "why": p.why,
                "problem": p.problem.title if p.problem else "",
                "causes": [c.text for c in p.problem.causes.all()] if p.problem else [],
            }
            for p in (
                row.priorities.select_related("place", "area", "problem")
                .prefetch_related("problem__causes")
                .order_by("order", "pk")
                if row.pk
                else ()
            )
        ],
        "decisions": [
            {
                "text": d.text,
                "who": f"{d.responsible.function}, {d.responsible.organisation.name}" if d.responsible else "",
                "due": d.due_on.isoformat() if d.due_on else "",
                "why": d.measure.why if d.measure else "",
                "measure": bool(d.measure_id),
            }
            for d in (
                row.decisions.select_related("responsible__organisation", "measure").order_by("order", "pk")
                if row.pk
                else ()
            )
        ],
        "partners": figures(_as_partner(actor), first, last),
    }


def _as_partner(actor: Actor) -> Actor:
    """Somebody who may not see small counts, for the figures that are released to all."""
    return Actor(None, None, actor.organisation_id, "", "est_reporter", actor.controller_id)


def _usual(base: Usual | None) -> dict[str, Any] | None:
    return {"low": base.low, "middle": base.middle, "high": base.high} if base else None


def figures(actor: Actor, first: Week, last: Week, patterns: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Counts with what is usual, the map (unusual patterns ringed) and the charts. Hidden counts are null."""
    if last >= Week.current() and not actor.may("picture.exact"):
        return {
            "shown": False,
            "why": _("Small counts are hidden, and so the figures are shown when the week is over."),
        }
    picture = ask(actor, covering(Filter().over(first, last)), releasing=last)
    page = Page(picture)
    summary = page.summary
    found: dict[str, Any] = {
        "shown": True,
        "suppressed": summary.suppressed,
        "below": summary.below,
        "total": summary.total,
        "usual": _usual(page.usual),
        "verdict": page.verdict.value,
        "last_year": picture.last_year(),
        "municipality_only": summary.municipality_only,
        "elsewhere": page.elsewhere,
        "cover": page.cover_words,
        "every": page.every_query if page.not_covered else "",
        "categories": _groups(picture, page, "category", first, last),
        "areas": _groups(picture, page, "area", first, last, spark=False),
        "sources": _groups(picture, page, "source", first, last, spark=False),
        "new_sources": page.new_sources,
        "base_years": page.base_years,
        "licences": page.sources,
    }
    if page.map is not None:
        rings = [
            alarms.ring(p["where"], (p["x"], p["y"]), p["radius_m"], p["count"], p["days"])
            for p in patterns[:MOST_ATTENTION]
        ]
        found["map"] = _figure(replace(page.map, attention=rings), (736, 500), (358, 420))
    if page.weeks is not None:
        found["over_time"] = _figure(page.weeks, (640,), (358,))
    if page.hours is not None:
        found["hours"] = _figure(page.hours, (640,), (358,))
    return found


def _figure(drawn: Any, wide: tuple[int, ...], narrow: tuple[int, ...]) -> dict[str, Any]:
    """A drawing for wide and narrow screens with its words and its table, so that nothing of it is needed again."""
    more = {"links": False} if len(wide) == 2 else {}
    table = drawn.table() if callable(drawn.table) else drawn.table
    return {
        "title": str(drawn.title),
        "description": str(getattr(drawn, "description", "")),
        "svg": str(drawn.svg(*wide, **more)),
        "narrow": str(drawn.svg(*narrow, **more)),
        "legend": _legend(drawn),
        "table": {
            "columns": [{"label": str(c.label), "numeric": c.numeric} for c in table.columns],
            "rows": [[_cell(v) for v in r] for r in table.rows],
        },
    }


def _legend(drawn: Any) -> dict[str, Any]:
    """What the signs of a map or a heat chart mean; empty for what needs none."""
    entries = drawn.legend() if hasattr(drawn, "legend") else []
    title = drawn.legend_title() if hasattr(drawn, "legend_title") else ""
    return {"title": title, "entries": [list(entry) for entry in entries]} if entries else {}


#: What weeks locked earlier call the signs of a map.
_EARLIER = {"event": "dot", "development": "diamond", "place": "square"}


def legend_entries(kept: dict[str, Any]) -> list[tuple[str, str]]:
    """Sign and words of a kept legend; a week keeps for ever what signs were called when it was locked."""
    return [(_EARLIER.get(sign, sign), words) for sign, words in kept.get("entries", [])]


def _cell(value: Any) -> Any:
    from samverkan.foundation.web.charts import AtLeast, Hidden, Missing
    from samverkan.foundation.web.charts.table import cell_text

    if isinstance(value, Hidden):
        return {"hidden": True}
    if isinstance(value, Missing):
        return None
    if isinstance(value, AtLeast):
        return cell_text(value)
    return value if isinstance(value, int | float) else str(value)


def _groups(
    picture: Picture, page: Page, name: str, first: Week, last: Week, *, spark: bool = True
) -> list[dict[str, Any]] | None:
    counts = page.summary.by.get(name)
    if counts is None:
        return None
    usual = picture.usual_by(name)
    lines = _sparks(picture, name, last) if spark else {}
    rows: list[dict[str, Any]] = []
    for count in counts:
        base = usual.get(count.key)
        verdict = page.judge(count.value, base, name, count.key)
        if count.value == 0 and name != "area" and verdict is not Verdict.FEWER:
            continue
        rows.append(
            {
                "key": count.key,
                "name": count.name,
                "count": count.value,
                "usual": _usual(base),
                "verdict": verdict.value,
                "weeks": lines.get(count.key, []),
            }
        )
    rows.sort(key=lambda r: (r["count"] is None, -(r["count"] or 0), r["name"]))
    return rows


def _sparks(picture: Picture, name: str, last: Week) -> dict[str, list[int | None]]:
    """The latest weeks of every group, by key; counted in one pass over the figures."""
    start = max(0, last.index - around.SPARK_WEEKS + 1)
    table = picture.protected(name, start, last.index)
    groups = picture.dimension(name).groups
    out: dict[str, list[int | None]] = {}
    for week in range(start, last.index + 1):
        cells = table.cells(week, week)
        for number, group in enumerate(groups):
            out.setdefault(group.key, []).append(cells[number] if number < len(cells) else 0)
    return out


def developments(actor: Actor, last: Week) -> list[dict[str, Any]]:
    """Developments that go on, the worst first."""
    order = {"worse": 0, "new": 1, "unchanged": 2, "": 3, "better": 4}
    end = last.span[1]
    rows = (
        Incident.objects.visible_to(actor)
        .filter(kind=Kind.DEVELOPMENT, started_at__lt=end)
        .filter(ended_at__isnull=True)
        .select_related("category__main", "area", "place")
        .order_by("-started_at")[:100]
    )
    found = sorted(rows, key=lambda i: order.get(i.trend, 3))[:_MOST_DEVELOPMENTS]
    return [
        {
            "id": str(i.public_id),
            "title": i.title,
            "category": i.category.name,
            # What is told to those who see no single incident; of what goes on in homes, nothing.
            "main": "" if i.category.is_home_bound else (i.category.main or i.category).name,
            "where": i.place.name if i.place else i.area.name if i.area else "",
            "since": str(Week.containing(i.started_at)),
            "trend": i.trend,
            "trend_words": i.get_trend_display() if i.trend else "",
        }
        for i in found
    ]


def _measures(actor: Actor, last: Week) -> list[dict[str, Any]]:
    """Measures due by the end of the next week, and those to be followed up."""
    if not actor.may("measures.view"):
        return []
    today = clock.today()
    rows = measures_due(actor, until=max(last.sunday, today) + timedelta(days=7)).prefetch_related("causes")[:30]
    return [
        {
            "id": str(m.public_id),
            "title": m.title,
            "who": f"{m.owner.function}, {m.owner.organisation.name}",
            "where": m.place.name if m.place else m.area.name if m.area else "",
            "causes": [c.text for c in m.causes.all()],
            "due": m.due_on.isoformat(),
            "follow_up": m.follow_up_on.isoformat() if m.follow_up_on else "",
            "status": m.status,
            "status_words": m.get_status_display(),
            "late": m.status in ("planned", "ongoing") and m.due_on < today,
        }
        for m in rows
    ]


def counted_today(actor: Actor, content: dict[str, Any]) -> int | None:
    """What the actor counts for a locked week today, where that is another number than it was locked with.

    Reports come late, are corrected and are taken out; the edition stays as it was. None where the two are
    the same, or one of them is not shown.
    """
    kept = (content.get("figures") or {}).get("total")
    if kept is None or not actor.may("picture.view"):
        return None
    first = Week.parse(content["week"])
    last = first.plus(content.get("weeks", 1) - 1)
    asked = covering(Filter().over(first, last))
    try:
        now = ask(actor, asked).summary(()).total
    except Refusal:  # locked before it was over, and not yet shown to others
        return None
    return now if now != kept else None


def for_actor(actor: Actor, content: dict[str, Any]) -> dict[str, Any]:
    """The content as this actor may see it: others than those who see small counts get the released figures."""
    if actor.may("picture.exact"):
        return content
    effort = {**content.get("effort", {}), "silent_list": []}
    figures_ = content.get("partners", {"shown": False, "why": ""})
    if content.get("format", 1) < _FORMAT:
        # Counts of hexagons within areas narrow the areas' hidden counts.
        figures_ = {name: value for name, value in figures_.items() if name != "map"}
    # The documents strip what patterns would give away; the page asks the same function.
    from .documents.compose import protect

    return protect({**content, "figures": {**figures_, "suppressed": True}, "effort": effort})


def fingerprint(content: dict[str, Any]) -> str:
    """SHA-256 of the content written in one certain way, so that anybody can check an edition."""
    return hashlib.sha256(
        json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    ).hexdigest()
