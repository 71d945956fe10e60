"""An attacker on small counts: a linear program over all that is published, by somebody who knows the rules.

Unknown are the hidden counts of every division, week by week. What is told of sums is equations, what is told
of "at least" is inequalities; zeros are shown, and so a hidden count is at least 1. Solved by HiGHS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from samverkan.domain.picture.suppression import Protected

Name = Hashable
_CLOSE = 1e-6
#: No count is greater: then every program has an end.
_MANY = 1e6


@dataclass
class Attacker:
    """Collects what is told, then asks how closely each hidden count is bounded.

    ``least`` holds every unknown with the least it can be; ``equal`` and ``at_most`` are sums of unknowns
    (with their signs) that are, or are at most, a number.
    """

    least: dict[Name, float] = field(default_factory=dict)
    known: dict[Name, float] = field(default_factory=dict)
    equal: dict[frozenset[tuple[Name, int]], float] = field(default_factory=dict)
    at_most: dict[frozenset[tuple[Name, int]], float] = field(default_factory=dict)

    def see(self, name: Name, value: int | None, *, least: float = 1) -> None:
        """A count that is shown, or hidden and at least so much."""
        if value is None:
            self.least[name] = max(least, self.least.get(name, 0))
        else:
            assert self.known.setdefault(name, value) == value, f"{name} is told as {self.known[name]} and as {value}"

    def told(self, names: Iterable[Name], value: float, *, minus: Iterable[Name] = ()) -> None:
        """The sum of some counts, less others, is a number."""
        terms, rest = self._terms(names, value, minus)
        if not terms:
            assert rest == 0, "what is told does not add up"
            return
        assert self.equal.setdefault(terms, rest) == rest, "the same sum is told as two numbers"

    def told_at_most(self, names: Iterable[Name], value: float, *, minus: Iterable[Name] = ()) -> None:
        """The sum of some counts, less others, is at most a number."""
        terms, rest = self._terms(names, value, minus)
        if any(sign > 0 for _n, sign in terms) or rest < -sum(self.least[name] for name, _sign in terms):
            self.at_most[terms] = min(rest, self.at_most.get(terms, rest))

    def _terms(
        self, names: Iterable[Name], value: float, minus: Iterable[Name]
    ) -> tuple[frozenset[tuple[Name, int]], float]:
        signs: dict[Name, int] = defaultdict(int)
        for sign, some in ((1, names), (-1, minus)):
            for name in some:
                if name in self.known:
                    value -= sign * self.known[name]
                else:
                    signs[name] += sign
        return frozenset((name, sign) for name, sign in signs.items() if sign), value

    # -- the attack ----------------------------------------------------------------------------

    def bounded(self, below: int) -> dict[Name, float]:
        """The hidden counts that are certainly less than ``below``, with the greatest that each can be."""
        return self._search(1, set(self.least), lambda x: x >= below - _CLOSE)

    def from_more_than_one(self, names: Iterable[Name]) -> dict[Name, float]:
        """Those of some hidden counts that are certainly more than 1, with the least that each can be."""
        return self._search(-1, set(names), lambda x: x <= 1 + _CLOSE)

    def _search(self, sign: int, wanted: set[Name], free: Callable[[Any], Any]) -> dict[Name, float]:
        """Ends of the unknowns that are not free: many are seen to be free at once, the others asked for one by one."""
        program = _Program(self)
        left = np.array([k for k, name in enumerate(program.names) if name in wanted], int)
        dice, in_vain = np.random.default_rng(1), 0
        while len(left) and in_vain < 3:
            at = program.solve(left, sign * (1 + dice.random(len(left))))
            in_vain, left = (0 if free(at).any() else in_vain + 1), left[~free(at)]
        found: dict[Name, float] = {}
        for k in left.tolist():
            (at,) = program.solve(np.array([k]), np.array([sign]))
            if not free(at):
                # A count is whole.
                found[program.names[k]] = float(np.floor(at + _CLOSE) if sign > 0 else np.ceil(at - _CLOSE))
        return found


class _Program:
    """The linear program of what is told. Unknowns in no sum can be anything, and are not in it."""

    def __init__(self, told: Attacker) -> None:
        rows = [*told.equal.items(), *told.at_most.items()]
        number: dict[Name, int] = {}
        for terms, _value in rows:
            for name, _sign in terms:
                number.setdefault(name, len(number))
        self.names = list(number)
        self.bounds = [(told.least[name], _MANY) for name in self.names]
        self.given: dict[str, Any] = {}
        for kind, sums in (("eq", told.equal), ("ub", told.at_most)):
            at = [(i, number[name], sign) for i, terms in enumerate(sums) for name, sign in terms]
            if at:
                i, k, signs = zip(*at, strict=True)
                self.given[f"A_{kind}"] = csr_matrix((signs, (i, k)), (len(sums), len(number)))
                self.given[f"b_{kind}"] = list(sums.values())

    def solve(self, which: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Some unknowns where their weighted sum is greatest."""
        aim = np.zeros(len(self.names))
        aim[which] = -weights
        found = linprog(aim, bounds=self.bounds, method="highs", **self.given)
        assert found.status == 0, f"what is told contradicts itself: {found.message}"
        values: np.ndarray = found.x[which]
        return values


def read(attacker: Attacker, division: Any, shown: Protected) -> None:
    """Ask a protected table for every span of weeks there is, and remember the answers.

    Unknowns are named (division, cell, week); ``division`` is a pair of family and name, and of one family the
    totals (family, "total", week) are the same in every division.
    """
    family = division[0]
    cells, weeks = shown.counts.shape
    told: dict[tuple[int, int], list[int | None]] = {}
    for week in range(shown.first, shown.first + weeks):
        answers = shown.cells(week, week)
        attacker.see((family, "total", week), shown.total(week, week))
        # Where everything is hidden, zeros are too.
        least = 0 if all(a is None for a in answers) else 1
        for cell, answer in enumerate(answers):
            attacker.see((division, cell, week), answer, least=least)
        attacker.told([(division, c, week) for c in range(cells)], 0, minus=[(family, "total", week)])
    for length in range(1, weeks + 1):
        for first in range(shown.first, shown.first + weeks - length + 1):
            last = first + length - 1
            answers = told[first, last] = [shown.total(first, last), *shown.cells(first, last)]
            lowest = [shown.total_at_least(first, last), *shown.at_least(first, last)]
            for number, (answer, low) in enumerate(zip(answers, lowest, strict=True)):
                name = (family, "total") if number == 0 else (division, number - 1)
                within = [(*name, week) for week in range(first, last + 1)]
                halves = ((told[first, m][number], told[m + 1, last][number]) for m in range(first, last))
                both = next((x + y for x, y in halves if x is not None and y is not None), None)
                if both is not None:
                    assert answer == low == both, "a span is the sum of its parts"
                elif answer is not None:
                    attacker.told(within, answer)
                else:
                    attacker.told_at_most([], -low, minus=within)


def truth(division: Any, shown: Protected) -> dict[Name, int]:
    """What every count of a table really is."""
    cells, weeks = shown.counts.shape
    return {
        (division, cell, shown.first + week): int(shown.counts[cell, week])
        for cell in range(cells)
        for week in range(weeks)
    }
