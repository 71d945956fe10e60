"""What other rooms may use of incidents."""

from .categories import BecameHomeBound, Lookup, ensure_standard
from .fetching import CONTACT, POLISEN, Fetcher, contact
from .importing import MappingError, import_files, load_mapping
from .importing.interrupted import mark as mark_interrupted
from .importing.polisen import MAPPING as POLISEN_MAPPING
from .importing.profiles import by_name as mapping_by_name
from .importing.proposal import as_stored, categories_met, propose, to_answer
from .importing.proposal import checked as checked_proposal
from .importing.run import rejects_file
from .importing.told import sentences as told_in_words
from .lasting import is_own, last_day, lasts
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
from .services.editing import LostItsPlace
from .services.erasing import WordsTakenOut
from .store import touch_weeks

__all__ = [
    "CONTACT",
    "DIGESTS",
    "POLISEN",
    "POLISEN_MAPPING",
    "BecameHomeBound",
    "Category",
    "Draft",
    "Fetcher",
    "Incident",
    "IncidentVersion",
    "Kind",
    "Lookup",
    "LostItsPlace",
    "MappingError",
    "Observation",
    "Precision",
    "Source",
    "SourceKind",
    "TimePrecision",
    "Trend",
    "WeekChange",
    "WordsTakenOut",
    "as_stored",
    "categories_met",
    "checked_proposal",
    "contact",
    "ensure_source",
    "ensure_standard",
    "import_files",
    "is_own",
    "last_day",
    "lasts",
    "load_mapping",
    "mapping_by_name",
    "mark_interrupted",
    "propose",
    "record",
    "rejects_file",
    "to_answer",
    "told_in_words",
    "touch_weeks",
]
