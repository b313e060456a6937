"""Nearest neighbours: exact by matrix products up to `EXACT_UP_TO` points, approximate beyond."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dlfa_core import projection
from dlfa_core.projection.methods import CHOICES, check_choice

EXACT_UP_TO = 20_000  # points; beyond, the cost of all pairs outgrows everything else
BLOCK_VALUES = 2**24  # distances held at once, 64 MB in float32


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest other points of each of n points, nearest first."""

    indices: np.ndarray  # int32 (n, k)
    distances: np.ndarray  # float32 (n, k): Euclidean, or 1 - cosine
    exact: bool

    def first(self, k: int) -> "Neighbours":
        """The k nearest of them."""
        return Neighbours(self.indices[:, :k], self.distances[:, :k], self.exact)


def nearest(
    vectors: np.ndarray,
    k: int,
    metric: str = "cosine",
    device: str | torch.device = "cpu",
    seed: int = 0,
    exact: bool | None = None,
) -> Neighbours:
    """The k nearest other points of every point.

    All pairs are compared by matrix products, a block of rows at a time, and the distances to those found are then
    computed anew from differences: products lose the digits that tell near points apart.

    Args:
        vectors: float32 (n, d), finite; for "cosine" no row is zero.
        k: 1 to n - 1.
        metric: "cosine" or "euclidean".
        device: where the products are computed.
        seed: of the approximate search.
        exact: whether to compare all pairs; by default up to `EXACT_UP_TO` points.

    Raises:
        ValueError: unknown metric, k out of range, a value that is not finite, or a zero row under cosine.
    """
    rows = comparable(vectors, metric)
    n = len(rows)
    if not 1 <= k < n:
        raise ValueError(f"Of {n} points each has 1 to {n - 1} neighbours, but {k} were asked for.")
    if n <= EXACT_UP_TO if exact is None else exact:
        indices = _exact(torch.from_numpy(rows).to(device), k)
        return Neighbours(*_sorted(rows, indices, metric), exact=True)
    return Neighbours(*_sorted(rows, projection.library.approximate_neighbours(rows, k, seed), metric), exact=False)


def comparable(vectors: np.ndarray, metric: str) -> np.ndarray:
    """Rows, float32 (n, d), whose Euclidean distances rank points as `metric` does.

    For cosine the rows get length 1: half of a squared distance is then 1 - cosine. Taking the mean away changes no
    distance and keeps float32 precise where all vectors point the same way, as an encoder's do.

    Raises:
        ValueError: unknown metric, a value that is not finite, or a zero row under cosine.
    """
    check_choice("metric", metric, CHOICES["metric"])
    rows = np.asarray(vectors, dtype=np.float64)
    if not np.isfinite(rows).all():
        row = int(np.argwhere(~np.isfinite(rows))[0][0])
        raise ValueError(f"Distances need finite numbers, but row {row} holds {rows[row][~np.isfinite(rows[row])][0]}.")
    if metric == "cosine":
        norms = np.sqrt(np.einsum("nd,nd->n", rows, rows))
        if not norms.all():
            raise ValueError(f"Row {int(np.argmin(norms))} is a zero vector, which has no cosine: use euclidean.")
        rows = rows / norms[:, None]
    return (rows - rows.mean(axis=0)).astype(np.float32)


@torch.inference_mode()
def _exact(rows: Tensor, k: int) -> np.ndarray:
    """Indices (n, k) of the nearest rows, from |y|^2 / 2 - x y, which ranks y as |x - y| does."""
    n = len(rows)
    halves = rows.square().sum(1) / 2
    found = torch.empty((n, k), dtype=torch.int64)
    block = max(1, BLOCK_VALUES // n)
    for start in range(0, n, block):
        own = torch.arange(start, min(start + block, n), device=rows.device)
        scores = torch.addmm(halves, rows[own], rows.T, alpha=-1)
        scores[own - start, own] = torch.inf
        found[start : start + block] = scores.topk(k, largest=False).indices.cpu()
    return found.numpy()


def _sorted(rows: np.ndarray, indices: np.ndarray, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Indices in the order of exact distances, equal ones by position, and the distances."""
    n, k = indices.shape
    indices = np.sort(indices, axis=1)
    distances = np.empty((n, k), np.float32)
    block = max(1, BLOCK_VALUES // (k * rows.shape[1]))
    for start in range(0, n, block):
        part = slice(start, start + block)
        differences = rows[indices[part]] - rows[part, None]
        squares = np.einsum("nkd,nkd->nk", differences, differences)
        distances[part] = squares / 2 if metric == "cosine" else np.sqrt(squares)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(indices, order, 1).astype(np.int32), np.take_along_axis(distances, order, 1)
