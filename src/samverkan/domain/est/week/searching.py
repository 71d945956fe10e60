"""The search in a process of its own: a question as JSON on standard input, the answer on standard output."""

from __future__ import annotations

import json
import math
import sys


def main() -> None:
    """Read, search, answer. Imports no Django."""
    import numpy as np

    from samverkan.analysis.emerging import emerging

    question = json.load(sys.stdin)
    found = emerging(
        np.array(question["place"], np.int64),
        np.array(question["x"], float),
        np.array(question["y"], float),
        np.array(question["day"], np.int64),
        as_of=question["as_of"],
        source=np.array(question["source"], np.int64),
        seed=question["seed"],
        fewest_events=question["fewest_events"],
        every_days=question["every_days"],
        limits_weeks=tuple(question["limits_weeks"]),
    )
    clusters = [
        {
            "centre": [float(v) for v in c.centre],
            "radius_m": float(c.radius_m),
            "start": int(c.start),
            "end": int(c.end),
            "observed": int(c.observed),
            "expected": float(c.expected),
            "p_value": float(c.p_value),
            "recurrence_weeks": float(c.recurrence_weeks) if math.isfinite(c.recurrence_weeks) else None,
            "step": int(c.step),
            "events": [int(i) for i in c.events],
            "new_events": [int(i) for i in c.new_events],
        }
        for c in found.clusters
    ]
    json.dump(
        {
            "clusters": clusters,
            "enough": bool(found.enough),
            "events": found.events,
            "places": found.places,
            "replicates": found.replicates,
            "seed": found.seed,
            "first_day": found.first_day,
            "last_day": found.last_day,
            "notes": [{"code": n.code, "values": {k: int(v) for k, v in n.values.items()}} for n in found.notes],
            "warnings": list(found.warnings),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
