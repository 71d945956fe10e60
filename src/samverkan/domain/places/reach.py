"""How far from the municipality a point may lie. Farther away it is taken for a mistake.

The ground is what the register holds as areas today; without any, or with the limit at 0, nothing is
too far away.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import shapely
from django.db.models import Max, Min
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from samverkan.foundation import clock, municipality
from samverkan.foundation.web.errors import Refusal

from .models import Area

#: The municipal setting that holds the limit, in kilometres.
SETTING = "geo.far_km"


class Reach:
    """The limit as it holds today, read once and asked of many points."""

    def __init__(self) -> None:
        self.km = int(municipality.get(SETTING))
        self.drawn = Area.objects.on(clock.today()).filter(geometry__isnull=False) if self.km else Area.objects.none()
        # The box is asked of the register; the ground itself is put together only for a point outside of it.
        self.box = tuple(self.drawn.aggregate(w=Min("min_x"), s=Min("min_y"), e=Max("max_x"), n=Max("max_y")).values())

    @cached_property
    def shape(self) -> shapely.Geometry:
        """All of the ground as one."""
        shapes = [bytes(area or b"") for area in self.drawn.order_by("pk").values_list("geometry", flat=True)]
        ground = shapely.union_all(shapely.make_valid(shapely.from_wkb(shapes)))
        shapely.prepare(ground)
        return ground

    def beyond(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether points (n,) in metres lie beyond the limit. Only those outside the ground's box are measured."""
        far = np.zeros(len(x), bool)
        if None in self.box or not len(x):
            return far
        west, south, east, north = self.box
        outside = np.flatnonzero((x < west) | (x > east) | (y < south) | (y > north))
        if len(outside):
            points = shapely.points(x[outside], y[outside])
            far[outside] = ~shapely.dwithin(self.shape, points, self.km * 1000.0)
        return far

    def away(self, x: float, y: float) -> int:
        """Whole kilometres from the ground to a point, rounded up. 0 without any ground."""
        return 0 if None in self.box else math.ceil(float(shapely.distance(self.shape, shapely.Point(x, y))) / 1000)


def check_near(x: float, y: float, *, field: str) -> None:
    """Refuse one point that somebody gave in a form, when it lies too far away."""
    reach = Reach()
    if bool(reach.beyond(np.array([x]), np.array([y]))[0]):
        raise Refusal(
            _(
                "The point lies %(km)s km from the municipality, and the limit is %(limit)s km. Mark the right place, or choose a named one."
            )
            % {"km": reach.away(x, y), "limit": reach.km},
            field=field,
            code="far",
        )
