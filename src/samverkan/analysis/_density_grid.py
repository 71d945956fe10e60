"""The parts of a density on a grid: events, the grid, and the binned sum by Fourier transform."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Events:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    weight: NDArray[np.float64]  # empty: all weigh 1

    @property
    def total(self) -> float:
        return float(self.weight.sum()) if len(self.weight) else float(len(self.x))

    def divided(self, by: NDArray[np.float64]) -> Events:
        return Events(self.x, self.y, (self.weight if len(self.weight) else 1.0) / by)


@dataclass(frozen=True)
class Grid:
    left: float
    low: float
    dx: float
    dy: float
    nx: int
    ny: int

    @property
    def x(self) -> NDArray[np.float64]:
        return np.asarray(self.left + (np.arange(self.nx) + 0.5) * self.dx, dtype=np.float64)

    @property
    def y(self) -> NDArray[np.float64]:
        return np.asarray(self.low + (np.arange(self.ny) + 0.5) * self.dy, dtype=np.float64)

    @property
    def area(self) -> float:
        return self.dx * self.dy


def top(kernel: str, size: float) -> float:
    """The kernel at its middle."""
    return 1 / (2 * math.pi * size**2) if kernel == "gaussian" else 3 / (math.pi * size**2)


def margins(events: Events, frame: Grid, kernel: str, size: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """Nodes needed below and above, left and right of a grid that has no polygon.

    Events beyond the grid reach into it; two nodes more serve the binning.
    """
    if not len(events.x):
        return (2, 2), (2, 2)
    reach = _reach(kernel, size)
    found = []
    for values, start, step, cells in (
        (events.y, frame.low, frame.dy, frame.ny),
        (events.x, frame.left, frame.dx, frame.nx),
    ):
        low = max(float(values.min()) - start, -reach)
        high = min(float(values.max()) - start, cells * step + reach)
        before = max(0, math.ceil(0.5 - low / step)) + 2
        after = max(0, math.ceil(high / step - cells + 0.5)) + 2
        found.append((before, after))
    return found[0], found[1]


def binned(
    events: Events,
    frame: Grid,
    size: float,
    kernel: str,
    edge: str,
    share: NDArray[np.float64] | None,
    around: tuple[tuple[int, int], tuple[int, int]],
) -> tuple[NDArray[np.float64], float]:
    """Density and mass on a grid with ``around`` nodes outside it, by cubic binning and convolution."""
    from samverkan.analysis import _kernels_density as kernels

    x, y = events.x, events.y
    (south, north), (west, east) = around
    left, low = frame.left + (0.5 - west) * frame.dx, frame.low + (0.5 - south) * frame.dy
    nx, ny = west + frame.nx + east, south + frame.ny + north
    keep = np.zeros(0, dtype=np.bool_)
    if share is None and len(x):
        # Events too far away to count lie beyond the nodes.
        right, high = left + (nx - 2) * frame.dx, low + (ny - 2) * frame.dy
        if x.min() < left + frame.dx or x.max() >= right or y.min() < low + frame.dy or y.max() >= high:
            keep = (x >= left + frame.dx) & (x < right) & (y >= low + frame.dy) & (y < high)
    mass = kernels.bin_cubic(x, y, events.weight, keep, left, low, frame.dx, frame.dy, nx, ny)
    convolve = _Convolution(kernel, size, frame, (south, north), (west, east))
    part = np.zeros(0)
    if edge != "none" and share is not None:
        part = convolve.share_at_nodes(share) * frame.area
    if edge == "diggle":
        mass = np.divide(mass, part, out=np.zeros_like(mass), where=mass != 0)
    out = convolve.at_nodes(mass)[convolve.cells]
    if edge == "uniform" and share is not None:
        out = np.divide(out, part[convolve.cells], out=np.zeros_like(out), where=share > 0)
    total = float((out if share is None else out * share).sum() * frame.area)
    if edge == "diggle" and total > 0:
        # The specks below zero that were wiped out are all that is missing.
        out *= events.total / total
        total = events.total
    return out, total


def _reach(kernel: str, size: float) -> float:
    """How far a kernel counts."""
    from samverkan.analysis._kernels_density import FAR

    return FAR * size if kernel == "gaussian" else size


class _Convolution:
    """A kernel between grid cells and the nodes around them, by the real FFT.

    The rows and columns of zeros behind the nodes are as wide as the kernel
    reaches, so that nothing wraps around.
    """

    def __init__(self, kernel: str, size: float, frame: Grid, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        self.cells = (slice(rows[0], rows[0] + frame.ny), slice(columns[0], columns[0] + frame.nx))
        self.nodes = (sum(rows) + frame.ny, sum(columns) + frame.nx)
        reach = _reach(kernel, size)
        self.shape = tuple(
            _smooth(n + min(n, math.ceil(reach / step)))
            for n, step in zip(self.nodes, (frame.dy, frame.dx), strict=True)
        )
        v = _around(self.shape[0]) * (frame.dy / size)
        u = _around(self.shape[1]) * (frame.dx / size)
        if kernel == "gaussian":
            table = np.exp(-0.5 * v * v)[:, None] * np.exp(-0.5 * u * u)
        else:
            table = np.maximum(0.0, 1.0 - (v * v)[:, None] - u * u) ** 2
        self.spectrum = np.fft.rfft2(table * top(kernel, size))

    def at_nodes(self, nodes: NDArray[np.float64]) -> NDArray[np.float64]:
        """From masses at the nodes to their kernels' sum at every node, never below zero."""
        out = np.fft.irfft2(np.fft.rfft2(nodes, s=self.shape) * self.spectrum, s=self.shape)
        # Rounding, and Lagrange weights far from everything, leave specks below zero.
        return np.maximum(out[: self.nodes[0], : self.nodes[1]], 0.0)

    def share_at_nodes(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """The kernels' sum at every node of values given at the cells."""
        padded = np.zeros(self.nodes)
        padded[self.cells] = share
        return self.at_nodes(padded)


def _around(n: int) -> NDArray[np.float64]:
    """0, 1, …, -2, -1: steps from the origin on a circle of n."""
    return np.asarray(np.fft.fftfreq(n, 1 / n), dtype=np.float64)


def _smooth(n: int) -> int:
    """The smallest number from n on that the transform likes (factors 2, 3 and 5)."""
    while True:
        rest = n
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return n
        n += 1
