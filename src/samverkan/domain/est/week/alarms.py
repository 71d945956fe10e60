"""Unusual patterns: is something starting somewhere. One search per cycle, told in words.

The search is the prospective space-time permutation scan of ``samverkan.analysis.emerging``. It runs
in a process of its own, so that no web process carries its compiler, and its answer is stored with
parameters and seed. At most five are told.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from samverkan.domain.incidents.api import Incident, Kind
from samverkan.domain.places.api import Area, Place
from samverkan.foundation import clock, geo, isolated, jobs, municipality
from samverkan.foundation.access import SYSTEM, Actor, require
from samverkan.foundation.people import services as people
from samverkan.foundation.web.maps import Attention
from samverkan.foundation.weeks import Week

from ..models import AlarmRun, EstWeek
from . import cycles
from .content import Alarms, Method, Pattern

BASELINE_DAYS = 365
#: With fewer events than this there is too little to tell from, and no process is begun to say so.
FEWEST = 30
#: The analysis' last seed; the same week gives the same answer.
SEED = 20_240_101
_EPOCH = date(1970, 1, 1)
#: A cluster is called by the name of a place within this distance.
_NAMED_WITHIN = 350.0
#: Metres; a ring smaller than this would hide what it is about.
_LEAST_RING = 250.0
#: What is kept of how a search was made.
_METHOD = ("replicates", "seed", "events", "places", "first_day", "last_day")
#: No more weeks than this are told: there is no telling further from a thousand draws.
_MOST_WEEKS = 520


def _events(last: Week) -> list[tuple[int, int, int, int, int]]:
    """(incident, hexagon, day, source, category) of events with a known place up to a week's end."""
    end = last.span[1]
    begin = end - timedelta(days=BASELINE_DAYS + 1)
    rows = Incident.objects.filter(
        kind=Kind.EVENT, is_digest=False, hexagon__isnull=False, started_at__gte=begin, started_at__lt=end
    ).values_list("pk", "hexagon", "started_at", "source_id", "category_id")
    return [(pk, h or 0, (clock.local(t).date() - _EPOCH).days, s, c) for pk, h, t, s, c in rows.order_by("pk")]


def search(actor: Actor, *, last: Week) -> AlarmRun:
    """Search a cycle that ends with a week, once; the stored answer afterwards."""
    require(actor, "est.week")
    known = AlarmRun.objects.filter(week=last.index).first()
    if known is not None:
        return known
    events = _events(last)
    xs, ys = geo.centres([e[1] for e in events])
    question = {
        "place": [e[1] for e in events],
        "x": [float(v) for v in xs],
        "y": [float(v) for v in ys],
        "day": [e[2] for e in events],
        "source": [e[3] for e in events],
        "as_of": (last.sunday - _EPOCH).days,
        # How seldom chance brings one as strong depends on how often one looks.
        "every_days": 7 * _weeks_of(last),
        "limits_weeks": limits(),
        "seed": SEED,
        "fewest_events": FEWEST,
    }
    answer = (
        isolated.ask("samverkan.domain.est.week.searching", question) if len(events) >= FEWEST else _too_few(question)
    )
    for cluster in answer["clusters"]:
        mine = [events[i] for i in cluster.pop("events")]
        new = set(cluster.pop("new_events"))
        cluster["new_count"] = len(new)
        cluster["is_new"] = len(new) == len(mine)
        cluster["where"] = _name_of(*cluster["centre"])
        cluster["category_ids"] = Counter(e[4] for e in mine).most_common(2)
    from samverkan.domain.incidents.api import Source

    named = {n["values"]["source"] for n in answer["notes"] if "source" in n["values"]}
    names = dict(Source.objects.filter(pk__in=named).values_list("pk", "name")) if named else {}
    for note in answer["notes"]:
        note["name"] = names.get(note["values"].get("source"), "")
    run, _made = AlarmRun.objects.get_or_create(
        week=last.index,
        defaults={"controller": people.home(), "enough": answer["enough"], "result": answer},
    )
    return run


def _too_few(question: dict[str, Any]) -> dict[str, Any]:
    """The answer that the search gives when there is too little to tell from."""
    events = len(question["day"])
    return {
        "clusters": [],
        "enough": False,
        "events": events,
        "places": len(set(question["place"])),
        "replicates": 0,
        "seed": question["seed"],
        "first_day": question["as_of"] - BASELINE_DAYS + 1,
        "last_day": question["as_of"],
        "notes": [{"code": "too_few", "values": {"events": events, "needed": FEWEST}}],
        "warnings": [],
    }


def _weeks_of(last: Week) -> int:
    """How many weeks the cycle has that ends with a week."""
    row = EstWeek.objects.filter(first__lte=last.index).order_by("-first").first()
    return row.weeks if row is not None and row.first + row.weeks - 1 == last.index else cycles.length()


@jobs.task("est.search_week")
def search_week(week: int) -> None:
    """Job: search the cycle that ends with a week."""
    search(SYSTEM, last=Week.from_index(week))


@jobs.periodic("10 3 * * *", name="est.search_finished")
def search_finished() -> None:
    """Search the latest finished cycle, the first morning that it can be; a page never has it done."""
    search(SYSTEM, last=Week.from_index(cycles.reported_week().index + cycles.length() - 1))


#: Settings that say from how many weeks' recurrence a pattern is told, is unusual, and is very unusual.
LIMITS = ("est.told_weeks", "est.unusual_weeks", "est.very_unusual_weeks")


def limits() -> list[int]:
    """The municipality's limits, in weeks; in order also when they were decided out of order."""
    return sorted(int(municipality.get(key)) for key in LIMITS)


def often(weeks: float | None, step: int) -> str:
    """How unusual a pattern is, and how often chance alone brings one as strong, in words.

    ``step`` is how many of the limits it had passed when it was found.
    """
    if weeks is None or not math.isfinite(weeks) or weeks > _MOST_WEEKS:
        return _("Very unusual: less often than once in %(n)s weeks.") % {"n": _MOST_WEEKS}
    n = {"n": round(weeks)}
    if step >= 3:
        return _("Very unusual: by chance so clear a pattern would be seen about once in %(n)s weeks.") % n
    if step == 2:
        return _("Unusual: by chance so clear a pattern would be seen about once in %(n)s weeks.") % n
    return _("A little unusual: by chance so clear a pattern would be seen about once in %(n)s weeks.") % n


def shown(last: Week, weeks: int = 1) -> Alarms:
    """What a cycle of some weeks tells: patterns in words, or that there is too little to tell from."""
    earlier_one = last.index - weeks
    runs = {r.week: r for r in AlarmRun.objects.filter(week__in=[last.index, earlier_one])}
    run, before = runs.get(last.index), runs.get(earlier_one)
    if run is None:
        return Alarms(searched=False, enough=False, patterns=(), notes=())
    earlier = [c["centre"] for c in (before.result["clusters"] if before else [])]
    from samverkan.domain.incidents.api import Category

    asked = {i for c in run.result["clusters"] for i, _n in c["category_ids"]}
    names = {c.pk: c.name for c in Category.objects.filter(pk__in=asked)} if asked else {}
    patterns = []
    for cluster in run.result["clusters"]:
        x, y = cluster["centre"]
        since = _EPOCH + timedelta(days=cluster["start"])
        seen = any(math.hypot(x - a, y - b) <= max(600.0, cluster["radius_m"]) for a, b in earlier)
        patterns.append(
            Pattern(
                where=cluster["where"],
                x=x,
                y=y,
                radius_m=cluster["radius_m"],
                since=since.isoformat(),
                days=cluster["end"] - cluster["start"] + 1,
                count=cluster["observed"],
                expected=round(cluster["expected"], 1),
                mostly=tuple(names.get(i, "") for i, n in cluster["category_ids"] if n * 2 >= cluster["observed"]),
                often=often(cluster["recurrence_weeks"], cluster["step"]),
                recurrence_weeks=cluster["recurrence_weeks"],
                # One that none of the cycle's reports has brought is not new, though it was not told before.
                new=not seen and cluster["new_count"] > 0,
                seen=seen,
                new_count=cluster["new_count"],
            )
        )
    return Alarms(
        searched=True,
        enough=run.enough,
        patterns=tuple(patterns),
        notes=tuple(_note(n) for n in run.result["notes"]),
        # Without those that count, for those who may not see small counts.
        plain_notes=tuple(_note(n) for n in run.result["notes"] if n["code"] != "too_few"),
        method=Method(**{k: run.result[k] for k in _METHOD}),
    )


def rings(first: date, last: date) -> list[Attention]:
    """Where the picture of a period is to be looked at: the patterns of its latest searched week that fall in it."""
    weeks = Week.of(first).index, Week.of(last).index
    run = AlarmRun.objects.filter(week__range=weeks).order_by("-week").first()
    low, high = (first - _EPOCH).days, (last - _EPOCH).days
    found = [c for c in run.result["clusters"] if c["start"] <= high and c["end"] >= low] if run else []
    return [ring(c["where"], (*c["centre"], c["radius_m"]), c["observed"], c["end"] - c["start"] + 1) for c in found]


def ring(where: str, circle: tuple[float, float, float], count: int, days: int) -> Attention:
    """A pattern on a map, in the words of the text."""
    (x, y, radius), told = circle, {"n": count, "days": days}
    return Attention(x, y, max(radius, _LEAST_RING), where, _("%(n)s reports in %(days)s days") % told)


def _name_of(x: float, y: float) -> str:
    near = [
        (math.hypot(p.x - x, p.y - y), p.name)
        for p in Place.objects.exclude(kind="address").filter(
            x__range=(x - _NAMED_WITHIN, x + _NAMED_WITHIN), y__range=(y - _NAMED_WITHIN, y + _NAMED_WITHIN)
        )
    ]
    if near and min(near)[0] <= _NAMED_WITHIN:
        return min(near)[1]
    from samverkan.domain.places.api import area_at

    area: Area | None = area_at(x, y)
    return area.name if area else _("an unnamed place")


def _note(note: dict[str, Any]) -> str:
    values: dict[str, Any] = note["values"]
    name = note.get("name") or _("A source")
    if note["code"] == "too_few":
        return (
            _("There are %(events)s events with a known place in a year. At least %(needed)s are needed to tell.")
            % values
        )
    if note["code"] == "source_began":
        return _("%(name)s began to report during the year. Some of the increase may come from that.") % {"name": name}
    if note["code"] == "source_stopped":
        return _("%(name)s has stopped reporting. Less from there is not calm.") % {"name": name}
    return _("The last %(days)s days are left out, since reports are still coming in.") % values
