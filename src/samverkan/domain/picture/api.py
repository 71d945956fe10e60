"""What other rooms may use of the picture."""

from .attention import told_by as attention_told_by
from .comparison import Usual, Verdict, usual
from .filters import Filter, parse
from .near import by_week_near
from .presentation import Page
from .released import decided_by as released_by
from .selectors import Count, Picture, Summary, covering, summary

__all__ = [
    "Count",
    "Filter",
    "Page",
    "Picture",
    "Summary",
    "Usual",
    "Verdict",
    "attention_told_by",
    "by_week_near",
    "covering",
    "parse",
    "released_by",
    "summary",
    "usual",
]
