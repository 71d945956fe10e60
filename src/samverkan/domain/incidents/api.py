"""What other rooms may use of incidents."""

from .categories import BecameHomeBound, Lookup, ensure_standard
from .editing import LostItsPlace, is_own, last_day, lasts
from .erasing import WordsTakenOut
from .models import (
    DIGESTS,
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
)
from .services import Draft, ensure_source, record

__all__ = [
    "DIGESTS",
    "BecameHomeBound",
    "Category",
    "Draft",
    "Incident",
    "IncidentVersion",
    "Kind",
    "Lookup",
    "LostItsPlace",
    "Observation",
    "Precision",
    "Source",
    "SourceKind",
    "TimePrecision",
    "Trend",
    "WeekChange",
    "WordsTakenOut",
    "ensure_source",
    "ensure_standard",
    "is_own",
    "last_day",
    "lasts",
    "record",
]
