"""UMAP's optimisation, compiled, with one thing added: a pull on every point towards a place given for it."""

import numba
import numpy as np
from scipy.optimize import curve_fit
from scipy.sparse import csr_array

BITS = 0xFFFFFFFF  # numba widens what is shifted, so that 32 bits have to be cut out
NEGATIVES = 5  # random points that each point is pushed away from for one that it is drawn to


def curve(min_dist: float, spread: float = 1.0) -> tuple[float, float]:
    """a, b for which 1 / (1 + a d^(2b)) comes closest to 1 up to `min_dist` and to exponential decay beyond."""
    x = np.linspace(0, 3 * spread, 300)
    y = np.where(x < min_dist, 1.0, np.exp(-(x - min_dist) / spread))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), x, y)
    return float(a), float(b)


class Layout:
    """The edges of one layer's graph, drawn from epoch by epoch.

    Args:
        graph: symmetric (n, n), from `fuzzy_graph`.
        epochs: how many times the strongest edge is to be drawn; weaker ones are drawn as often as their strength
            says, and those that would not be drawn once are left out.
        ab: the shape of attraction, from `curve`.
        seed: of the points that others are pushed away from.
    """

    def __init__(self, graph: csr_array, epochs: int, ab: tuple[float, float], seed: int):
        edges = graph.tocoo()
        kept = edges.data >= edges.data.max() / epochs
        heads, tails = (index[kept].astype(np.int32) for index in edges.coords)
        every = edges.data.max() / edges.data[kept].astype(np.float64)
        due = np.stack([every, every / NEGATIVES])
        states = np.random.default_rng(seed).integers(2**32, size=(graph.shape[0], 3))
        self._edges = heads, tails, every, due, states
        self._ab = np.float32(ab[0]), np.float32(ab[1])
        self.epochs, self.done = epochs, 0

    def improve(
        self, points: np.ndarray, epochs: int, alpha: float = 1.0, towards: np.ndarray | None = None, pull: float = 0.0
    ) -> None:
        """Move points, float32 (n, dims), in place for some of the epochs.

        Args:
            points: C-ordered.
            epochs: how many.
            alpha: the step of the first of all epochs; it falls to 0 by the last.
            towards: float32 (n, dims), where each point is pulled to.
            pull: the part of the way to `towards` that is gone after an epoch with a step of 1.
        """
        stop = min(self.done + epochs, self.epochs)
        towards = points if towards is None else towards
        _optimise(points, *self._edges, *self._ab, self.done, stop, self.epochs, alpha, towards, np.float32(pull))
        self.done = stop


@numba.njit(cache=True, inline="always")
def _random(states: np.ndarray, row: int) -> int:
    """The next of a row's Tausworthe numbers, signed, of 32 bits, as in umap-learn."""
    a, b, c = states[row, 0], states[row, 1], states[row, 2]
    a = (((a & 4294967294) << 12) & BITS) ^ ((((a << 13) & BITS) ^ a) >> 19)
    b = (((b & 4294967288) << 4) & BITS) ^ ((((b << 2) & BITS) ^ b) >> 25)
    c = (((c & 4294967280) << 17) & BITS) ^ ((((c << 3) & BITS) ^ c) >> 11)
    states[row, 0], states[row, 1], states[row, 2] = a, b, c
    return np.int32(a ^ b ^ c)


@numba.njit(cache=True, inline="always")
def _step(force, difference, alpha):
    return min(np.float32(4), max(np.float32(-4), force * difference)) * alpha


@numba.njit(  # with its types, so that importing this module compiles it, or finds it compiled on disk
    "void(f4[:,::1], i4[::1], i4[::1], f8[::1], f8[:,::1], i8[:,::1], f4, f4, i8, i8, i8, f8, f4[:,::1], f4)",
    cache=True,
    fastmath=True,
    nogil=True,
)
def _optimise(points, heads, tails, every, due, states, a, b, start, stop, epochs, first_alpha, towards, pull):
    n, dims = points.shape
    one, two = np.float32(1), np.float32(2)
    for epoch in range(start, stop):
        alpha = np.float32(first_alpha * (1.0 - epoch / epochs))
        for edge in range(len(heads)):
            if due[0, edge] > epoch:
                continue
            j, k = heads[edge], tails[edge]
            square = np.float32(0)
            for d in range(dims):
                difference = points[j, d] - points[k, d]
                square += difference * difference
            if square > 0:
                power = square**b
                force = -two * a * b * power / (square * (a * power + one))
                for d in range(dims):
                    step = _step(force, points[j, d] - points[k, d], alpha)
                    points[j, d] += step
                    points[k, d] -= step
            due[0, edge] += every[edge]
            every_push = every[edge] / NEGATIVES
            pushes = int((epoch - due[1, edge]) / every_push)
            for _ in range(pushes):
                k = _random(states, j) % n
                square = np.float32(0)
                for d in range(dims):
                    difference = points[j, d] - points[k, d]
                    square += difference * difference
                if square > 0:
                    force = two * b / ((np.float32(0.001) + square) * (a * square**b + one))
                    for d in range(dims):
                        points[j, d] += _step(force, points[j, d] - points[k, d], alpha)
            due[1, edge] += pushes * every_push
        if pull > 0:
            share = min(one, pull * alpha)
            for i in range(n):
                for d in range(dims):
                    points[i, d] += share * (towards[i, d] - points[i, d])
