"""What a partner is told of counts, read out of everything that partner gets, and put into one linear program.

Read are the tables as they stand in pages, files and documents, in both languages. A table that nobody here
knows is an error, so that nothing new is published unread.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.test import Client
from django.utils import translation

from samverkan.domain.picture import dimensions
from samverkan.foundation.access import Actor
from samverkan.foundation.text import sv_key
from samverkan.foundation.weeks import Week
from tests.harness import tables
from tests.harness.attacker import Attacker
from tests.harness.people import client_for
from tests.harness.tables import Table

LANGUAGES = ("sv", "en")
DIVISIONS = ("kind", "category", "area", "source", "hour")
#: Headings in both languages, and what stands below them. ``file`` is the name of a table within a file.
_HEADS = {
    "typ": "kind", "kind": "kind", "kategori": "category", "category": "category", "område": "area", "area": "area",
    "källa": "source", "source": "source", "vecka": "week", "week": "week", "dag": "day", "day": "day",
    "timme": "hour", "hour": "hour", "tabell": "file", "table": "file",
}  # fmt: skip
_FILE = {
    "summa": "total", "total": "total", "timmeiveckan": "hour", "houroftheweek": "hour", "kommun": "municipality",
    "municipality": "municipality",
}  # fmt: skip
_COUNT, _LEAST, _LINE = {"antal", "count"}, {"minst", "atleast", "at_least"}, {"12veckor", "12weeks"}
#: What else has tables: none of them counts what came in.
_OTHER = {
    "beslut", "decision", "åtgärd", "measure", "process", "development", "grupp", "group", "rapport", "report",
    "namn", "name", "vecka", "week", "rubrik", "heading", "label", "",
}  # fmt: skip
_DAYS = {"mån–tor": "0", "mon–thu": "0", "fre–lör": "1", "fri–sat": "1", "sön": "2", "sun": "2"}
_HIDDEN = {"", "visasinte", "notshown", "–"}
_NOT_COMPARED = {"", "–", "jämförsinte", "notcompared", "saknas", "unknown"}
_ALL = {"alla", "all"}
#: Division, cell, first and last week (indexes).
Cell = tuple[str, str, int, int]


def plain(text: str) -> str:
    """For comparing words that were set on several lines."""
    return "".join(text.split()).replace("\xad", "").casefold()


def number(text: str) -> tuple[int | None, int | None]:
    """How many, or how many at least; neither where it is hidden."""
    found = re.sub(r"(?<=\d),(?=\d{3})", "", plain(text))
    if found in _HIDDEN:
        return None, None
    if least := re.fullmatch(r"(?:minst|atleast)(\d+)", found):
        return None, int(least[1])
    assert found.isdigit(), f"nobody can read {text!r} as a count"
    return int(found), None


class Library:
    """All that was told to one partner, from the weeks of a span."""

    def __init__(self, actor: Actor, first: Week, last: Week) -> None:
        self.first, self.last = first, last
        self.clients: dict[str, Client] = {}
        self.names: dict[str, dict[str, str]] = defaultdict(dict)
        for language in LANGUAGES:
            client = self.clients[language] = client_for(actor)
            client.post("/sprak/", {"language": language, "next": "/"})
            with translation.override(language):
                found = dimensions.load()
            for division in (found.kind, found.main_category, found.area, found.source):
                for group in division.groups:
                    if group.key:
                        self.names[division.name][plain(group.name)] = self.names[division.name][group.key] = group.key
        self.facts: dict[Cell, tuple[int | None, int | None]] = {}
        #: Sums of several cells over the same weeks.
        self.sums: list[tuple[list[tuple[str, str]], int, int, int | None, int | None]] = []
        self.cells: dict[str, set[str]] = {"hour": {""}}
        self.weeks: set[int] = set()
        self.read: Counter[str] = Counter()

    def get(self, address: str, language: str = "sv") -> Any:
        """An answer, which must be one."""
        answer = self.clients[language].get(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.content[:200])
        return answer

    # -- what is told ----------------------------------------------------------------------

    def tell(self, division: str, key: str, first: int, last: int, told: tuple[int | None, int | None]) -> None:
        """A count; what was told of it before, in whatever form and language, must agree."""
        if not (self.first.index <= first and last <= self.last.index):
            return
        self.cells.setdefault(division, set()).add(key)
        value, least = self.facts.get((division, key, first, last), (None, None))
        if told[0] is not None:
            assert value in {None, told[0]}, f"{division} {key} {first}–{last} is told as {value} and as {told[0]}"
            value = told[0]
        self.facts[division, key, first, last] = value, max(least or 0, told[1] or 0) or None

    def table(self, table: Table, first: Week, last: Week, *, series: Week | None = None) -> None:
        """What a table tells of some weeks. ``series`` is the last week of tables by week (as a rule ``last``)."""
        heads = [plain(head) for head in table.head]
        kind = _HEADS.get(heads[0], "")
        self.read["tables"] += 1
        if kind == "file":
            for cell, told in self._file(table, first, last):
                self.tell(*cell, told)
        elif kind in {"day", "hour"}:
            self._hours(table, first, last, by_day=kind == "day")
        elif count := next((n for n, head in enumerate(heads) if head in _COUNT), 0):
            assert kind, f"a table that nobody has read: {table.head}"
            if kind == "week":
                self._by_week(table.rows, count, series or last)
            else:
                self._counts(kind, table.rows, heads, count, first, last)
        else:
            assert heads[0] in _OTHER, f"a table that nobody has read: {table.head}"

    def _file(self, table: Table, first: Week, last: Week) -> Iterator[tuple[Cell, tuple[int | None, int | None]]]:
        for row in table.rows:
            kind = _FILE.get(plain(row[0]), _HEADS.get(plain(row[0]), ""))
            assert kind, f"a part of a file that nobody has read: {row[0]}"
            told = int(row[2]) if row[2] else None, int(row[4]) if row[4] else None
            if plain(row[1]) in _ALL or kind == "municipality":
                assert told == (None, None), "this division is not given"
            elif kind == "week":
                week = Week.parse(row[1]).index
                yield ("total", "", week, week), told
            elif kind == "hour":
                day, hours = row[1].rsplit(maxsplit=1)
                yield ("hour", _DAYS[plain(day)] + hours, first.index, last.index), told
            else:
                key = "" if kind == "total" else self.names[kind][plain(row[1])]
                yield (kind, key, first.index, last.index), told

    def _hours(self, table: Table, first: Week, last: Week, *, by_day: bool) -> None:
        for row in table.rows:
            for head, text in zip(table.head[1:], row[1:], strict=True):
                day, hours = (row[0], head) if by_day else (head, row[0])
                self.tell("hour", _DAYS[plain(day)] + hours, first.index, last.index, number(text))

    def _by_week(self, rows: Iterable[tuple[str, ...]], count: int, last: Week) -> None:
        for back, row in enumerate(reversed(list(rows))):
            week = last.plus(-back)
            assert re.findall(r"\d+", row[0])[-1] == str(week.number), f"{row[0]} is not {week}"
            self.tell("total", "", week.index, week.index, number(row[count]))

    def _counts(
        self, kind: str, rows: Iterable[tuple[str, ...]], heads: list[str], count: int, first: Week, last: Week
    ) -> None:
        line = next((n for n, head in enumerate(heads) if head in _LINE), None)
        least = next((n for n, head in enumerate(heads) if head in _LEAST), None)
        before: tuple[tuple[int | None, int | None], str] | None = None
        for row in rows:
            told = number(row[count])
            if least is not None and row[least]:
                told = told[0], int(row[least])
            if plain(row[0]) in _ALL:
                self.tell("total", "", first.index, last.index, told)
                continue
            key = self.names[kind][plain(row[0])]
            self.tell(kind, key, first.index, last.index, told)
            if told[0] is None and len(heads) > 3 and least is None:
                words = plain(row[3])
                assert words in _NOT_COMPARED or not words.isalpha(), "how a hidden count compares is not told"
            if told[0] is None and before and before[0] == told and key != dimensions.UNKNOWN:
                assert sv_key(before[1]) < sv_key(row[0]), "the order of hidden counts tells nothing"
            before = (told, row[0]) if told[0] is None else None
            if line is not None and ":" in row[line]:
                for back, text in enumerate(reversed(row[line].rsplit(":", 1)[1].rstrip(".").split(","))):
                    week = last.plus(-back).index
                    self.tell(kind, key, week, week, number(text))

    # -- forms -----------------------------------------------------------------------------

    def read_file(self, first: Week, last: Week) -> None:
        """The plain file of some weeks, which must hide the same in every language."""
        told = []
        for language in LANGUAGES:
            table = tables.of_csv(self.get(f"/lagesbild/ladda-ner/csv/?from={first}&to={last}", language).content)
            self.table(table, first, last)
            told.append(dict(self._file(table, first, last)))
        assert all(one == told[0] for one in told), "another language tells more"

    def read_week(self, week: Week) -> None:
        """The files of a week: what divisions do not list there is none of."""
        self.read_file(week, week)
        self.weeks.add(week.index)

    def read_span(self, first: Week, last: Week, *, forms: bool = True) -> None:
        """Every form of some weeks, in both languages."""
        query = f"?from={first}&to={last}"
        self.read_file(first, last)
        for language in LANGUAGES:
            self._api(self.get(f"/api/v1/picture/summary{query}", language).json(), first, last)
            if not forms:
                continue
            for form, read in (("xlsx", tables.of_book), ("gpkg", tables.of_package)):
                for table in read(self.get(f"/lagesbild/ladda-ner/{form}/{query}", language).content):
                    self.table(table, first, last)
            answer = self.get(f"/lagesbild/ladda-ner/geojson/{query}", language).json()
            self.table(tables.of_geojson(answer), first, last)
            for table in tables.of_page(self.get(f"/lagesbild/{query}", language).content.decode()):
                self.table(table, first, last)
            for feature in self.get(f"/lagesbild/karta.geojson{query}", language).json()["features"]:
                told = feature["properties"]
                assert told["layer"] not in {"hexagon", "mark", "approximate", "attention"}
                if told["layer"] == "name" and plain(told["name"]) in self.names["area"] and told["words"]:
                    self.tell(
                        "area", self.names["area"][plain(told["name"])], first.index, last.index, number(told["words"])
                    )

    def read_chosen(self, first: Week, last: Week, language: str) -> None:
        """Each cell asked for by itself, week by week, and with the next of its division."""
        for name in ("kind", "category", "area", "source"):
            keys = sorted(self.cells[name])
            for one in keys:
                asked = f"/api/v1/picture/summary?from={first}&to={last}&{name}={one}"
                told = self.get(asked, language).json()
                for week, value in told["by"]["week"].items():
                    self.tell(name, one, Week.parse(week).index, Week.parse(week).index, (value, None))
                self.tell(name, one, first.index, last.index, (told["total"], told["at_least"]["total"]))
                for other in keys[keys.index(one) + 1 :][:1]:
                    both = self.get(f"{asked}&{name}={other}", language).json()
                    cells = [(name, one), (name, other)]
                    self.sums.append((cells, first.index, last.index, both["total"], both["at_least"]["total"]))

    def _api(self, told: dict[str, Any], first: Week, last: Week) -> None:
        assert told["by"]["municipality"] is None
        self.tell("total", "", first.index, last.index, (told["total"], told["at_least"]["total"]))
        for week, value in told["by"]["week"].items():
            self.tell("total", "", Week.parse(week).index, Week.parse(week).index, (value, None))
        for name in ("kind", "category", "area", "source"):
            for key, value in told["by"][name].items():
                least = told["at_least"]["by"].get(name, {}).get(key)
                self.tell(name, self.names[name][plain(key)], first.index, last.index, (value, least))

    def read_edition(self, address: str, first: Week, last: Week) -> None:
        """A locked week as page, as each of its files, and as data."""
        for language in LANGUAGES:
            page = self.get(f"{address}/", language).content.decode()
            files = {form: self.get(f"{address}/fil.{form}", language).content for form in ("docx", "pdf", "html")}
            found = [*tables.of_page(page), *tables.of_page(files["html"].decode())]
            found += [*tables.of_word(files["docx"]), *tables.of_pdf(files["pdf"])]
            assert sum(plain(table.head[0]) in _HEADS for table in found) > 12, "each of them has its tables"
            for table in found:
                self.table(table, first, last)
            self._data(json.loads(self.get(f"{address}/fil.json", language).content), first, last)
        self.read["editions"] += 1

    def _data(self, content: dict[str, Any], first: Week, last: Week) -> None:
        figures = content["figures"]
        assert figures["suppressed"] and "partners" not in content
        self.tell("total", "", first.index, last.index, (figures["total"], None))
        for rows, name in (("categories", "category"), ("areas", "area"), ("sources", "source")):
            for row in figures[rows] or ():
                key = self.names[name][plain(row["name"])]
                self.tell(name, key, first.index, last.index, (row["count"], None))
                for back, value in enumerate(reversed(row["weeks"])):
                    week = last.plus(-back).index
                    self.tell(name, key, week, week, (value, None))
        for figure in ("map", "over_time", "hours"):
            told = figures[figure]["table"]
            cells = [["" if v is None or isinstance(v, dict) else str(v) for v in row] for row in told["rows"]]
            head = tuple(column["label"] for column in told["columns"])
            self.table(Table(head, tuple(map(tuple, cells))), first, last)

    # -- the program -----------------------------------------------------------------------

    def attacker(self) -> Attacker:
        """All of it as equations and inequalities."""
        attacker = Attacker()
        single = {(d, k, a): told for (d, k, a, b), told in self.facts.items() if a == b}
        divisions = [name for name in DIVISIONS if name in self.cells]
        for week in sorted(self.weeks):
            attacker.see(("total", "", week), single.get(("total", "", week), (0, None))[0])
            for name in divisions:
                told = {key: single.get((name, key, week), (0, None))[0] for key in self.cells[name]}
                if name == "hour":  # what has no known hour is told nowhere
                    told[""] = None
                # Where everything is hidden, zeros are too.
                least = 0 if all(value is None for value in told.values()) else 1
                for key, value in told.items():
                    attacker.see((name, key, week), value, least=0 if (name, key) == ("hour", "") else least)
        for week in sorted(self.weeks):
            for name in divisions:
                attacker.told([(name, key, week) for key in self.cells[name]], 0, minus=[("total", "", week)])
        for cells, first, last, value, low in self._told_of_spans():
            within = [(*cell, week) for cell in cells for week in range(first, last + 1)]
            if value is not None:
                attacker.told(within, value)
            if low:
                attacker.told_at_most([], -low, minus=within)
        return attacker

    def _told_of_spans(self) -> Iterator[tuple[list[tuple[str, str]], int, int, int | None, int | None]]:
        """What is told of several weeks, or of several cells, of which every week was read."""
        for (name, key, first, last), (value, least) in self.facts.items():
            if self.weeks.issuperset(range(first, last + 1)):
                yield [(name, key)], first, last, value, least
        yield from (told for told in self.sums if self.weeks.issuperset(range(told[1], told[2] + 1)))
