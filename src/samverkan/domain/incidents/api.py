"""What other rooms may use of incidents."""

from .categories import BecameHomeBound, Lookup, ensure_standard
from .erasing import WordsTakenOut
from .models import (
    Category,
    Incident,
    IncidentVersion,
    Kind,
    Observation,
    Precision,
    Source,
    SourceKind,
    TimePrecision,
    Trend,
    WeekChange,
)  # fmt: skip
from .services import Draft, ensure_source, record

__all__ = [
    "BecameHomeBound", "Category", "Draft", "Incident", "IncidentVersion", "Kind", "Lookup", "Observation", "Precision", "Source",
    "SourceKind", "TimePrecision", "Trend", "WeekChange", "WordsTakenOut", "ensure_source", "ensure_standard", "record",
]  # fmt: skip
