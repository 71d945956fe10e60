"""Replicates in blocks: the same numbers whoever computes them."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from samverkan.analysis import blocks
from samverkan.analysis.errors import BadInput


def draw(payload, stream, n):
    """A kernel: uniform numbers plus the payload."""
    return np.random.default_rng(stream).random(n) + payload


@pytest.fixture(scope="module")
def alone():
    return blocks.run_blocks(draw, 0.0, 999, seed=3)


def test_threads_give_the_same_numbers(alone):
    assert len(alone) == 999
    for workers in (2, 8):
        assert np.array_equal(alone, blocks.run_blocks(draw, 0.0, 999, seed=3, workers=workers))
    with ThreadPoolExecutor(3) as threads:
        assert np.array_equal(alone, blocks.run_blocks(draw, 0.0, 999, seed=3, executor=threads))


def test_processes_give_the_same_numbers(alone):
    with ProcessPoolExecutor(2) as processes:
        assert np.array_equal(alone, blocks.run_blocks(draw, 0.0, 999, seed=3, executor=processes))


def test_more_replicates_begin_with_the_same_blocks(alone):
    more = blocks.run_blocks(draw, 0.0, 1999, seed=3)
    whole = 999 // blocks.BLOCK * blocks.BLOCK
    assert np.array_equal(more[:whole], alone[:whole])


def test_a_seed_sequence_may_be_used_twice_and_a_generator_moves_on():
    sequence = np.random.SeedSequence(5)
    first = blocks.run_blocks(draw, 0.0, 10, seed=sequence)
    assert np.array_equal(first, blocks.run_blocks(draw, 0.0, 10, seed=sequence))
    assert np.array_equal(first, blocks.run_blocks(draw, 0.0, 10, seed=5))
    generator = np.random.default_rng(5)
    one, two = (blocks.run_blocks(draw, 0.0, 10, seed=generator) for _ in range(2))
    assert not np.array_equal(one, two)
    again = blocks.run_blocks(draw, 0.0, 10, seed=np.random.default_rng(5))
    assert np.array_equal(one, again)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_stopping_looks_at_the_ordered_prefix_only(alone, workers):
    rule = blocks.StopAfter(0.9, 5)
    prefix = blocks.run_blocks(draw, 0.0, 999, seed=3, workers=workers, stop=rule)
    assert len(prefix) % blocks.BLOCK == 0
    assert np.array_equal(prefix, alone[: len(prefix)])
    kept = rule.cut(prefix)
    assert np.count_nonzero(kept >= 0.9) == 5
    assert kept[-1] >= 0.9
    assert np.array_equal(kept, rule.cut(alone))


def test_ties_count_as_reached():
    replicated = np.array([1.0, 2.0 * (1 - 1e-12), 2.0 * (1 - 1e-6), 3.0])
    assert blocks.at_least(replicated, 2.0) == 2
    assert blocks.p_value(replicated, 2.0) == 3 / 5


def test_progress_adds_up():
    told: list[int] = []
    blocks.run_blocks(draw, 0.0, 150, seed=0, block=64, progress=told.append)
    assert told == [64, 64, 22]


def test_an_error_in_a_block_is_raised():
    with pytest.raises(TypeError):
        blocks.run_blocks(draw, "text", 100, seed=0, workers=2)


@pytest.mark.parametrize("seed", [-1, 1.5, "a", True])
def test_seeds_are_checked(seed):
    with pytest.raises(BadInput, match="seed"):
        blocks.run_blocks(draw, 0.0, 10, seed=seed)


def test_none_asked_for():
    assert len(blocks.run_blocks(draw, 0.0, 0, seed=0)) == 0
