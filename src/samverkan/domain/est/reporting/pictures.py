"""The small map that shows where a report lies."""

from __future__ import annotations

from django.utils.translation import gettext as _

from samverkan.domain.places.api import SmallMap, shown_point
from samverkan.foundation.access import Actor

from ..models import Report


def of_report(actor: Actor, report: Report) -> SmallMap | None:
    """Where a report lies; None when only the area or less is known."""
    if report.x is None or report.y is None:
        return None
    return shown_point(
        actor, x=report.x, y=report.y, radius=report.radius_m or 0, title=_("Where the report lies"), key="report"
    )
