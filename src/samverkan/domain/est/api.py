"""What commands may use of the week. No room stands to the right of it yet."""

from .models import Edition
from .week.building import build
from .week.content import kept
from .week.cycles import first_of, length
from .week.documents import LANGUAGE, render
from .week.selectors import edition, look

__all__ = ["LANGUAGE", "Edition", "build", "edition", "first_of", "kept", "length", "look", "render"]
