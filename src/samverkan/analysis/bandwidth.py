"""How wide a kernel: two ways of letting the events choose.

Both assume that what is random is where single events fall, and both give
less smoothing than the eye would like; where many events share one place
they run towards no smoothing at all, which is told in a warning.

References: Diggle 1985, Applied Statistics 34:138, and Berman and Diggle
1989, J. R. Statist. Soc. B 51:81 (mean squared error); Loader 1999, Local
Regression and Likelihood, section 5.3 (likelihood cross-validation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from samverkan.analysis import clean
from samverkan.analysis.density import masses
from samverkan.analysis.errors import BadInput
from samverkan.analysis.grids import Buckets
from samverkan.analysis.polygons import Polygon

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Rings by distance behind the K-function, and so the fineness of Diggle's bandwidth.
RINGS = 1024
_LATTICE = 256
_COARSE = 12
_FINE = 14
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Bandwidth:
    """A bandwidth chosen from the data.

    Attributes
    ----------
    bandwidth : sigma of a Gaussian or radius of a quartic.
    rule : "diggle" or "likelihood".
    candidates, criterion : the bandwidths tried, and the mean squared error
        (smaller is better) or log-likelihood (larger is better) of each.
    events, warnings : events used, and what to know.
    """

    bandwidth: float
    rule: str
    candidates: NDArray[np.float64]
    criterion: NDArray[np.float64]
    events: int
    warnings: tuple[str, ...]


def choose(
    rule: Literal["diggle", "likelihood"],
    x: ArrayLike,
    y: ArrayLike,
    *,
    polygon: Any = None,
    kernel: Literal["gaussian", "quartic"] = "gaussian",
    largest: float | None = None,
) -> Bandwidth:
    """The bandwidth by ``by_mean_squared_error`` ("diggle") or ``by_likelihood``.

    Raises BadInput for another rule, and as the two.
    """
    if rule not in ("diggle", "likelihood"):
        raise BadInput(f"The rule is {rule!r}; it is diggle or likelihood.")
    work = by_mean_squared_error if rule == "diggle" else by_likelihood
    return work(x, y, polygon=polygon, kernel=kernel, largest=largest)


def by_mean_squared_error(
    x: ArrayLike,
    y: ArrayLike,
    *,
    polygon: Any = None,
    kernel: Literal["gaussian", "quartic"] = "gaussian",
    largest: float | None = None,
) -> Bandwidth:
    """Smallest mean squared error under a Cox process, by Berman and Diggle.

    M(h) = (1/lambda - 2 K(h)) / (pi h^2) + J(h) / (pi h^2)^2, with K Ripley's
    function and J(h) the integral of the overlap of two discs of radius h over
    dK. h is the radius of a flat kernel; the answer has the same standard
    deviation: sigma = h / 2, or radius sqrt(8) sigma for the quartic.

    Parameters
    ----------
    x, y : (n,) at least two events; time grows with the pairs within four sigmas.
    polygon : where events could happen; K is then corrected by translation.
        None: the bounding box of the events.
    kernel : what the answer is for.
    largest : the largest sigma tried; None: a sixteenth of the box's shorter side.

    Raises
    ------
    BadInput for fewer than two events or all at one place.
    """
    from samverkan.analysis import _kernels_density as kernels

    xs, ys, area, notes = _prepared(x, y, polygon, kernel)
    n = len(xs)
    sigma = min(area.width, area.height) / 16 if largest is None else clean.positive(largest, "largest")
    reach = 4 * sigma
    buckets = Buckets(xs, ys, reach)
    overlap, across, up = _overlap(area, reach)
    rings = kernels.pair_distances(
        buckets.x,
        buckets.y,
        buckets.start,
        buckets.columns,
        buckets.rows,
        buckets.side,
        reach,
        RINGS,
        overlap,
        across,
        up,
    )
    # K at the outer edge of each ring; a ring's pairs are taken to lie at its middle.
    d_k = rings * area.area**2 / (n * (n - 1.0))
    edge = reach * np.arange(1, RINGS + 1) / RINGS
    middle = edge - 0.5 * reach / RINGS
    h = edge[: RINGS // 2]
    big_k = np.cumsum(d_k)[: RINGS // 2]
    ratio = np.minimum(1.0, middle[None, :] / (2 * h[:, None]))
    lens = 2 * h[:, None] ** 2 * (np.arccos(ratio) - ratio * np.sqrt(1 - ratio**2))
    disc = np.pi * h**2
    criterion = (area.area / n - 2 * big_k) / disc + (lens @ d_k) / disc**2
    best = int(np.argmin(criterion))
    notes += _at_the_end(best, len(h))
    factor = 0.5 if kernel == "gaussian" else 0.5 * math.sqrt(8)
    return Bandwidth(float(h[best]) * factor, "diggle", h * factor, criterion, n, tuple(notes))


def by_likelihood(
    x: ArrayLike,
    y: ArrayLike,
    *,
    polygon: Any = None,
    kernel: Literal["gaussian", "quartic"] = "gaussian",
    largest: float | None = None,
) -> Bandwidth:
    """Largest likelihood of each event under the density of all the others.

    The sum of the logarithms of the leave-one-out density at the events. With
    a polygon the density has Diggle's correction, so that its integral is the
    same for every bandwidth and drops out.

    Parameters
    ----------
    x, y : (n,) at least two events; time grows as their pairs (10,000 events
        about half a minute).
    polygon : where events could happen, or None.
    kernel : what the answer is for.
    largest : the largest bandwidth tried; None: a quarter of the shorter side.

    Raises
    ------
    BadInput for fewer than two events or all at one place.
    """
    xs, ys, area, notes = _prepared(x, y, polygon, kernel)
    top = min(area.width, area.height) / 4 if largest is None else clean.positive(largest, "largest")
    within = area if polygon is not None else None
    tried: dict[float, float] = {}

    def value(size: float) -> float:
        if size not in tried:
            tried[size] = _log_likelihood(xs, ys, size, kernel, within)
        return tried[size]

    coarse = top * np.geomspace(1 / 200, 1, _COARSE)
    scores = [value(float(size)) for size in coarse]
    best = int(np.argmax(scores))
    if not math.isfinite(scores[best]):
        raise BadInput("Some event has no other near it at any bandwidth tried; give a larger one to try.")
    notes += _at_the_end(best, _COARSE)
    low, high = math.log(coarse[max(0, best - 1)]), math.log(coarse[min(_COARSE - 1, best + 1)])
    for _ in range(_FINE):
        a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if value(math.exp(a)) >= value(math.exp(b)):
            high = b
        else:
            low = a
    sizes = np.array(sorted(tried))
    criterion = np.array([tried[float(s)] for s in sizes])
    chosen = float(sizes[int(np.argmax(criterion))])
    return Bandwidth(chosen, "likelihood", sizes, criterion, len(xs), tuple(notes))


def _prepared(
    x: ArrayLike, y: ArrayLike, polygon: Any, kernel: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], Polygon, list[str]]:
    if kernel not in ("gaussian", "quartic"):
        raise BadInput(f"kernel is {kernel!r}; it is gaussian or quartic.")
    xs, ys = clean.points(x, y)
    notes = []
    area = polygon if isinstance(polygon, Polygon) or polygon is None else Polygon(polygon)
    if area is not None:
        keep = area.contains(xs, ys)
        if not keep.all():
            notes.append(f"{int((~keep).sum())} of {len(xs)} events lie outside the polygon and are left out.")
            xs, ys = xs[keep], ys[keep]
    if len(xs) < 2:
        raise BadInput(f"A bandwidth cannot be chosen from {len(xs)} events; give it yourself.")
    left, right, low, high = xs.min(), xs.max(), ys.min(), ys.max()
    if area is None:
        if not (right > left and high > low):
            raise BadInput("All events lie at one place or on one line; give the bandwidth yourself, or a polygon.")
        area = Polygon([(left, low), (right, low), (right, high), (left, high)])
    elif right == left and high == low:
        raise BadInput("All events lie at one place; give the bandwidth yourself.")
    alone = len(np.unique(xs + 1j * ys))
    if 2 * alone <= len(xs):
        notes.append(
            f"{len(xs)} events lie at {alone} places: where events share a place the data ask for less "
            "smoothing than is useful. Choose a bandwidth by what the map is for."
        )
    return xs, ys, area, notes


def _at_the_end(best: int, tried: int) -> list[str]:
    if best == 0:
        return ["The smallest bandwidth tried came out best: the data ask for no smoothing."]
    if best == tried - 1:
        return ["The largest bandwidth tried came out best: the events show no gathering, or a larger one fits."]
    return []


def _overlap(area: Polygon, reach: float) -> tuple[NDArray[np.float64], float, float]:
    """The area the polygon shares with itself moved, on a lattice of moves up to ``reach``."""
    cells = _LATTICE
    across, up = area.width / cells, area.height / cells
    share = area.coverage(cells, cells)
    spectrum = np.fft.rfft2(share, s=(2 * cells, 2 * cells))
    circle = np.fft.irfft2(spectrum * np.conj(spectrum), s=(2 * cells, 2 * cells)) * across * up
    lattice = np.fft.fftshift(circle)
    columns = min(cells - 1, math.ceil(reach / across) + 1)
    rows = min(cells - 1, math.ceil(reach / up) + 1)
    part = lattice[cells - rows : cells + rows + 1, cells - columns : cells + columns + 1]
    # A pair of events in the polygon has a shared area; a floor guards against rounding to none.
    return np.ascontiguousarray(np.maximum(part, 1e-6 * area.area)), across, up


def _log_likelihood(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    size: float,
    kernel: str,
    area: Polygon | None,
) -> float:
    from samverkan.analysis import _kernels_density as kernels

    gaussian = kernel == "gaussian"
    buckets = Buckets(x, y, kernels.FAR * size if gaussian else size)
    weight = np.zeros(0)
    if area is not None:
        weight = 1 / masses(x, y, size, kernel, area)[buckets.order]
    found = kernels.exact_at(
        buckets.x,
        buckets.y,
        buckets.x,
        buckets.y,
        weight,
        buckets.start,
        buckets.columns,
        buckets.rows,
        buckets.side,
        size,
        gaussian,
        True,
    )
    return float(np.log(found).sum()) if (found > 0).all() else -math.inf
