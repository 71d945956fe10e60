"""Incidents from files: read, mapped, checked row by row, and stored so that twice changes nothing."""

from .mapping import Mapping, MappingError, load_mapping
from .run import Counts, import_files

__all__ = ["Counts", "Mapping", "MappingError", "import_files", "load_mapping"]
