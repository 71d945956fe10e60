"""Where does it gather, as a surface: kernel density inside a polygon.

Each event is spread by a kernel (Gaussian, or quartic as in CrimeStat and
ArcGIS). Near the border part of a kernel falls outside; the correction brings
it back, at the place ("uniform") or at the event ("diggle", which keeps the
number of events exactly).

References: Diggle 1985, Applied Statistics 34:138 (edge correction);
Silverman 1986, Density Estimation (kernels, binning).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from samverkan.analysis import clean
from samverkan.analysis._density_grid import Events, Grid, binned, margins, top
from samverkan.analysis.errors import BadInput
from samverkan.analysis.grids import Buckets
from samverkan.analysis.polygons import Polygon

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Bandwidth over cell side from which the binned sum errs by at most 0.1 % of the peak.
BINNED_FROM = {
    "gaussian": {"none": 3.5, "uniform": 7.0, "diggle": 6.0},
    "quartic": {"none": 18.0, "uniform": 24.0, "diggle": 20.0},
}
#: The exact sum on a grid leaves out what is further than this many sigmas from an event.
CUT = 6.0
_CELLS_AT_MOST = 50_000_000
# Below this the share of a kernel inside the polygon is no longer known to many digits.
_LEAST_SHARE = 1e-9


@dataclass(frozen=True)
class Density:
    """A density surface, in events per unit of area (per square metre for metres).

    Attributes
    ----------
    x, y : midpoints of the columns and rows of the grid, or the places of ``at``.
    density : (ny, nx) row by row upwards, or (m,) for ``at``; 0 where the
        midpoint lies outside the polygon.
    bandwidth : sigma of the Gaussian, radius of the quartic.
    mass : the estimate's integral over the polygon (over the grid when there
        is none). Binned: the sum over the cells. Exact: in closed form, and
        NaN where that has none (uniform correction at places).
    coverage : (ny, nx) share of each cell inside the polygon, or None.
    cell_area : area of a grid cell, NaN for ``at``.
    events, outside : events used, and events left out since they lie outside.
    method : "binned" or "exact".
    error : bound on the error of ``density``: binned, 0.1 % of the peak;
        exact, what the cut-off kernels can add up to.
    parameters, warnings : what was asked, and what to know.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    density: NDArray[np.float64]
    bandwidth: float
    mass: float
    coverage: NDArray[np.float64] | None
    cell_area: float
    events: int
    outside: int
    method: str
    error: float
    parameters: dict[str, Any]
    warnings: tuple[str, ...]


def density(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bandwidth: float,
    grid: tuple[int, int] | None = None,
    at: tuple[ArrayLike, ArrayLike] | None = None,
    polygon: Any = None,
    bounds: tuple[float, float, float, float] | None = None,
    kernel: Literal["gaussian", "quartic"] = "gaussian",
    edge: Literal["none", "uniform", "diggle"] = "none",
    weights: ArrayLike | None = None,
    method: Literal["auto", "binned", "exact"] = "auto",
) -> Density:
    """Kernel density on a grid or at given places.

    Parameters
    ----------
    x, y : (n,) coordinates in metres or any one unit; duplicates count each time.
    bandwidth : sigma of the Gaussian or radius of the quartic, in the same
        unit; see ``samverkan.analysis.bandwidth`` for choosing it from the data.
    grid : columns and rows over the polygon's bounding box, else ``bounds``,
        else the events with three sigmas (one radius) around.
    at : places (px, py) instead of a grid; always exact.
    polygon : what ``samverkan.analysis.polygons.Polygon`` takes, or one. Events
        outside it are left out, and counted in a warning.
    bounds : left, low, right, high of the grid when there is no polygon.
    kernel, edge : see the module. Corrections need a polygon.
    weights : (n,) at least zero, one per event (harm, or a count).
    method : "binned" spreads each event over 16 grid nodes and convolves;
        "exact" adds kernel by kernel. "auto" bins when the bandwidth spans
        enough cells for the error to stay within 0.1 % of the peak.

    Returns
    -------
    Density.

    Raises
    ------
    BadInput for coordinates that are not finite, a bandwidth not above zero,
    a correction without a polygon, neither or both of grid and at, too small
    a bandwidth for ``method="binned"``, and no events where their extent is needed.
    """
    xs, ys = clean.points(x, y)
    w = np.zeros(0) if weights is None else clean.weights(weights)
    if weights is not None:
        clean.same_length(x=xs, weight=w)
    size = clean.positive(bandwidth, "bandwidth")
    _check_choices(kernel, edge, method, polygon, bounds, grid, at)
    area = polygon if isinstance(polygon, Polygon) or polygon is None else Polygon(polygon)
    frame = None if grid is None else _frame(grid, area, bounds, xs, ys, kernel, size)
    share = None if area is None or frame is None else area.coverage(frame.nx, frame.ny)
    keep = np.zeros(0, dtype=np.bool_)
    outside = 0
    if area is not None:
        if share is not None and frame is not None:
            keep = area.contains_by(xs, ys, share, frame.dx, frame.dy)
        else:
            keep = area.contains(xs, ys)
        outside = len(xs) - int(np.count_nonzero(keep))
        if outside:
            xs, ys, w = xs[keep], ys[keep], w[keep] if len(w) else w
    events = Events(xs, ys, w)
    notes = _notes(len(xs), outside, size, frame)
    around = ((2, 2), (2, 2)) if frame is None or area is not None else margins(events, frame, kernel, size)
    used = _method(method, kernel, edge, size, frame, around)
    if frame is None:
        assert at is not None
        px, py = clean.points(at[0], at[1], names=("at x", "at y"))
        values, mass, error = _at(events, px, py, size, kernel, edge, area)
    else:
        px, py = frame.x, frame.y
        if used == "binned":
            values, mass = binned(events, frame, size, kernel, edge, share, around)
            error = 1e-3 * float(values.max(initial=0.0))
        else:
            values, mass, error = _exact(events, frame, size, kernel, edge, area, share)
        if area is not None and share is not None:
            values = _within(values, share, area, frame)
    return Density(
        x=px,
        y=py,
        density=values,
        bandwidth=size,
        mass=mass,
        coverage=share,
        cell_area=math.nan if frame is None else frame.area,
        events=len(xs),
        outside=outside,
        method=used,
        error=error,
        parameters={"kernel": kernel, "edge": edge, "method": method, "polygon": area is not None},
        warnings=tuple(notes),
    )


def _check_choices(kernel: str, edge: str, method: str, polygon: Any, bounds: Any, grid: Any, at: Any) -> None:
    if kernel not in BINNED_FROM:
        raise BadInput(f"kernel is {kernel!r}; it is gaussian or quartic.")
    if edge not in ("none", "uniform", "diggle"):
        raise BadInput(f"edge is {edge!r}; it is none, uniform or diggle.")
    if method not in ("auto", "binned", "exact"):
        raise BadInput(f"method is {method!r}; it is auto, binned or exact.")
    if (grid is None) == (at is None):
        raise BadInput("Give either a grid (columns, rows) or places to estimate at.")
    if edge != "none" and polygon is None:
        raise BadInput(f"The {edge} correction needs the polygon within which events could happen.")
    if polygon is not None and bounds is not None:
        raise BadInput("Give a polygon or bounds, not both; the grid covers the polygon.")
    if at is not None and method == "binned":
        raise BadInput("Places are estimated exactly; binned is for grids.")


def _frame(
    grid: tuple[int, int],
    area: Polygon | None,
    bounds: tuple[float, float, float, float] | None,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    kernel: str,
    size: float,
) -> Grid:
    nx, ny = clean.whole(grid[0], "columns", least=1), clean.whole(grid[1], "rows", least=1)
    if nx * ny > _CELLS_AT_MOST:
        raise BadInput(f"The grid has {nx * ny:,} cells; at most {_CELLS_AT_MOST:,} are allowed.")
    if area is not None:
        left, low, right, high = area.left, area.low, area.right, area.high
    elif bounds is not None:
        left, low, right, high = (float(v) for v in bounds)
        if not (np.isfinite(bounds).all() and right > left and high > low):
            raise BadInput("bounds are left, low, right, high, with right above left and high above low.")
    elif len(x):
        around = 3 * size if kernel == "gaussian" else size
        left, right = float(x.min()) - around, float(x.max()) + around
        low, high = float(y.min()) - around, float(y.max()) + around
    else:
        raise BadInput("There are no events to lay a grid around; give a polygon or bounds.")
    return Grid(left, low, (right - left) / nx, (high - low) / ny, nx, ny)


def _method(
    method: str,
    kernel: str,
    edge: str,
    size: float,
    frame: Grid | None,
    around: tuple[tuple[int, int], tuple[int, int]],
) -> str:
    if frame is None:
        return "exact"
    needed = BINNED_FROM[kernel][edge] * max(frame.dx, frame.dy)
    nodes = (frame.ny + sum(around[0])) * (frame.nx + sum(around[1]))
    if method == "binned" and size < needed:
        raise BadInput(
            f"Binning needs a bandwidth of at least {needed:.6g} on this grid to err by at most 0.1 %; "
            "use a finer grid or the exact method."
        )
    if method == "binned" and nodes > _CELLS_AT_MOST:
        raise BadInput(
            "The bandwidth reaches so far beyond the grid that binning needs too much memory; use the exact method."
        )
    if method == "auto":
        # A small window into wide data: the nodes outside would cost more than the kernels.
        return "binned" if size >= needed and nodes <= max(4 * frame.nx * frame.ny, 4_000_000) else "exact"
    return method


def _notes(used: int, outside: int, size: float, frame: Grid | None) -> list[str]:
    notes = []
    if outside:
        notes.append(f"{outside} of {used + outside} events lie outside the polygon and are left out.")
    if not used:
        notes.append("There are no events: the density is 0 everywhere.")
    if frame is not None and size < max(frame.dx, frame.dy):
        notes.append(
            "The bandwidth is smaller than a cell: the grid shows only what lies at the midpoints. Use a finer grid."
        )
    return notes


def _within(values: NDArray[np.float64], share: NDArray[np.float64], area: Polygon, frame: Grid) -> NDArray[np.float64]:
    """Zero where the midpoint of a cell lies outside; only cells cut by the border are tested."""
    out = np.where(share > 0, values, 0.0)
    rows, columns = np.nonzero((share > 0) & (share < 1))
    is_in = area.contains_by(frame.x[columns], frame.y[rows], share, frame.dx, frame.dy)
    out[rows[~is_in], columns[~is_in]] = 0.0
    return out


# ------------------------------------------------------------------- exact


def masses(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    size: float,
    kernel: str,
    area: Polygon,
) -> NDArray[np.float64]:
    """The share inside the polygon of a kernel at each place."""
    from samverkan.analysis import _kernels_density as kernels

    return np.asarray(kernels.mass_inside(x - area.left, y - area.low, area.edges, size, kernel == "gaussian"))


def _corrected(events: Events, size: float, kernel: str, edge: str, area: Polygon | None) -> tuple[Events, float]:
    """Events weighed for the correction, and the mass in closed form (NaN where there is none)."""
    if area is None or edge == "uniform":
        return events, math.nan
    share = masses(events.x, events.y, size, kernel, area)
    if edge == "diggle":
        if share.min(initial=1.0) < _LEAST_SHARE:
            raise BadInput(
                "The bandwidth is so wide for the polygon that nothing of a kernel is inside; use a smaller one."
            )
        return events.divided(share), events.total
    return events, float(share.sum() if not len(events.weight) else share @ events.weight)


def _left_out(kernel: str, size: float, cut: float, events: Events) -> float:
    """What Gaussians cut off at ``cut`` sigmas can add up to at any place."""
    return math.exp(-0.5 * cut * cut) * top(kernel, size) * events.total if kernel == "gaussian" else 0.0


def _exact(
    events: Events,
    frame: Grid,
    size: float,
    kernel: str,
    edge: str,
    area: Polygon | None,
    share: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], float, float]:
    """Density, mass and error bound on a grid, kernel by kernel."""
    from samverkan.analysis import _kernels_density as kernels

    use, mass = _corrected(events, size, kernel, edge, area)
    at = (0.5 * frame.dx, 0.5 * frame.dy, frame.dx, frame.dy, frame.nx, frame.ny)
    x, y = use.x - frame.left, use.y - frame.low
    if kernel == "gaussian":
        out = kernels.exact_gaussian(x, y, use.weight, *at, size, CUT)
    else:
        out = kernels.exact_quartic(x, y, use.weight, *at, size)
    error = _left_out(kernel, size, CUT, use)
    if edge == "uniform" and area is not None and share is not None:
        rows, columns = np.nonzero(share)
        part = masses(frame.x[columns], frame.y[rows], size, kernel, area)
        raw, out = out, np.zeros_like(out)
        out[rows, columns] = np.divide(raw[rows, columns], part, out=np.zeros(len(part)), where=part > 0)
        error /= float(part[part > 0].min(initial=1.0))
    if math.isnan(mass):
        mass = float((out if share is None else out * share).sum() * frame.area)
    return out, mass, error


def _at(
    events: Events,
    px: NDArray[np.float64],
    py: NDArray[np.float64],
    size: float,
    kernel: str,
    edge: str,
    area: Polygon | None,
) -> tuple[NDArray[np.float64], float, float]:
    """Density, mass and error bound at places, kernel by kernel."""
    from samverkan.analysis._kernels_density import FAR

    use, mass = _corrected(events, size, kernel, edge, area)
    out = sums_at(px, py, use.x, use.y, use.weight, size, kernel)
    error = _left_out(kernel, size, FAR, use)
    if area is None:
        return out, events.total, error
    inside = area.contains(px, py)
    if edge == "uniform":
        part = masses(px[inside], py[inside], size, kernel, area)
        out[inside] /= part
        error /= float(part.min(initial=1.0))
    out[~inside] = 0.0
    return out, mass, error


def sums_at(
    px: NDArray[np.float64],
    py: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    size: float,
    kernel: str,
) -> NDArray[np.float64]:
    """The sum of the kernels of weighted events at each place."""
    from samverkan.analysis import _kernels_density as kernels

    if not len(x) or not len(px):
        return np.zeros(len(px))
    reach = kernels.FAR * size if kernel == "gaussian" else size
    buckets = Buckets(x, y, reach)
    order = buckets.order
    return np.asarray(
        kernels.exact_at(
            px - buckets.left,
            py - buckets.low,
            buckets.x,
            buckets.y,
            weight[order] if len(weight) else weight,
            buckets.start,
            buckets.columns,
            buckets.rows,
            buckets.side,
            size,
            kernel == "gaussian",
            False,
        )
    )
