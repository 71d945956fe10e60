"""What commands may use of the week. No room stands to the right of it yet."""

from .models import Edition
from .week.content import build
from .week.cycles import first_of, length
from .week.documents import LANGUAGE, render
from .week.selectors import edition, look

__all__ = ["LANGUAGE", "Edition", "build", "edition", "first_of", "length", "look", "render"]
