"""The patterns in words, with what is doubtful beside each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samverkan.domain.incidents.api import Category
from samverkan.foundation import geo
from samverkan.foundation.text import folded, sv_key
from samverkan.foundation.web.charts import Cell, Column, Table
from samverkan.foundation.web.maps import Hexagon, MapPicture, PlaceName, Viewport, hexagon_ring
from samverkan.foundation.weeks import Week

from .. import words
from ..models import Insight
from ..presentation import ground_layers
from . import finding

#: All tables of a week together tell something false at most this often.
_LEVEL = 0.05


@dataclass(frozen=True)
class Advice:
    """What near repeat says of one kind of event, and the table it rests on."""

    category: str
    sentence: str
    clear: bool
    table: Table


class Page:
    """Everything that the page of patterns shows. A part that has not been looked for is None."""

    def __init__(self, insights: dict[str, Insight]) -> None:
        self.insights = insights

    def _result(self, kind: str) -> dict[str, Any] | None:
        row = self.insights.get(kind)
        return row.result if row else None

    @property
    def searched(self) -> bool:
        return bool(self.insights)

    @cached_property
    def weeks(self) -> tuple[Week, Week] | None:
        """The first and last week that were searched."""
        row = next(iter(self.insights.values()), None)
        if row is None:
            return None
        last = Week.from_index(row.week)
        return last.plus(1 - finding.WEEKS), last

    @property
    def period(self) -> str:
        return words.weeks(*self.weeks) if self.weeks else ""

    @property
    def heading(self) -> str:
        found = self._result("hotspots")
        if found is None:
            return _("Patterns have not been looked for yet")
        if not found["enough"]:
            return _("Too few reports to say where they gather")
        count = len(found["spots"])
        if not count:
            return _("No place stands out from the others")
        return ngettext(
            "%(n)s place has clearly more reports than the others",
            "%(n)s places have clearly more reports than the others",
            count,
        ) % {"n": words.number(count)}

    @property
    def effort(self) -> list[str]:
        """How many bodies reported, and sources that began or stopped."""
        found = next((row.result for row in self.insights.values()), None)
        if found is None:
            return []
        before, after = found["effort"]
        said = [
            _("%(after)s organisations reported in the year, %(before)s in the year before.")
            % {"after": words.number(after), "before": words.number(before)}
        ]
        if found["began"]:
            said.append(
                _("New as a source in the period: %(names)s. Part of an increase may come from that.")
                % {"names": ", ".join(found["began"])}
            )
        if found["stopped"]:
            said.append(
                _("Has stopped reporting: %(names)s. Fewer from there is not calm.")
                % {"names": ", ".join(found["stopped"])}
            )
        return said

    # -- places with many reports ----------------------------------------------------------------

    @property
    def hotspots(self) -> dict[str, Any] | None:
        return self._result("hotspots")

    @property
    def spots(self) -> Table | None:
        found = self.hotspots
        if not found or not found["spots"]:
            return None
        rows: list[list[Cell]] = [[s["where"] or _("an unnamed place"), s["count"], s["cells"]] for s in found["spots"]]
        columns = [
            Column(_("Place")),
            Column(_("Reports within 300 metres, in the year"), numeric=True),
            Column(_("Cells of 150 metres"), numeric=True),
        ]
        return Table(_("Places with many reports"), columns, rows)

    @cached_property
    def map(self) -> MapPicture | None:
        found = self.hotspots
        if not found or not found["hot_cells"]:
            return None
        xs, ys = geo.centres(found["hot_cells"], finding.CELL)
        hexagons = [
            Hexagon(hexagon_ring(x, y, finding.CELL), count)
            for x, y, count in zip(xs.tolist(), ys.tolist(), found["counts"], strict=True)
        ]
        under, names, schematic = ground_layers()
        shown = [PlaceName(s["x"], s["y"], s["where"]) for s in found["spots"] if s["where"]]
        points = shapely.MultiPoint([corner for cell in hexagons for corner in cell.ring])
        return MapPicture(
            "patterns-map",
            _("Places with many reports, %(period)s") % {"period": self.period},
            _("Only cells that stand out are drawn. It shows where reports come from, not how dangerous it is."),
            Viewport.around([points.envelope.buffer(800)]),
            ground=under,
            hexagons=hexagons,
            counted=words.per_hexagon(),
            places=[*names, *shown],
            schematic=schematic,
            cell_metres=int(finding.CELL),
        )

    # -- concentration ---------------------------------------------------------------------------

    @property
    def concentration(self) -> str:
        found = self._result("concentration")
        if found is None:
            return ""
        if not found["enough"]:
            return _("Too few reports to say anything.")
        half = next(s for s in found["shares"] if s["fraction"] == 0.5)
        values = {"share": _per_cent(half["share"]), "chance": _per_cent(half["chance"])}
        if half["share"] < half["chance_low"]:
            return (
                _(
                    "%(share)s per cent of the places have half of the reports. If the reports fell by chance it would be %(chance)s per cent."
                )
                % values
            )
        return (
            _(
                "%(share)s per cent of the places have half of the reports. That is no more gathered than chance gives (%(chance)s per cent)."
            )
            % values
        )

    @property
    def concentration_note(self) -> str:
        found = self._result("concentration")
        if not found or not found["enough"]:
            return ""
        return _(
            "A place is a cell of 300 metres where anything has been reported in three years: %(n)s cells, %(events)s reports."
        ) % {
            "n": words.number(found["places"]),
            "events": words.number(found["events"]),
        }

    # -- near repeat -----------------------------------------------------------------------------

    @cached_property
    def advice(self) -> list[Advice]:
        found = self._result("near_repeat")
        if not found or not found["tables"]:
            return []
        names = {c.code: c.name for c in Category.objects.filter(code__in=[t["code"] for t in found["tables"]])}
        level = _LEVEL / len(found["tables"])
        advice = [
            _advice(names.get(t["code"], t["code"]), t, level, burglary=_is_burglary(t["code"], names))
            for t in found["tables"]
        ]
        return sorted(advice, key=lambda a: sv_key(a.category))

    @property
    def repeated(self) -> list[Advice]:
        """The kinds of events where one clearly brings the next."""
        return [a for a in self.advice if a.clear]

    @property
    def not_repeated(self) -> list[Advice]:
        return [a for a in self.advice if not a.clear]

    @property
    def names_not_repeated(self) -> str:
        return ", ".join(a.category for a in self.not_repeated)

    @cached_property
    def too_few(self) -> list[str]:
        found = self._result("near_repeat")
        codes = found["too_few"] if found else []
        return sorted((c.name for c in Category.objects.filter(code__in=codes)), key=sv_key) if codes else []


def _per_cent(share: float) -> str:
    return words.number(max(1, round(100 * share)))


#: What research on telling neighbours is about. Under drug dealing or violence the advice would do harm.
_BURGLARY = ("inbrott", "burglary")


def _is_burglary(code: str, names: dict[str, str]) -> bool:
    told = folded(f"{code} {names.get(code, '')}")
    return any(word in told for word in _BURGLARY)


def _advice(category: str, t: dict[str, Any], level: float, *, burglary: bool) -> Advice:
    """The reach and the days in which one event more is clearly commoner than chance gives, from the nearest outwards."""
    bands, days = [*finding.BANDS, None], [*finding.DAYS, None]

    def stands(row: int, column: int) -> bool:
        return bool(t["p_value_max"][row][column] <= level and t["observed"][row][column] > t["expected"][row][column])

    reach = lasts = 0
    while reach < len(bands) - 2 and stands(reach, 0):
        reach += 1
    while reach and lasts < len(days) - 2 and stands(0, lasts):
        lasts += 1
    if reach:
        observed = sum(t["observed"][r][0] for r in range(reach))
        expected = sum(t["expected"][r][0] for r in range(reach))
        sentence = _(
            "After one report another within %(metres)s metres and %(days)s days is commoner than chance gives: "
            "%(observed)s pairs in the first week, where about %(expected)s would be expected."
        ) % {
            "metres": bands[reach],
            "days": days[lasts],
            "observed": words.number(observed),
            "expected": words.number(round(expected)),
        }
        if burglary:
            sentence += " " + _("Tell the nearest neighbours at once.")
    else:
        sentence = ""
    headings = [
        _("%(a)s to %(b)s days apart") % {"a": a, "b": b - 1} if b else _("%(a)s days apart or more") % {"a": a}
        for a, b in pairwise(days)
    ]
    rows: list[list[Cell]] = []
    for r, (a, b) in enumerate(pairwise(bands)):
        name = _("%(a)s to %(b)s metres") % {"a": a, "b": b} if b else _("%(a)s metres or more") % {"a": a}
        rows.append(
            [
                name,
                *(
                    f"{words.number(o)} / {words.number(round(e))}"
                    for o, e in zip(t["observed"][r], t["expected"][r], strict=True)
                ),
            ]
        )
    caption = _("%(name)s: pairs of reports / pairs by chance") % {"name": category}
    return Advice(
        category,
        sentence,
        bool(reach),
        Table(caption, [Column(_("Apart")), *(Column(h, numeric=True) for h in headings)], rows),
    )
