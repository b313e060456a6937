"""The order in which a training set is read."""

import numpy as np

from dlfa_core.models.length_sorted import LengthSorted

LENGTHS = np.random.default_rng(0).integers(3, 40, 1001).tolist()


def test_order_holds_every_row_once_and_is_a_function_of_seed_and_epoch():
    order, again = (LengthSorted(LENGTHS, 4, 2, seed=5) for _ in range(2))
    rows = list(order)
    assert sorted(rows) == list(range(1001))
    assert rows == list(again)
    order.epoch = 1
    assert list(order) != rows
    assert list(LengthSorted(LENGTHS, 4, 2, seed=6)) != rows
    batches = np.array(LENGTHS)[rows][:1000].reshape(-1, 2)
    assert np.abs(np.diff(batches, axis=1)).mean() < 1


def test_the_last_batch_of_several_processes_is_filled_up_with_a_row_beyond_the_others():
    alone, shared = (list(LengthSorted(LENGTHS, 4, 1, seed=5, processes=n)) for n in (1, 2))
    assert shared == [*alone, 1001, 1001, 1001]
    assert len(LengthSorted(LENGTHS, 4, 1, seed=5, processes=2)) == 1004
