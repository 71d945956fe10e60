"""The search for patterns in a process of its own: a question as JSON on standard input, the answer on standard output."""

from __future__ import annotations

import json
import sys
from typing import Any

from samverkan.analysis.concentration import concentration
from samverkan.analysis.grids import within
from samverkan.analysis.hotspots import hotspots
from samverkan.analysis.near_repeat import knox

Answer = dict[str, Any]


def gathered(question: Answer, seed: int) -> Answer:
    """Hot cells: (x, y) centres, events in each, distance within which cells are neighbours."""
    cells = within(question["x"], question["y"], question["distance"])
    found = hotspots(question["count"], cells, seed=seed)
    hot = [int(i) for i in found.significant_fdr.nonzero()[0] if found.z[i] > 0]
    return {
        "hot": hot,
        "local": [float(found.local[i]) for i in hot],
        "threshold": float(found.threshold),
        "replicates": found.replicates,
        "tested": found.tested,
        "warnings": list(found.warnings),
    }


def concentrated(question: Answer, seed: int) -> Answer:
    """Shares of places with half and a quarter of all, beside chance."""
    found = concentration(
        question["count"], places=question["places"], fractions=(0.25, 0.5), replicates=199, seed=seed
    )
    return {
        "places": found.places,
        "events": found.events,
        "gini": found.generalised,
        "gini_chance": found.chance,
        "shares": [
            {
                "fraction": s.fraction,
                "places": s.places,
                "share": s.share,
                "chance": s.chance,
                "chance_low": s.chance_low,
                "chance_high": s.chance_high,
            }
            for s in found.shares
        ],
        "replicates": found.replicates,
        "warnings": list(found.warnings),
    }


def repeated(question: Answer, seed: int) -> Answer:
    """A Knox table of one kind of event; half-open bands [a, b), the last without end."""
    inf = float("inf")
    found = knox(
        question["x"],
        question["y"],
        question["day"],
        bands=[*question["bands"], inf],
        days=[*question["days"], inf],
        replicates=question["replicates"],
        seed=seed,
    )
    return {
        "code": question["code"],
        "events": found.events,
        "pairs": found.pairs,
        "observed": found.observed.tolist(),
        "expected": found.expected.tolist(),
        "p_value_max": found.p_value_max.tolist(),
        "replicates": found.replicates,
        "warnings": list(found.warnings),
    }


def main() -> None:
    """Read, compute, answer. Imports no Django."""
    question = json.load(sys.stdin)
    seed = question["seed"]
    answer: Answer = {
        "near_repeat": [repeated(q, seed) for q in question["near_repeat"]],
        "hotspots": gathered(question["hotspots"], seed) if question["hotspots"] else None,
        "concentration": concentrated(question["concentration"], seed) if question["concentration"] else None,
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
