"""What other rooms may use of places."""

from .models import Area, AreaEdition, AreaScheme, Municipality, Place, PlaceKind
from .selectors import Found, area_at, counted_areas, ground, home_municipality, places, search

__all__ = [
    "Area", "AreaEdition", "AreaScheme", "Found", "Municipality", "Place", "PlaceKind", "area_at", "counted_areas",
    "ground", "home_municipality", "places", "search",
]  # fmt: skip
