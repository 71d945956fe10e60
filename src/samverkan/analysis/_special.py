"""Distribution functions the methods need, so that scipy is not needed at run time.

Accurate to about 1e-12 relative where used; the tests compare with scipy.
Sources: Numerical Recipes (Press et al. 2007), sections 6.2 and 6.4, for the
continued fractions; Garwood 1936, Biometrika 28:437, for the Poisson interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from samverkan.analysis.errors import BadInput

_NORMAL = NormalDist()
_TINY = 1e-300


def check_level(level: float) -> float:
    """A confidence level strictly between 0 and 1."""
    if not 0 < level < 1:
        raise BadInput(f"level is {level}; give a share between 0 and 1, such as 0.95.")
    return float(level)


def z_of(level: float) -> float:
    """The two-sided normal quantile: 1.96 for 0.95."""
    return _NORMAL.inv_cdf(0.5 + check_level(level) / 2)


def normal_two_sided(z: float) -> float:
    """P(|Z| >= |z|)."""
    return math.erfc(abs(z) / math.sqrt(2))


def poisson_pmf(mean: float, top: int) -> NDArray[np.float64]:
    """Poisson probabilities of 0..top."""
    if mean == 0:
        return np.concatenate([[1.0], np.zeros(top)])
    k = np.arange(top + 1)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, top + 1)))])
    return np.exp(k * math.log(mean) - mean - log_factorial)


def gamma_cdf(shape: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(shape, x)."""
    if x <= 0:
        return 0.0
    if math.isinf(x):
        return 1.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        k = shape
        while abs(term) > abs(total) * 1e-17:
            k += 1
            term *= x / k
            total += term
        return min(1.0, front * total)
    b = x + 1 - shape
    c = 1 / _TINY
    d = h = 1 / b
    for i in range(1, 100_000):
        a = -i * (i - shape)
        b += 2
        d = 1 / _not_zero(a * d + b)
        c = _not_zero(b + a / c)
        step = c * d
        h *= step
        if abs(step - 1) < 1e-16:
            break
    return max(0.0, 1 - front * h)


def gamma_quantile(shape: float, p: float) -> float:
    """The x with P(shape, x) = p."""
    return float(gamma_quantiles(np.array([float(shape)]), p)[0])


def gamma_quantiles(shape: NDArray[np.float64], p: float, exact_below: float = 100_000) -> NDArray[np.float64]:
    """The x with P(shape, x) = p for every shape at once; shape > 0, 0 < p < 1.

    Wilson and Hilferty's cube (1931), made exact by Newton steps for shapes
    below `exact_below`; the cube alone is good to eight digits at 100,000 and
    to six at 1,000, and its cost does not grow.
    """
    z = _NORMAL.inv_cdf(p)
    cube = 1 - 1 / (9 * shape) + z / (3 * np.sqrt(shape))
    x = shape * np.maximum(cube, 0.0) ** 3
    small = np.flatnonzero(shape < 2)
    if small.size:
        x[small] = _small_gamma_quantiles(shape[small], p)
    todo = np.flatnonzero((shape >= 2) & (shape < exact_below))
    if todo.size:
        a, v = shape[todo], x[todo]
        log_gamma = np.array([math.lgamma(s) for s in a])
        for _ in range(8):
            front = np.exp(a * np.log(v) - v - log_gamma)
            step = (front * _gamma_series(a, v) - p) * v / front
            v = np.maximum(v - step, v / 4)
            if float(np.max(np.abs(step) / v)) < 1e-13:
                break
        x[todo] = v
    return x


def _small_gamma_quantiles(shape: NDArray[np.float64], p: float) -> NDArray[np.float64]:
    """By halving on the log scale: the cube is poor here, and Newton may leave the axis."""
    low, high = np.full(shape.size, -700.0), np.full(shape.size, math.log(60.0))
    log_gamma = np.array([math.lgamma(s) for s in shape])
    for _ in range(64):
        middle = (low + high) / 2
        x = np.exp(middle)
        below = np.exp(shape * middle - x - log_gamma) * _gamma_series(shape, x) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.exp((low + high) / 2)


def _gamma_series(a: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    term = 1 / a
    total = term.copy()
    k = a.copy()
    while float(np.max(term / total)) > 1e-17:
        for _ in range(8):
            k += 1
            term = term * (x / k)
            total += term
    return total


def chi_square_above(x: float, degrees: float) -> float:
    """P(chi-square >= x)."""
    return 1.0 - gamma_cdf(degrees / 2, x / 2)


def poisson_intervals(
    counts: NDArray[np.float64], level: float, dispersion: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Exact intervals for Poisson means (Garwood), widened by a dispersion factor.

    With dispersion f a count is taken as f times a Poisson count of count / f.
    """
    tail = (1 - check_level(level)) / 2
    effective = np.asarray(counts, dtype=np.float64) / dispersion
    low = np.zeros(effective.size)
    some = effective > 0
    low[some] = gamma_quantiles(effective[some], tail)
    return dispersion * low, dispersion * gamma_quantiles(effective + 1, 1 - tail)


def beta_cdf(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    c = 1.0
    d = h = 1 / _not_zero(1 - (a + b) * x / (a + 1))
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _not_zero(1 + even * d)
        c = _not_zero(1 + even / c)
        h *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _not_zero(1 + odd * d)
        c = _not_zero(1 + odd / c)
        h *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return h


def beta_quantile(a: float, b: float, p: float) -> float:
    """The x with I_x(a, b) = p."""
    return _root(lambda x: beta_cdf(a, b, x) - p, 0.0, 1.0)


def t_two_sided(t: float, degrees: float) -> float:
    """P(|T| >= |t|) for Student's t."""
    if math.isinf(t):
        return 0.0
    return beta_cdf(degrees / 2, 0.5, degrees / (degrees + t * t))


def t_of(level: float, degrees: float) -> float:
    """The two-sided quantile of Student's t."""
    high = 10.0
    while t_two_sided(high, degrees) > 1 - check_level(level):
        high *= 2
    return _root(lambda t: 1 - level - t_two_sided(t, degrees), 0.0, high)


def binomial_interval(hits: int, trials: int, level: float) -> tuple[float, float]:
    """Exact interval for a share (Clopper and Pearson 1934)."""
    tail = (1 - check_level(level)) / 2
    low = beta_quantile(hits, trials - hits + 1, tail) if hits > 0 else 0.0
    high = beta_quantile(hits + 1, trials - hits, 1 - tail) if hits < trials else 1.0
    return low, high


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _root(f: Callable[[float], float], low: float, high: float) -> float:
    """The root of an increasing function, by bisection to the last bits."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if f(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
