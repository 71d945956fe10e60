"""How fast the picture answers. Makes incidents by chance in an installation of its own and removes it.

Prints, for every grouping with chosen filters and for the filters that the prepared figures do not
hold: median and 95th percentile of the time, and of the processor's time, and the process' memory.

    python bench/picture.py                  1,000,000 incidents
    python bench/picture.py --incidents 10000000 --only-figures
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

WEEKS, SOURCES, MAINS, PARTS, AREAS, MUNICIPALITIES, HEXAGONS = 520, 6, 10, 6, 30, 40, 3000
GROUPINGS = ("week", "category", "area", "source", "hour", "hexagon")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--only-figures", action="store_true", help="fill the prepared figures only, not the incidents")
    parser.add_argument("--rounds", type=int, default=40, help="questions of each kind")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    from samverkan.cli.runtime import installation, scratch_folder

    os.environ.pop("DATABASE_URL", None)
    with scratch_folder() as folder:
        args.data = folder / "data"
        with installation(args):
            _measure(args)
    return 0


def _measure(args: argparse.Namespace) -> None:
    import numpy as np

    from samverkan.domain.picture.api import ask, facts, parse
    from samverkan.foundation.access import SYSTEM, Actor

    dice = np.random.default_rng(args.seed)
    started = time.perf_counter()
    (_figures if args.only_figures else _incidents)(args.incidents, dice)
    print(f"{args.incidents} incidents in {WEEKS} weeks, made in {time.perf_counter() - started:.1f} s")
    if not args.only_figures:
        started = time.perf_counter()
        facts.refresh()
        print(f"prepared figures made from the incidents in {time.perf_counter() - started:.1f} s")
    before = _memory()
    started = time.perf_counter()
    held = facts.current()
    columns = sum(c.nbytes for c in held.columns.values())
    print(
        f"figures read into memory in {time.perf_counter() - started:.1f} s: {columns / 1e6:.0f} MB of columns, "
        f"the process grew from {before:.0f} to {_memory():.0f} MB (highest {_peak():.0f} MB)\n"
    )
    first = int(held.weeks[0])

    def question() -> dict[str, object]:
        from samverkan.foundation.weeks import Week

        a = int(dice.integers(0, WEEKS - 60))
        asked: dict[str, object] = {}
        if dice.random() < 0.7:
            asked |= {
                "from": str(Week.from_index(first + a)),
                "to": str(Week.from_index(first + a + int(dice.integers(1, WEEKS - a)))),
            }
        if dice.random() < 0.5:
            asked["category"] = [f"main-{n}" for n in dice.choice(MAINS, int(dice.integers(1, 4)), replace=False)]
        if dice.random() < 0.5:
            asked["area"] = [f"a{n}" for n in dice.choice(AREAS, int(dice.integers(1, 5)), replace=False)]
        if dice.random() < 0.5:
            asked["source"] = [f"s{n}" for n in dice.choice(SOURCES, int(dice.integers(1, 4)), replace=False)]
        return asked

    print(f"{'question':44} {'median ms':>10} {'p95 ms':>8} {'cpu p95':>8}")
    for name in GROUPINGS:
        _time(
            f"by {name}, chance filters", args.rounds, lambda name=name: ask(SYSTEM, parse(question())).summary((name,))
        )
    _time(
        "by hexagon 600 m, chance filters",
        args.rounds,
        lambda: ask(SYSTEM, parse(question())).summary(("hexagon",), across=600),
    )
    for name in GROUPINGS:
        _time(f"by {name}, everything", args.rounds // 2, lambda name=name: ask(SYSTEM, parse({})).summary((name,)))
    _time("all groupings at once, chance filters", args.rounds // 2, lambda: ask(SYSTEM, parse(question())).summary())
    partner = Actor(None, None, None, "housing_company", "est_reporter", None)
    _time("all, small counts hidden, everything", max(3, args.rounds // 8), lambda: ask(partner, parse({})).summary())
    if not args.only_figures:
        print()
        words = ("torget", "lampa", "grind", "bro")
        _other: list[tuple[str, Callable[[], dict[str, object]]]] = [
            ("text", lambda: {"text": str(dice.choice(words))}),
            (
                "nothing but text",
                lambda: {
                    "text": str(dice.choice(words)),
                    "from": [],
                    "to": [],
                    "category": [],
                    "area": [],
                    "source": [],
                },
            ),
            ("seriousness", lambda: {"seriousness": [str(dice.integers(1, 4))]}),
            ("observation", lambda: {"observation": ["second_hand"]}),
            ("text and seriousness", lambda: {"text": str(dice.choice(words)), "seriousness": ["3"]}),
        ]
        for name, more in _other:
            _time(
                f"by area, {name} and chance filters",
                args.rounds // 2,
                lambda more=more: ask(SYSTEM, parse(question() | more())).summary(("area",)),
            )
        _time(
            "by area, seriousness, everything", 5, lambda: ask(SYSTEM, parse({"seriousness": ["2"]})).summary(("area",))
        )


def _time(label: str, rounds: int, ask: Callable[[], object]) -> None:
    ask()
    wall, cpu = [], []
    for _n in range(rounds):
        w, c = time.perf_counter(), time.process_time()
        ask()
        wall.append((time.perf_counter() - w) * 1000)
        cpu.append((time.process_time() - c) * 1000)
    p95 = lambda values: sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]  # noqa: E731
    print(f"{label:44} {statistics.median(wall):10.1f} {p95(wall):8.1f} {p95(cpu):8.1f}", flush=True)


def _memory() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _ground() -> tuple[int, list[int], list[int], list[int], list[int]]:
    """What incidents refer to. Returns the first week and the keys of sub categories, areas, sources and municipalities."""
    from datetime import date

    from samverkan.domain.incidents.api import Category, Source
    from samverkan.domain.places.api import Area, AreaEdition, AreaScheme, Municipality
    from samverkan.foundation.people.models import Organisation
    from samverkan.foundation.weeks import Week

    home = Organisation.objects.create(name="Påhittade kommunen", kind="municipality", is_home=True, is_invented=True)
    mains = [Category.objects.create(code=f"main-{n}", name_sv=f"Huvud {n}") for n in range(MAINS)]
    parts = Category.objects.bulk_create(
        Category(code=f"sub-{n}", name_sv=f"Under {n}", main=mains[n // PARTS]) for n in range(MAINS * PARTS)
    )
    scheme = AreaScheme.objects.create(code="district", name="Stadsdelar", counts_incidents=True)
    edition = AreaEdition.objects.create(scheme=scheme, name="1", valid_from=date(2010, 1, 1))
    areas = Area.objects.bulk_create(
        Area(
            controller=home,
            edition=edition,
            code=f"a{n}",
            name=f"Område {n}",
            valid_from=date(2010, 1, 1),
            is_invented=True,
        )
        for n in range(AREAS)
    )
    sources = Source.objects.bulk_create(
        Source(code=f"s{n}", name=f"Källa {n}", kind="file", controller=home, is_invented=True) for n in range(SOURCES)
    )
    towns = Municipality.objects.bulk_create(Municipality(name=f"Ort {n}") for n in range(MUNICIPALITIES))
    return Week.current().index - WEEKS, *([row.pk for row in rows] for rows in (parts, areas, sources, towns))  # type: ignore[return-value]


def _hexagons(dice):  # type: ignore[no-untyped-def]
    import numpy as np

    from samverkan.foundation.geo import hexagon_of

    side = int(HEXAGONS**0.5) + 1
    grid = np.arange(side) * 290.0
    x, y = np.meshgrid(585000 + grid, 6580000 + grid)
    return np.unique(hexagon_of(x.ravel(), y.ravel()))


def _figures(count: int, dice) -> None:  # type: ignore[no-untyped-def]
    """Segments straight into their table."""
    import numpy as np
    from django.db import connection

    from samverkan.domain.incidents.api import WeekChange, touch_weeks
    from samverkan.domain.picture.api import FactSegment, packing

    first, parts, areas, sources, towns = _ground()
    hexagons = _hexagons(dice)
    weeks = range(first, first + WEEKS)
    with connection.cursor() as cursor:
        touch_weeks(cursor, weeks)
    changes = dict(WeekChange.objects.values_list("week", "change"))
    for week in weeks:
        n = count // WEEKS
        known = dice.random(n) < 0.7
        columns = {
            "id": np.arange(n) + (week - first) * n,
            "seriousness": dice.integers(0, 4, n),
            "observation": dice.integers(0, 3, n),
            "category": dice.choice(parts, n),
            "area": dice.choice([0, *areas], n),
            "source": dice.choice(sources, n),
            "kind": dice.integers(0, 3, n),
            "municipality": dice.choice(towns, n),
            "slot": dice.integers(0, 175, n),
            "hexagon": np.where(known, dice.choice(hexagons, n), 0),
            "precision": np.where(known, 0, 3),
        }
        FactSegment.objects.create(week=week, change=changes[week], rows=n, packed=packing.pack(columns))


def _incidents(count: int, dice) -> None:  # type: ignore[no-untyped-def]
    """Incidents made by the database itself, by chance."""
    from django.db import connection

    from samverkan.domain.incidents.api import Source, touch_weeks
    from samverkan.foundation.weeks import Week

    first, parts, areas, sources, towns = _ground()
    hexagons = [int(h) for h in _hexagons(dice)]
    step = 100_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        for start in range(0, count, step):
            cursor.execute(
                """
                INSERT INTO incidents_incident (public_id, controller_id, kind, source_id, external_id, category_id, title,
                    description, url, observation, seriousness, trend, is_digest, started_at, time_precision, week,
                    precision, x, y, hexagon, area_id, municipality_id, observed_at, content_hash, version, created_at, changed_at)
                SELECT gen_random_uuid(), %(home)s, (ARRAY['event', 'event', 'development', 'place_feature'])[1 + i %% 4],
                    (%(sources)s::bigint[])[1 + floor(random() * %(n_sources)s)::int], i::text,
                    (%(parts)s::bigint[])[1 + floor(random() * %(n_parts)s)::int],
                    (ARRAY['Klotter vid torget', 'Trasig lampa i parken', 'Oro vid grind', 'Samling under bro', 'Buller'])[1 + floor(random() * 5)::int] || ' ' || i,
                    'Påhittad text om något som någon såg på vägen hem, nummer ' || i, '',
                    (ARRAY['observed', 'second_hand', 'unknown'])[1 + floor(random() * 3)::int], 1 + floor(random() * 3)::int, '', false,
                    %(monday)s::timestamptz + make_interval(weeks => w, mins => floor(random() * 10000)::int), 'minute', %(first)s + w,
                    CASE WHEN k THEN 'point' ELSE 'area' END, CASE WHEN k THEN 585000.0 END, CASE WHEN k THEN 6580000.0 END,
                    CASE WHEN k THEN (%(hexagons)s::int[])[1 + floor(random() * %(n_hexagons)s)::int] END,
                    (%(areas)s::bigint[])[1 + floor(random() * %(n_areas)s)::int],
                    (%(towns)s::bigint[])[1 + floor(random() * %(n_towns)s)::int],
                    now(), '\\x00'::bytea, 1, now(), now()
                FROM (SELECT i, floor(random() * %(weeks)s)::int AS w, random() < 0.7 AS k
                      FROM generate_series(%(start)s, %(stop)s) AS i) AS drawn
                """,
                {
                    "home": Source.objects.first().controller_id,
                    "sources": sources,
                    "n_sources": len(sources),  # type: ignore[union-attr]
                    "parts": parts,
                    "n_parts": len(parts),
                    "areas": areas,
                    "n_areas": len(areas),
                    "towns": towns,
                    "n_towns": len(towns),
                    "hexagons": hexagons,
                    "n_hexagons": len(hexagons),
                    "weeks": WEEKS,
                    "first": first,
                    "monday": Week.from_index(first).span[0],
                    "start": start,
                    "stop": min(count, start + step) - 1,
                },
            )
        touch_weeks(cursor, range(first, first + WEEKS))
        cursor.execute("ANALYZE incidents_incident")


if __name__ == "__main__":
    sys.exit(main())
