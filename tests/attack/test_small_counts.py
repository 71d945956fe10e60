"""All that the demonstration tells a partner, put into one linear program: no hidden count is bounded by it."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections import Counter, defaultdict
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from samverkan.domain.est.week import selectors as weeks
from samverkan.domain.picture.suppression import PERIOD_WEEKS
from samverkan.foundation.access import Actor
from samverkan.foundation.weeks import Week
from tests.harness.attacker import Attacker
from tests.harness.people import client_for

BELOW = 5
TOTAL, HOUR = "Summa", "Timme i veckan"
#: (table, name) → (count or None, at least or None), as a file of the picture has it.
Told = dict[tuple[str, str], tuple[int | None, int | None]]


def _share(shown: list[bool]) -> str:
    return f"{100 * sum(shown) / len(shown):.1f} %" if shown else "none"


def _number(text: str) -> int | None:
    return int(text) if text else None


def _file(client: Client, first: Week, last: Week) -> Told:
    answer = client.get(f"/lagesbild/ladda-ner/csv/?from={first}&to={last}")
    assert answer.status_code == 200
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    return {(r["Tabell"], r["Namn"]): (_number(r["Antal"]), _number(r["Minst"])) for r in rows if r["Namn"] != "alla"}


class Library:
    """What has been read so far, and who gets it."""

    def __init__(self, client: Client, first: Week, last: Week) -> None:
        self.client, self.first, self.last = client, first, last
        self.attacker = Attacker()
        self.names: dict[str, set[str]] = defaultdict(set)

    def weeks(self, first: Week | None = None, last: Week | None = None) -> list[Week]:
        first, last = first or self.first, last or self.last
        return [Week.from_index(n) for n in range(first.index, last.index + 1)]

    def read_weeks(self) -> None:
        """The file of every week. Of the divisions that list only what there is, what is not listed is none."""
        files = {week: _file(self.client, week, week) for week in self.weeks()}
        for told in files.values():
            for table, name in told:
                if table != "Vecka":
                    self.names[table].add(name)
        for week, told in files.items():
            for table, names in self.names.items():
                answers = {name: told.get((table, name), (0, None))[0] for name in names}
                # Where everything is hidden, zeros are too.
                least = 0 if table != TOTAL and all(v is None for v in answers.values()) else 1
                for name, value in answers.items():
                    self.attacker.see((table, name, week.index), value, least=least)
                if table == HOUR:  # what has no known hour is in no file
                    self.attacker.see((table, "", week.index), None, least=0)
                if table != TOTAL:
                    parts = [(table, name, week.index) for name in (*names, *([""] if table == HOUR else []))]
                    self.attacker.told(parts, 0, minus=[(TOTAL, "", week.index)])

    def read_span(self, first: Week, last: Week) -> Told:
        told = _file(self.client, first, last)
        within = [week.index for week in self.weeks(first, last)]
        for (table, name), (value, least) in told.items():
            if table == "Vecka":
                continue
            cells = [(table, name, week) for week in within]
            if value is not None:
                self.attacker.told(cells, value)
            elif least is not None:
                self.attacker.told_at_most([], -least, minus=cells)
        return told

    def see(self, table: str, name: str, week: Week, value: int | None) -> None:
        """The same count told elsewhere. What is shown there and hidden here is known."""
        if self.first <= week <= self.last and value is not None:
            self.attacker.see((table, name, week.index), value)


def _same_in_every_form(client: Client, told: Told, first: Week, last: Week, folder: Path) -> None:
    """The other files, the API, the page and the map tell neither more nor less."""
    query = f"from={first}&to={last}"
    get = lambda address: client.get(f"{address}?{query}")  # noqa: E731
    shown = {key: value for key, (value, _least) in told.items()}
    book = load_workbook(io.BytesIO(get("/lagesbild/ladda-ner/xlsx/").content))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert {(r[0], r[1] or ""): r[2] for r in rows if r[1] != "alla"} == shown
    path = folder / "picture.gpkg"
    path.write_bytes(get("/lagesbild/ladda-ner/gpkg/").content)
    with sqlite3.connect(path) as base:
        found = base.execute('SELECT "Tabell", "Namn", "Antal" FROM rows WHERE "Namn" <> ?', ["alla"]).fetchall()
        assert {(t, n or ""): v for t, n, v in found} == shown
        areas = base.execute("SELECT area, count FROM features").fetchall()
    assert areas and all(shown["Område", name] == count for name, count in areas)
    for feature in get("/lagesbild/ladda-ner/geojson/").json()["features"]:
        assert shown["Område", feature["properties"]["area"]] == feature["properties"]["count"]
    api = get("/api/v1/picture/summary").json()
    assert api["total"] == shown[TOTAL, ""] and api["by"]["municipality"] is None
    for name, table in (("area", "Område"), ("category", "Kategori"), ("source", "Källa")):
        for key, value in api["by"][name].items():
            if key != "unknown":
                assert shown[table, key] == value
    page = get("/lagesbild/").content.decode().replace("\xa0", "")
    cells = re.findall(r'<th scope="row"><a [^>]*>(.*?)</a></th>\s*<td class="num">(.*?)</td>', page)
    assert len(cells) > 3
    for name, words in cells:
        value = shown["Område", unescape(name)]
        assert (words == str(value)) if value is not None else ("visas inte" in words or "minst" in words)
    layers = {f["properties"]["layer"] for f in get("/lagesbild/karta.geojson").json()["features"]}
    assert not {"hexagon", "mark", "approximate", "attention"} & layers


def _read_edition(library: Library, content: dict[str, Any]) -> None:
    """The figures of a locked week, with the twelve latest weeks of each category."""
    figures, first = content["figures"], Week.parse(content["week"])
    last = first.plus(content["weeks"] - 1)
    assert figures["suppressed"] and "partners" not in content
    if content["weeks"] == 1:
        library.see(TOTAL, "", first, figures["total"])
    for name, table in (("categories", "Kategori"), ("areas", "Område"), ("sources", "Källa")):
        for row in figures[name] or ():
            if content["weeks"] == 1:
                library.see(table, row["name"], first, row["count"])
            for back, value in enumerate(reversed(row["weeks"])):
                library.see(table, row["name"], last.plus(-back), value)
    for back, row in enumerate(reversed(figures["over_time"]["table"]["rows"])):
        if isinstance(row[1], int):
            library.see(TOTAL, "", last.plus(-back), row[1])


@pytest.mark.long
def test_no_hidden_count_of_the_demonstration_is_bounded_by_all_that_a_partner_gets(
    demo: dict[str, Actor], tmp_path: Path, tried: Counter[str]
) -> None:
    actor = demo["hyresvard"]
    client = client_for(actor)
    known = client.get("/api/v1/picture/summary").json()
    first, last = Week.parse(known["first_week"]), Week.parse(known["last_week"])
    library = Library(client, first, last)
    library.read_weeks()
    begin = first.index + -first.index % PERIOD_WEEKS
    periods = [Week.from_index(n) for n in range(begin, last.index - PERIOD_WEEKS + 2, PERIOD_WEEKS)]
    told = {start: library.read_span(start, start.plus(PERIOD_WEEKS - 1)) for start in periods}
    for start in (periods[0], periods[len(periods) // 2], periods[-1]):
        _same_in_every_form(client, told[start], start, start.plus(PERIOD_WEEKS - 1), tmp_path)
    for start in periods[:: len(periods) // 6]:
        for length in (3, 13, 52):
            if start.plus(length) <= last:
                library.read_span(start.plus(1), start.plus(length))
                library.read_span(start, start.plus(length - 1))
    whole = library.read_span(first, last)
    editions = list(weeks.editions(actor))
    for row in editions:
        address = f"/veckan/{Week.from_index(row.week.first)}/utgava/{row.number}/fil.json"
        _read_edition(library, json.loads(client.get(address).content))
    attacker = library.attacker
    hidden = [name for name in attacker.least if name not in attacker.known and name[1:2] != ("",)]
    shown = [name for name, value in attacker.known.items() if value]
    sums = [value for answers in told.values() for (table, _n), (value, _l) in answers.items() if table != "Vecka"]
    print(
        f"weeks {len(library.weeks())}, periods {len(periods)}, editions {len(editions)}; counts of weeks shown "
        f"{len(shown)}, hidden {len(hidden)}; sums of periods shown {sum(v is not None for v in sums)}, "
        f"hidden {sum(v is None for v in sums)}; sums of counts {len(attacker.equal)}, at least {len(attacker.at_most)}"
    )
    assert len(hidden) > 1_000 and editions
    bounded = attacker.bounded(BELOW)
    print(f"bounded below {BELOW}: {len(bounded)}")
    assert not bounded
    tried["hidden counts of the demonstration bounded"] = len(hidden)
    for table in ("Typ", "Kategori", "Område", "Källa", HOUR):
        of_weeks = [name in attacker.known for name in (*hidden, *shown) if name[0] == table]
        of_periods = [
            v is not None for answers in told.values() for (t, _n), (v, _l) in answers.items() if t == table and v != 0
        ]
        print(f"{table}: shown of weeks {_share(of_weeks)}, of periods {_share(of_periods)}")
    # And the main things are still said of the whole time.
    unsaid = [
        key for key, (value, least) in whole.items() if value is None and not least and key[0] in {"Kategori", "Område"}
    ]
    assert whole[TOTAL, ""][0] and len(unsaid) <= 2, unsaid
