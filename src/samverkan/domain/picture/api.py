"""What other rooms may use of the picture."""

from . import facts, packing
from .answer import GROUPINGS, Count, Picture, Summary
from .asking import ask, covering
from .attention import told_by as attention_told_by
from .comparison import Usual, Verdict, usual
from .filters import Filter, parse
from .models import FactSegment
from .near import by_week_near
from .presentation import Page
from .released import decided_by as released_by
from .words import compared, heading

__all__ = [
    "GROUPINGS",
    "Count",
    "FactSegment",
    "Filter",
    "Page",
    "Picture",
    "Summary",
    "Usual",
    "Verdict",
    "ask",
    "attention_told_by",
    "by_week_near",
    "compared",
    "covering",
    "facts",
    "heading",
    "packing",
    "parse",
    "released_by",
    "usual",
]
