"""Documents: the same blocks as accessible PDF, as Word, and as one page of HTML.

A room composes blocks from what it knows; nothing here asks a database or a clock, so that the same blocks give
the same bytes.
"""

from .blocks import Block, Break, Cell, Column, Document, Drawing, Figure, Heading, Item, Items, Table, Text
from .writing import FORMS, MEDIA_TYPES, clean, write, write_plain

__all__ = [
    "FORMS",
    "MEDIA_TYPES",
    "Block",
    "Break",
    "Cell",
    "Column",
    "Document",
    "Drawing",
    "Figure",
    "Heading",
    "Item",
    "Items",
    "Table",
    "Text",
    "clean",
    "write",
    "write_plain",
]
