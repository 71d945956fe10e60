"""What other rooms may use of newroom."""

from .models import Newthing
from .selectors import newthing, newthings

__all__ = ["Newthing", "newthing", "newthings"]
