"""Places on the ground: one metric coordinate system per installation, metres inside.

Longitude and latitude exist only at the edge. ``System`` is pure; ``current()`` is the system
that was chosen when the installation was created (setting ``geo.epsg``).
"""

from .hexagons import centres, coarser, hexagon_of, outline
from .system import OutsideArea, System, current, is_known

__all__ = ["OutsideArea", "System", "centres", "coarser", "current", "hexagon_of", "is_known", "outline"]
