"""Density surfaces: a million events binned, a hundred thousand exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.analysis import Case, Peer

SIDE = 10_000.0
BANDWIDTH = 300.0


def events(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Events in 10 km, half of them around forty centres."""
    random = np.random.default_rng(11)
    centres = random.uniform(1500, 8500, (40, 2))
    near = centres[random.integers(0, 40, n // 2)] + random.normal(0, 500, (n // 2, 2))
    found = np.concatenate((random.uniform(0, SIDE, (n - n // 2, 2)), np.clip(near, 0, SIDE)))
    return found[:, 0].copy(), found[:, 1].copy()


def outline() -> np.ndarray:
    """A border of 400 corners with bays."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = 4900 * (1 + 0.1 * np.sin(9 * angle)) / 1.1
    return np.column_stack((5000 + radius * np.cos(angle), 5000 + radius * np.sin(angle)))


def cases() -> list[Case]:
    """The jobs."""
    from samverkan.analysis.density import density

    border, box = outline(), (0.0, 0.0, SIDE, SIDE)

    def job(**how: Any) -> Any:
        return lambda data: density(*data, bandwidth=BANDWIDTH, **how)

    def same_mass(result: Any) -> None:
        if abs(result.mass / result.events - 1) > 1e-9:
            raise AssertionError("the mass is not the number of events")

    def near_exact(result: Any) -> None:
        x, y = events(1_000_000)
        rows = np.arange(25, 500, 90)
        px, py = np.meshgrid(result.x[rows], result.y[rows])
        exact = density(x, y, bandwidth=BANDWIDTH, at=(px.ravel(), py.ravel())).density
        if np.abs(result.density[np.ix_(rows, rows)].ravel() - exact).max() > 1e-3 * result.density.max():
            raise AssertionError("the error is above 0.1 % of the peak")

    million = (1_000_000, "1000000 events, 500×500")
    return [
        Case(
            "density, Diggle in a polygon",
            million[1],
            lambda: events(million[0]),
            job(grid=(500, 500), polygon=border, edge="diggle"),
            level=0.15,
            peers=(Peer("spatstat 3.0-6", seconds=4.49, note="measured before"),),
            check=same_mass,
        ),
        Case(
            "density, no edge correction",
            million[1],
            lambda: events(million[0]),
            job(grid=(500, 500), bounds=box),
            level=0.08,
            peers=(
                Peer("KDEpy 1.1.12", seconds=0.165, note="measured before, 512×512"),
                Peer("KDEpy", kdepy),
            ),
            check=near_exact,
        ),
        Case(
            "density, quartic, Diggle in a polygon",
            million[1],
            lambda: events(million[0]),
            lambda data: density(
                *data, bandwidth=800.0, kernel="quartic", grid=(500, 500), polygon=border, edge="diggle"
            ),
            check=same_mass,
        ),
        Case(
            "density, exact",
            "100000 events, 200×200",
            lambda: events(100_000),
            job(grid=(200, 200), bounds=box, method="exact"),
            level=0.4,
            peers=(
                Peer("scikit-learn 1.9.1", seconds=12.9, note="measured before, rtol 1e-4"),
                Peer("scikit-learn", _sklearn),
            ),
        ),
    ]


def kdepy(data: tuple[np.ndarray, np.ndarray]) -> Any:
    """The same surface by KDEpy."""
    from KDEpy import FFTKDE

    points = np.column_stack(data)
    # On the grid it lays out itself: checking one that is given takes it longer than the sum.
    return FFTKDE(kernel="gaussian", bw=BANDWIDTH).fit(points).evaluate((512, 512))


def _sklearn(data: tuple[np.ndarray, np.ndarray]) -> Any:
    from sklearn.neighbors import KernelDensity

    axis = (np.arange(200) + 0.5) * SIDE / 200
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    return KernelDensity(bandwidth=BANDWIDTH, rtol=1e-4).fit(np.column_stack(data)).score_samples(grid)


def first_call() -> None:
    """Every function once."""
    from samverkan.analysis.bandwidth import choose
    from samverkan.analysis.density import density

    x, y = np.random.default_rng(0).random((2, 30))
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    for kernel in ("gaussian", "quartic"):
        for method, size in (("binned", 0.5), ("exact", 0.2)):
            density(x, y, bandwidth=size, kernel=kernel, grid=(60, 60), polygon=square, edge="diggle", method=method)
        density(x, y, bandwidth=0.2, kernel=kernel, at=(x, y))
    for rule in ("diggle", "likelihood"):
        choose(rule, x, y, polygon=square)
