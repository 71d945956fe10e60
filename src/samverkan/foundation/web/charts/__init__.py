"""Charts as SVG text, drawn on the server and styled by classes only.

Each chart is a frozen dataclass with two faces: ``svg(width)`` for the eye and ``table()`` for
everyone else, with the same values. The same SVG serves pages (style from figures.css), PDF and
Word (``standalone`` puts the light style inside). Numbers that may not be shown are ``HIDDEN``:
hatched in the drawing and said in words in the table, never zero and never blank.
"""

from .bars import Bar, BarChart
from .heat import HeatChart
from .interval import Interval, IntervalChart
from .line import Annotation, LineChart, LinePoint, Start
from .spark import Sparkline
from .standalone import standalone
from .table import HIDDEN, MISSING, AtLeast, Cell, Column, Hidden, Missing, Table

__all__ = [
    "HIDDEN",
    "MISSING",
    "Annotation",
    "AtLeast",
    "Bar",
    "BarChart",
    "Cell",
    "Column",
    "HeatChart",
    "Hidden",
    "Interval",
    "IntervalChart",
    "LineChart",
    "LinePoint",
    "Missing",
    "Sparkline",
    "Start",
    "Table",
    "standalone",
]
