"""All that the demonstration tells a partner, put into one linear program: no hidden count is bounded by it."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from samverkan.domain.est.week import selectors as weeks
from samverkan.domain.picture.suppression import PERIOD_WEEKS
from samverkan.foundation.access import Actor
from samverkan.foundation.weeks import Week
from tests.attack.partner import DIVISIONS, LANGUAGES, Library
from tests.harness import tables
from tests.harness.people import client_for

BELOW = 5
_UUID_OR_NUMBER = re.compile(r"[0-9a-f-]{36}|\d{4}-W\d\d|\d+")


def _known(actor: Actor) -> tuple[Week, Week]:
    """The first and the last week that a partner is told of."""
    told = client_for(actor).get("/api/v1/picture/summary").json()
    return Week.parse(told["first_week"]), Week.parse(told["last_week"])


def _periods(first: Week, last: Week) -> list[Week]:
    """The first week of every fixed period between two weeks."""
    begin = first.index + -first.index % PERIOD_WEEKS
    return [Week.from_index(n) for n in range(begin, last.index - PERIOD_WEEKS + 2, PERIOD_WEEKS)]


def _read_all(actor: Actor, first: Week, last: Week, *, longer: tuple[int, ...]) -> Library:
    """Read what is told of the weeks in every form: weeks, fixed periods, other spans, cells chosen, locked weeks."""
    library = Library(actor, first, last)
    for week in range(first.index, last.index + 1):
        library.read_week(Week.from_index(week))
    periods = _periods(first, last)
    for start in periods:
        library.read_span(start, start.plus(PERIOD_WEEKS - 1))
    for start in periods[:: max(1, len(periods) // 6)]:
        for length in longer:
            for begin in (start, start.plus(1)):
                if begin.plus(length - 1) <= last:
                    library.read_span(begin, begin.plus(length - 1), forms=False)
    library.read_span(first, last)
    for language in LANGUAGES:
        library.read_chosen(first, last, language)
    for row in weeks.editions(actor):
        begin = Week.from_index(row.week.first)
        library.read_edition(f"/veckan/{begin}/utgava/{row.number}", begin, begin.plus(row.week.weeks - 1))
    return library


def _assert_nothing_follows(library: Library, tried: Counter[str], *, at_least: int) -> None:
    attacker = library.attacker()
    hidden = [name for name in attacker.least if name not in attacker.known and name[1:2] != ("",)]
    print(
        f"weeks {len(library.weeks)}, tables {library.read['tables']}, editions {library.read['editions']}, "
        f"facts {len(library.facts) + len(library.sums)}; equations {len(attacker.equal)}, "
        f"at least {len(attacker.at_most)}; counts hidden {len(hidden)}"
    )
    assert len(hidden) > at_least and library.read["editions"]
    bounded = attacker.bounded(BELOW)
    print(f"bounded below {BELOW}: {len(bounded)}")
    assert not bounded, bounded
    tried["hidden counts of the demonstration bounded"] += len(hidden)


def _share(shown: list[bool]) -> str:
    return f"{100 * sum(shown) / len(shown):.1f} %" if shown else "none"


def test_no_hidden_count_of_eleven_weeks_is_bounded_by_all_that_a_partner_gets(
    demo: dict[str, Actor], tried: Counter[str]
) -> None:
    actor = demo["hyresvard"]
    last = _known(actor)[1]
    start = _periods(last.plus(-27), last)[-2]
    library = _read_all(actor, start, last, longer=(3,))
    _assert_nothing_follows(library, tried, at_least=100)


@pytest.mark.long
def test_no_hidden_count_of_the_demonstration_is_bounded_by_all_that_a_partner_gets(
    demo: dict[str, Actor], tried: Counter[str]
) -> None:
    actor = demo["hyresvard"]
    first, last = _known(actor)
    library = _read_all(actor, first, last, longer=(3, 13, 52))
    _assert_nothing_follows(library, tried, at_least=1_000)
    periods = {(start.index, start.index + PERIOD_WEEKS - 1) for start in _periods(first, last)}
    for division in DIVISIONS:
        told = [(a, b, value) for (d, _k, a, b), (value, _l) in library.facts.items() if d == division and value != 0]
        of_weeks = [value is not None for a, b, value in told if a == b and a in library.weeks]
        of_periods = [value is not None for a, b, value in told if (a, b) in periods]
        print(f"{division}: shown of weeks {_share(of_weeks)}, of periods {_share(of_periods)}")
    # And the main things are still said of the whole time.
    whole = {cell[:2]: told for cell, told in library.facts.items() if cell[2:] == (first.index, last.index)}
    unsaid = [cell for cell, told in whole.items() if told == (None, None) and cell[0] in {"category", "area"}]
    assert whole["total", ""][0] and len(unsaid) <= 2, unsaid


def test_no_page_that_a_partner_reaches_has_a_table_that_is_not_read(demo: dict[str, Actor]) -> None:
    """Every link is followed, a few of each kind: a new table of counts must be read by the attacker too."""
    actor = demo["hyresvard"]
    first, last = _known(actor)
    library, client = Library(actor, first, last), client_for(actor)
    waiting, seen = (
        ["/", "/lagesbild/", "/lagesbild/lista/", "/platser/", "/omraden/", "/sok/?q=centrum"],
        Counter[str](),
    )
    while waiting:
        address = waiting.pop(0)
        kind = _UUID_OR_NUMBER.sub("", urlsplit(address).path)
        seen[kind] += 1
        if seen[kind] > 2:
            continue
        answer = client.get(address)
        if answer.status_code in {301, 302}:
            waiting.append(answer["Location"])
        elif "html" in answer["Content-Type"]:
            page = answer.content.decode()
            links = (
                urlsplit(urljoin(f"http://t{address}", unescape(link))) for link in re.findall(r'href="([^"]+)"', page)
            )
            found = [link for link in links if link.netloc == "t" and not re.match("/(konto|static|stil)/", link.path)]
            waiting += [f"{link.path}?{link.query}" if link.query else link.path for link in found]
            if kind not in {"/lagesbild/", "/veckan//utgava/", "/veckan//utgava//"}:  # those tell of certain weeks
                for table in tables.of_page(page):
                    library.table(table, last, last)
    print(dict(seen))
    assert library.facts == {}, "no other page tells counts"
    assert len(seen) > 20
