"""Compiled random numbers: xoshiro256++ streams, bounded integers, shuffles.

The generator is Blackman and Vigna 2021, ACM TOMS 47:36; bounded integers by
Lemire 2019, ACM TOMACS 29:3, with rejection, so that every value is equally
likely. The four words of state come from a block's ``SeedSequence``.
"""

from __future__ import annotations

import numpy as np
from numba import uint64

from samverkan.analysis._compiled import kernel, kernel_part


@kernel_part
def next_word(state):
    """The next 64 random bits; ``state`` is uint64[4] and moves on."""
    a = state[0] + state[3]
    result = ((a << uint64(23)) | (a >> uint64(41))) + state[0]
    t = state[1] << uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= t
    state[3] = (state[3] << uint64(45)) | (state[3] >> uint64(19))
    return result


@kernel_part
def below(state, n):
    """A whole number in 0..n-1, every one equally likely; 0 < n < 2**32."""
    bound = uint64(n)
    m = (next_word(state) >> uint64(32)) * bound
    low = m & uint64(0xFFFFFFFF)
    if low < bound:
        floor = (uint64(0x100000000) - bound) % bound
        while low < floor:
            m = (next_word(state) >> uint64(32)) * bound
            low = m & uint64(0xFFFFFFFF)
    return np.int64(m >> uint64(32))


@kernel_part
def shuffle(values, state):
    """Put ``values`` in random order, every order equally likely (Fisher and Yates)."""
    for i in range(len(values) - 1, 0, -1):
        j = below(state, i + 1)
        moved = values[j]
        values[j] = values[i]
        values[i] = moved


@kernel
def shuffled_columns(base, state, out, columns):
    """Fill ``out[:, c]`` with a fresh random order of ``base`` for the first ``columns``.

    Each order is drawn in a row of its own, which stays in the cache, and the
    rows are turned into columns together.
    """
    n = len(base)
    rows = np.empty((columns, n), base.dtype)
    for c in range(columns):
        for i in range(n):
            rows[c, i] = base[i]
        shuffle(rows[c], state)
    for i in range(n):
        for c in range(columns):
            out[i, c] = rows[c, i]
