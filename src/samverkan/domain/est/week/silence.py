"""Where there are fewer reports than usual while some have not answered: silence is not calm. Pure."""

from __future__ import annotations

from typing import Any

#: So many areas are named at most, the most lacking first.
_MOST_AREAS = 3


def silence(content: dict[str, Any]) -> dict[str, Any] | None:
    """The areas that nothing can be said of and who is silent; None when all have answered or nothing is low.

    ``areas`` is empty when the whole is low, or fewer than half have answered, and no area is.
    """
    effort, figures = content.get("effort") or {}, content.get("figures") or {}
    if not effort.get("silent"):
        return None
    low = [
        (row["usual"]["low"] - row["count"], row["name"])
        for row in figures.get("areas") or []
        if row["key"] != "unknown" and row["count"] is not None and row["usual"] and row["count"] < row["usual"]["low"]
    ]
    areas = [name for _lacks, name in sorted(low, key=lambda found: -found[0])[:_MOST_AREAS]]
    whole, total = figures.get("usual"), figures.get("total")
    few = effort["silent"] * 2 > effort["expected"] or bool(whole and total is not None and total < whole["low"])
    if not areas and not few:
        return None
    return {"areas": areas, "silent": sorted({s["name"] for s in effort["silent_list"]}), "count": effort["silent"]}
