"""The picture as files: the same numbers, hidden alike, each file saying what it is."""

from .content import FORMATS, Content, content_of
from .write import write

__all__ = ["FORMATS", "Content", "content_of", "write"]
