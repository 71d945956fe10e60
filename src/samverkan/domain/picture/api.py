"""What other rooms may use of the picture."""

from .comparison import Usual, Verdict
from .filters import Filter, parse
from .presentation import Page
from .released import decided_by as released_by
from .selectors import Count, Picture, Summary, covering, summary

__all__ = [
    "Count", "Filter", "Page", "Picture", "Summary", "Usual", "Verdict", "covering", "parse", "released_by", "summary",
]  # fmt: skip
