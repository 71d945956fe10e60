"""Compiled kernels for density: polygons on grids, binning, exact sums, kernel mass inside a polygon.

Everywhere ``edges`` is (e, 4): x1, y1, x2, y2 of each side, with the inside on
its left, in the same frame as the points. Lengths are plain numbers: the
caller has moved the origin near the data, so that no digits are lost.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from samverkan.analysis._compiled import kernel, kernel_part

_ROOT_HALF = math.sqrt(0.5)
_NORMAL = 1.0 / math.sqrt(2.0 * math.pi)
#: Beyond this many bandwidths a Gaussian is below 2e-16 of its top.
FAR = 8.5
# Gauss-Legendre with ten nodes: exact to rounding on pieces of one bandwidth.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


@kernel
def coverage(edges, dx, dy, nx, ny) -> Any:
    """What each side adds to the grid: running sums along the rows are the cells' share in the polygon.

    Each side adds the area to its right within its rows, exactly; the sums
    then fill the inside (the way font outlines are filled). (ny, nx + 1).
    """
    acc = np.zeros((ny, nx + 1))
    for e in range(len(edges)):
        x1, y1 = edges[e, 0] / dx, edges[e, 1] / dy
        x2, y2 = edges[e, 2] / dx, edges[e, 3] / dy
        if y1 == y2:
            continue
        sign = -1.0  # upwards: inside is to the left, so what is right of it is taken away
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
            sign = 1.0
        slope = (x2 - x1) / (y2 - y1)
        for row in range(max(0, math.floor(y1)), min(ny, math.ceil(y2))):
            ya, yb = max(y1, float(row)), min(y2, row + 1.0)
            if yb <= ya:
                continue
            xa, xb = x1 + (ya - y1) * slope, x1 + (yb - y1) * slope
            if xa > xb:
                xa, xb = xb, xa
            height = sign * (yb - ya)
            # What runs left of the grid fills its rows; what runs right of it fills nothing.
            if xa < 0.0:
                part = height * (1.0 if xb <= 0.0 else -xa / (xb - xa))
                acc[row, 0] += part
                height -= part
                xa = 0.0
                xb = max(xb, 0.0)
                if height == 0.0:
                    continue
            if xb > nx:
                if xa >= nx:
                    continue
                height *= (nx - xa) / (xb - xa)
                xb = float(nx)
            width = xb - xa
            for column in range(math.floor(xa), min(nx, math.floor(xb) + 1)):
                ca, cb = max(xa, float(column)), min(xb, column + 1.0)
                if cb < ca:
                    continue
                part = height * ((cb - ca) / width) if width > 0.0 else height
                middle = 0.5 * (ca + cb) - column
                acc[row, column] += part * (1.0 - middle)
                acc[row, column + 1] += part * middle
                if width == 0.0:
                    break
    return acc


@kernel
def inside_one(px, py, edges, first, last, slack) -> Any:
    """Whether a point lies in the polygon or within ``slack`` of its border, judged by sides first..last - 1."""
    crossings = 0
    for e in range(first, last):
        x1, y1, x2, y2 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if py < min(y1, y2) - slack or py > max(y1, y2) + slack:
            continue
        ux, uy = x2 - x1, y2 - y1
        t = ((px - x1) * ux + (py - y1) * uy) / (ux * ux + uy * uy)
        t = min(1.0, max(0.0, t))
        gx, gy = x1 + t * ux - px, y1 + t * uy - py
        if gx * gx + gy * gy <= slack * slack:
            return True
        if (y1 > py) != (y2 > py) and px < x1 + (py - y1) * ux / uy:
            crossings += 1
    return crossings % 2 == 1


@kernel
def inside(x, y, start, sides, slack, share, left, low, dx, dy) -> Any:
    """Which points lie in the polygon, border included; ``left, low`` is the origin of ``sides``.

    Row r of the grid is touched by ``sides[start[r]:start[r + 1]]``.

    ``share`` is the polygon's coverage of a grid: in a cell wholly covered a
    point is in; in a cell not covered at all it is out, unless it may touch
    the cell's rim; elsewhere it is tested against the sides in its row.
    """
    ny, nx = share.shape
    out = np.empty(len(x), dtype=np.bool_)
    rim = 2.0 * slack / min(dx, dy)
    for i in range(len(x)):
        px, py = x[i] - left, y[i] - low
        u, v = px / dx, py / dy
        column, row = math.floor(u), math.floor(v)
        if 0 <= column < nx and 0 <= row < ny:
            if share[row, column] == 1.0:
                out[i] = True
                continue
            if share[row, column] == 0.0 and rim < u - column < 1.0 - rim and rim < v - row < 1.0 - rim:
                out[i] = False
                continue
        row = min(max(row, 0), ny - 1)
        out[i] = inside_one(px, py, sides, start[row], start[row + 1], slack)
    return out


@kernel
def bin_cubic(x, y, weight, keep, left, low, dx, dy, nx, ny) -> Any:
    """Spread each point over 4 x 4 nodes by cubic Lagrange weights, (ny, nx).

    Node (row, column) is at (left + column dx, low + row dy). A sum of a
    smooth function over the nodes then equals the sum over the points with an
    error of fourth order in spacing over bandwidth. ``weight`` and ``keep``
    empty mean all 1 and all kept.
    """
    out = np.zeros((ny, nx))
    per_x, per_y = 1.0 / dx, 1.0 / dy
    for i in range(len(x)):
        if len(keep) > 0 and not keep[i]:
            continue
        u, v = (x[i] - left) * per_x, (y[i] - low) * per_y
        # Unsigned, so that no index is first tried for counting from the end.
        column, row = np.uint32(u), np.uint32(v)
        t, s = u - column, v - row
        m = 1.0 if len(weight) == 0 else weight[i]
        a, b = t * (t - 1.0) / 6.0, (t + 1.0) * (t - 2.0) * 0.5
        w0, w1, w2, w3 = -a * (t - 2.0), b * (t - 1.0), -b * t, a * (t + 1.0)
        a, b = m * s * (s - 1.0) / 6.0, m * (s + 1.0) * (s - 2.0) * 0.5
        r, c = np.uint64(row) - np.uint64(1), np.uint64(column) - np.uint64(1)
        for h in (-a * (s - 2.0), b * (s - 1.0), -b * s, a * (s + 1.0)):
            out[r, c] += h * w0
            out[r, c + np.uint64(1)] += h * w1
            out[r, c + np.uint64(2)] += h * w2
            out[r, c + np.uint64(3)] += h * w3
            r += np.uint64(1)
    return out


@kernel_part
def _window(at, reach, start, step, count) -> Any:
    """First and last of ``count`` nodes from ``start`` on that lie within ``reach``; none when last < first."""
    first, last = math.ceil((at - reach - start) / step), math.floor((at + reach - start) / step)
    return max(0, first), min(count - 1, last)


@kernel_part
def _squares(at, reach, side, count) -> Any:
    """First and last of ``count`` squares from 0 on that are touched within ``reach``."""
    return max(0, math.floor((at - reach) / side)), min(count - 1, math.floor((at + reach) / side))


@kernel_part
def _profile(out, offset, step, first, count, sigma) -> Any:
    """exp(-((offset + k step) / sigma)^2 / 2) for k = first..first + count - 1."""
    for k in range(count):
        u = (offset + (first + k) * step) / sigma
        out[k] = math.exp(-0.5 * u * u)


@kernel
def exact_gaussian(x, y, weight, left, low, dx, dy, nx, ny, sigma, cut) -> Any:
    """Sum of Gaussian kernels at every node, each cut off at a square of half side ``cut`` sigma.

    The kernel is a product of a row and a column, so a point costs one short
    outer product and the exponentials of two short vectors.
    """
    out = np.zeros((ny, nx))
    reach = cut * sigma
    wx = np.empty(nx)
    wy = np.empty(ny)
    top = 1.0 / (2.0 * math.pi * sigma * sigma)
    for i in range(len(x)):
        c0, c1 = _window(x[i], reach, left, dx, nx)
        r0, r1 = _window(y[i], reach, low, dy, ny)
        if c1 < c0 or r1 < r0:
            continue
        _profile(wx, left - x[i], dx, c0, c1 - c0 + 1, sigma)
        _profile(wy, low - y[i], dy, r0, r1 - r0 + 1, sigma)
        m = top * (1.0 if len(weight) == 0 else weight[i])
        part = wx[: c1 - c0 + 1]
        for r in range(r0, r1 + 1):
            h = m * wy[r - r0]
            line = out[r, c0 : c1 + 1]
            for k in range(len(line)):
                line[k] += h * part[k]
    return out


@kernel
def exact_quartic(x, y, weight, left, low, dx, dy, nx, ny, h) -> Any:
    """Sum of quartic kernels of radius ``h`` at every node; nothing is cut off."""
    out = np.zeros((ny, nx))
    top = 3.0 / (math.pi * h * h)
    for i in range(len(x)):
        r0, r1 = _window(y[i], h, low, dy, ny)
        m = top * (1.0 if len(weight) == 0 else weight[i])
        for r in range(r0, r1 + 1):
            v = (low + r * dy - y[i]) / h
            rest = 1.0 - v * v
            if rest <= 0.0:
                continue
            half = h * math.sqrt(rest)
            c0, c1 = _window(x[i], half, left, dx, nx)
            for c in range(c0, c1 + 1):
                u = (left + c * dx - x[i]) / h
                inner = max(0.0, rest - u * u)
                out[r, c] += m * inner * inner
    return out


@kernel
def exact_at(px, py, x, y, weight, start, columns, rows, side, scale, gaussian, own) -> Any:
    """Sum of kernels at any places, from points sorted into squares of ``side``.

    With ``own`` the places are the points themselves in the same order, and
    each leaves itself out.
    """
    out = np.zeros(len(px))
    reach = FAR * scale if gaussian else scale
    top = 1.0 / (2.0 * math.pi * scale * scale) if gaussian else 3.0 / (math.pi * scale * scale)
    for i in range(len(px)):
        c0, c1 = _squares(px[i], reach, side, columns)
        r0, r1 = _squares(py[i], reach, side, rows)
        if c1 < c0:
            continue
        total = 0.0
        for r in range(r0, r1 + 1):
            for p in range(start[r * columns + c0], start[r * columns + c1 + 1]):
                if own and p == i:
                    continue
                u, v = (x[p] - px[i]) / scale, (y[p] - py[i]) / scale
                d2 = u * u + v * v
                if gaussian:
                    value = math.exp(-0.5 * d2) if d2 <= FAR * FAR else 0.0
                else:
                    value = (1.0 - d2) * (1.0 - d2) if d2 < 1.0 else 0.0
                total += value if len(weight) == 0 else value * weight[p]
        out[i] = top * total
    return out


@kernel
def pair_distances(x, y, start, columns, rows, side, reach, bins, overlap, across, up) -> Any:
    """Ordered pairs at most ``reach`` apart, counted in ``bins`` rings by distance.

    A pair counts 1 over the area the polygon shares with itself moved by the
    pair's difference: ``overlap`` on a lattice of steps ``across``, ``up`` with
    the unmoved polygon in the middle; empty, every pair counts 1 (the
    translation correction of Ohser 1983).
    """
    out = np.zeros(bins)
    half_y, half_x = overlap.shape[0] // 2, overlap.shape[1] // 2
    for i in range(len(x)):
        c0, c1 = _squares(x[i], reach, side, columns)
        r0, r1 = _squares(y[i], reach, side, rows)
        for r in range(r0, r1 + 1):
            for p in range(start[r * columns + c0], start[r * columns + c1 + 1]):
                if p <= i:
                    continue
                u, v = x[p] - x[i], y[p] - y[i]
                d = math.sqrt(u * u + v * v)
                if d >= reach:
                    continue
                value = 2.0
                if overlap.size > 0:
                    fu, fv = u / across + half_x, v / up + half_y
                    cu, cv = int(fu), int(fv)
                    tu, tv = fu - cu, fv - cv
                    lower = overlap[cv, cu] * (1.0 - tu) + overlap[cv, cu + 1] * tu
                    upper = overlap[cv + 1, cu] * (1.0 - tu) + overlap[cv + 1, cu + 1] * tu
                    value /= lower * (1.0 - tv) + upper * tv
                out[int(d / reach * bins)] += value
    return out


@kernel_part
def _below(u) -> Any:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-u * _ROOT_HALF)


@kernel_part
def _gaussian_side(x1, y1, x2, y2) -> Any:
    """One side's part of a standard normal's mass in a polygon: the integral of Phi(x) phi(y) dy."""
    if min(y1, y2) > FAR or max(y1, y2) < -FAR or max(x1, x2) < -FAR or y1 == y2:
        return 0.0
    if min(x1, x2) > FAR:
        return _below(y2) - _below(y1)
    if x1 == x2:
        return _below(x1) * (_below(y2) - _below(y1))
    # The part of the side where phi(y) counts, from t0 to t1.
    t0, t1 = 0.0, 1.0
    ta, tb = (-FAR - y1) / (y2 - y1), (FAR - y1) / (y2 - y1)
    t0, t1 = max(t0, min(ta, tb)), min(t1, max(ta, tb))
    if t0 >= t1:
        return 0.0
    # Left of -FAR it adds nothing; right of FAR Phi(x) is 1.
    ta, tb = (-FAR - x1) / (x2 - x1), (FAR - x1) / (x2 - x1)
    m0, m1 = max(t0, min(ta, tb)), min(t1, max(ta, tb))
    total = 0.0
    if x2 > x1 and max(m1, t0) < t1:
        total += _below(y1 + t1 * (y2 - y1)) - _below(y1 + max(m1, t0) * (y2 - y1))
    if x2 < x1 and t0 < min(m0, t1):
        total += _below(y1 + min(m0, t1) * (y2 - y1)) - _below(y1 + t0 * (y2 - y1))
    if m0 >= m1:
        return total
    length = (m1 - m0) * math.sqrt((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1))
    pieces = math.ceil(length)
    half = 0.5 * (m1 - m0) / pieces
    for piece in range(pieces):
        middle = m0 + (2 * piece + 1) * half
        for g in range(len(_NODES)):
            t = middle + half * _NODES[g]
            yt = y1 + t * (y2 - y1)
            value = _below(x1 + t * (x2 - x1)) * _NORMAL * math.exp(-0.5 * yt * yt)
            total += _WEIGHTS[g] * half * (y2 - y1) * value
    return total


@kernel_part
def _quartic_side(x1, y1, x2, y2) -> Any:
    """One side's part of a unit quartic's mass, as seen from its middle, closed form.

    In polar form the mass within radius R is 1 - (1 - R^2)^3. Over the side's
    angle the 1 gives the angle itself; (1 - d^2 / cos^2)^3, d the distance to
    the side's line, integrates to a polynomial in the tangent.
    """
    length = math.sqrt((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1))
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    d = x1 * uy - y1 * ux
    sign = 1.0 if d >= 0.0 else -1.0
    d = abs(d)
    if d < 1e-12:
        return 0.0  # seen from its own line a side has no mass before it
    angle = math.atan2(x1 * y2 - x2 * y1, x1 * x2 + y1 * y2)
    if d < 1.0:
        span = math.sqrt(1.0 - d * d)
        for end in range(2):
            s = x2 * ux + y2 * uy if end else x1 * ux + y1 * uy
            s = min(span, max(-span, s))
            a, d2, s2 = d * s, d * d, s * s  # a is d^2 t with the tangent t = s / d
            value = (
                math.atan2(s, d)
                - 3.0 * a
                + 3.0 * (d2 * a + a * s2 / 3.0)
                - (d2 * d2 * a + 2.0 * d2 * a * s2 / 3.0 + a * s2 * s2 / 5.0)
            )
            angle += -sign * value if end else sign * value
    return angle / (2.0 * math.pi)


@kernel
def mass_inside(x, y, edges, scale, gaussian) -> Any:
    """The share of a kernel's mass that falls in the polygon, for a kernel at each place.

    Gaussian: Green's theorem and Gauss-Legendre along the sides (about 1e-14).
    Quartic: closed form.
    """
    out = np.empty(len(x))
    for i in range(len(x)):
        total = 0.0
        for e in range(len(edges)):
            x1, y1 = (edges[e, 0] - x[i]) / scale, (edges[e, 1] - y[i]) / scale
            x2, y2 = (edges[e, 2] - x[i]) / scale, (edges[e, 3] - y[i]) / scale
            if gaussian:
                total += _gaussian_side(x1, y1, x2, y2)
            else:
                total += _quartic_side(x1, y1, x2, y2)
        out[i] = min(1.0, max(0.0, total))
    return out
