"""Replicates in blocks: the same numbers whoever computes them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

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


class Counting(Executor):
    """Computes a block when its result is asked for, and counts those under way."""

    def __init__(self, *_limits):
        self.submitted = self.given = self.most = self.cancelled = 0

    def submit(self, kernel, *arguments):
        self.submitted += 1
        self.most = max(self.most, self.submitted - self.given)
        return Later(self, kernel, arguments)


class Later:
    def __init__(self, executor, kernel, arguments):
        self.executor, self.kernel, self.arguments = executor, kernel, arguments

    def result(self):
        self.executor.given += 1
        return self.kernel(*self.arguments)

    def cancel(self):
        self.executor.cancelled += 1


def test_numbers_asked_for_are_named_when_they_are_wrong():
    for name, value in (("replicates", -1), ("block", 0), ("workers", 0)):
        with pytest.raises(BadInput, match=rf"\b{name}\b"):
            blocks.run_blocks(draw, 0.0, **{"replicates": 5, "seed": 0, name: value})
    with pytest.raises(BadInput, match=r"\bhits\b"):
        blocks.StopAfter(1.0, 0)
    assert blocks.StopAfter(1.0, 1).hits == 1
    assert len(blocks.run_blocks(draw, 0.0, 3, seed=0, block=1)) == 3


def _threads(**asked):
    """The threads in which 12 blocks were computed."""
    seen = set()

    def kernel(_payload, _stream, n):
        seen.add(threading.get_ident())
        time.sleep(0.005)
        return np.zeros(n)

    assert len(blocks.run_blocks(kernel, None, 12, seed=0, block=1, **asked)) == 12
    return seen


def test_threads_are_those_asked_for_and_no_more():
    here = threading.get_ident()
    assert _threads() == _threads(workers=1) == {here}
    assert 1 < len(_threads(workers=3)) <= 3
    with ThreadPoolExecutor(1) as threads:
        assert len(_threads(executor=threads) - {here}) == 1
        assert here not in _threads(executor=threads)


def test_a_cluster_is_fed_everything_and_less_when_it_may_be_stopped():
    def most(**asked):
        executor, told = Counting(), []
        assert len(blocks.run_blocks(draw, 0.0, 50, seed=0, block=1, executor=executor, progress=told.append, **asked))
        assert sum(told) == executor.given
        return executor.most

    assert most() == 50
    assert most(stop=lambda prefix: False) == 16
    assert most(stop=lambda prefix: False, workers=9) == 18


def test_threads_are_fed_two_blocks_each(monkeypatch):
    counting = Counting()
    monkeypatch.setattr(blocks, "ThreadPoolExecutor", lambda limit: limits.append(limit) or counting)
    limits, told = [], []
    blocks.run_blocks(draw, 0.0, 50, seed=0, block=1, workers=3, progress=told.append)
    assert (limits, counting.most, told) == ([3], 6, [1] * 50)
    blocks.run_blocks(draw, 0.0, 2, seed=0, block=1, workers=3)
    assert limits == [3, 2], "no more threads than blocks"


def test_after_a_stop_nothing_is_left_queued():
    executor = Counting()
    found = blocks.run_blocks(draw, 0.0, 50, seed=0, block=1, executor=executor, stop=lambda prefix: len(prefix) >= 3)
    assert len(found) == 3
    assert (executor.given, executor.cancelled) == (3, executor.submitted - 3)
    assert executor.cancelled > 0


def test_a_cluster_gets_the_payload_once():
    class Client:
        def scatter(self, sent, **how):
            told.append((sent, how))
            return [0.5, "something else"]

    told = []
    executor = Counting()
    executor._client = Client()
    found = blocks.run_blocks(draw, {"a": 1}, 20, seed=3, block=5, executor=executor)
    assert told == [([{"a": 1}], {"broadcast": True, "hash": False})]
    assert np.array_equal(found, blocks.run_blocks(draw, 0.5, 20, seed=3, block=5))
    executor._client = object()
    assert np.array_equal(found, blocks.run_blocks(draw, 0.5, 20, seed=3, block=5, executor=executor))


def test_a_seed_is_taken_with_all_that_it_is():
    drawn = [int(part) for part in np.random.default_rng(5).integers(0, 2**32, 4)]
    assert blocks.sequence(np.random.default_rng(5)).entropy == drawn
    child = np.random.SeedSequence(5, pool_size=8).spawn(2)[1]
    again = blocks.sequence(child)
    assert (again.entropy, again.spawn_key, again.pool_size) == (5, (1,), 8)
    assert again.n_children_spawned == 0
    assert blocks.sequence(np.int64(7)).entropy == 7


def test_a_tie_with_nought_counts_and_the_one_that_makes_it_is_kept():
    ties = np.array([0.0, -1.0, 0.0, 0.0])
    assert blocks.at_least(ties, 0.0) == 3
    assert np.array_equal(blocks.StopAfter(0.0, 2).cut(ties), ties[:3])
    close = np.array([2.0 * (1 - 1e-12), 2.0])
    assert len(blocks.StopAfter(2.0, 1).cut(close)) == 1
    rule = blocks.StopAfter(0.5, 2)
    assert not rule(np.array([1.0, 0.0]))
    assert rule(np.array([1.0, 0.5]))
