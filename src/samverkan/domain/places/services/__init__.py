"""What can be done with places and areas: added and changed one by one, and read from files."""

from .places import add, change

__all__ = ["add", "change"]
