"""An array that is filled with what a device computes, while it goes on computing."""

from collections import deque
from collections.abc import Callable

import numpy as np

from dlfa_core.disk import PART, release


class Filling:
    """Puts pooled states into an array, each batch when the next ones have been begun.

    Args:
        vectors: float32 (n_states, n, hidden), perhaps a memory map: then little of it stays in memory.
        ahead: batches that the device may have begun before one is waited for; 0 where it waits anyway.
    """

    def __init__(self, vectors: np.ndarray, ahead: int):
        self._vectors, self._ahead = vectors, ahead
        self._coming: deque[tuple[np.ndarray, Callable[[], np.ndarray]]] = deque()
        self._held = 0  # bytes of a memory map in memory

    def add(self, rows: np.ndarray, pooled: Callable[[], np.ndarray]) -> None:
        """Take in what gives (n_states, rows, hidden) for some rows, as `to_host` does."""
        self._coming.append((rows, pooled))
        self._wait(self._ahead)

    def finish(self) -> None:
        """Wait for all that is still to come."""
        self._wait(0)

    def _wait(self, left: int) -> None:
        while len(self._coming) > left:
            rows, pooled = self._coming.popleft()
            found = pooled()
            self._vectors[:, rows] = found
            self._held += found.nbytes
            if self._held > PART:
                release(self._vectors)
                self._held = 0
