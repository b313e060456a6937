"""The order of a training set in an epoch: texts of similar length together, a function of seed and epoch alone."""

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

from dlfa_core.models.task_batches import POOL


class LengthSorted(Sampler):
    """Rows so that a batch holds texts of similar length; batches in random order, anew each epoch.

    Several processes read a batch together. The last one is filled up for them with a row beyond the others, of which
    nothing is learnt; accelerate would fill it with the first rows of the epoch.

    Args:
        lengths: tokens of each row.
        batch_size: rows of a step.
        accumulation: batches that a step is made of; each of them is read by all processes together.
        seed: of the order.
        processes: that read it.

    Attributes:
        lengths: those given, int (n,).
        epoch: the order is that of this epoch.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, accumulation: int, seed: int, processes: int = 1):
        self.lengths, self.epoch = np.array(lengths), 0
        self._size, self._pool, self._seed = max(1, batch_size // accumulation), POOL * batch_size, seed
        self._blanks = -len(lengths) % self._size if processes > 1 else 0

    def __len__(self) -> int:
        return len(self.lengths) + self._blanks

    def __iter__(self) -> Iterator[int]:
        rng = np.random.default_rng([self._seed, self.epoch])
        rows = rng.permutation(len(self.lengths))
        pools = [rows[start : start + self._pool] for start in range(0, len(rows), self._pool)]
        rows = np.concatenate([pool[np.argsort(-self.lengths[pool], kind="stable")] for pool in pools])
        whole = len(rows) // self._size * self._size  # what is left over stays last, so that batches stay together
        batches = rng.permutation(rows[:whole].reshape(-1, self._size))
        yield from map(int, (*batches.ravel(), *rows[whole:], *[len(rows)] * self._blanks))
