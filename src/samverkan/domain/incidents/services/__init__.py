"""What can be done with incidents: recorded, corrected, their words taken out, categories changed, files given to be read."""

from .recording import Draft, blur_home_bound, ensure_source, record

__all__ = ["Draft", "blur_home_bound", "ensure_source", "record"]
