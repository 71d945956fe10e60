"""What other rooms may use of places."""

from .demo import SOURCE as INVENTED_SOURCE
from .demo import SPOTS as INVENTED_SPOTS
from .fields import AreaField, PlaceField
from .models import Area, AreaEdition, AreaScheme, Municipality, Place, PlaceKind
from .picker import SmallMap, picker
from .picker import shown as shown_point
from .reach import Reach, check_near
from .selectors import Found, area_at, as_said, counted_areas, ground, home_municipality, names_here, places, search
from .services.importing import import_areas, import_places

__all__ = [
    "INVENTED_SOURCE",
    "INVENTED_SPOTS",
    "Area",
    "AreaEdition",
    "AreaField",
    "AreaScheme",
    "Found",
    "Municipality",
    "Place",
    "PlaceField",
    "PlaceKind",
    "Reach",
    "SmallMap",
    "area_at",
    "as_said",
    "check_near",
    "counted_areas",
    "ground",
    "home_municipality",
    "import_areas",
    "import_places",
    "names_here",
    "picker",
    "places",
    "search",
    "shown_point",
]
