"""What rooms bring to the tests that are made from lists: ``tests/room/ROOM/contract.py``, found by itself.

``rows(seat, number)`` are rows of its models by state, ``in_workflow(name, cast)`` an unsaved row of each of its
``WORKFLOWS``, and ``addresses()`` what fills the parameters of its addresses.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOMS = Path(__file__).resolve().parents[1] / "room"


def contracts() -> list[ModuleType]:
    """The contract of every room that has one."""
    return [import_module(f"tests.room.{path.parent.name}.contract") for path in sorted(ROOMS.glob("*/contract.py"))]
