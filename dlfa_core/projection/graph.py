"""UMAP's picture of who is near whom: a graph whose edges say how surely two points are neighbours."""

import numpy as np
from scipy.sparse import coo_array, csr_array

TOLERANCE, LEAST_SCALE, HALVINGS = 1e-5, 1e-3, 64  # as in umap-learn


def fuzzy_graph(indices: np.ndarray, distances: np.ndarray) -> csr_array:
    """Membership strengths of the edges between neighbours, as `umap.umap_.fuzzy_simplicial_set` gives them.

    A point's nearest neighbour is certainly one; those further away fade with exp(-(distance - nearest) / scale),
    where the scale makes a point's strengths sum to log2(k). An edge holds if either of its ends says so. Written
    here in numpy because the original compiles for seconds, and in threads of numba that must not meet.

    Args:
        indices: (n, k - 1), the nearest other points of each point, nearest first.
        distances: (n, k - 1), ascending.

    Returns:
        A symmetric sparse matrix (n, n) of float32 in (0, 1], without a diagonal.

    Reference: McInnes, Healy and Melville (2018), UMAP, section 3.1.
    """
    n, others = indices.shape
    distances = distances.astype(np.float32).astype(np.float64)
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest[~np.isfinite(nearest)] = 0.0
    beyond = np.maximum(distances - nearest[:, None], 0.0)
    scales = _scales(beyond, np.log2(others + 1))
    means = np.where(nearest > 0, distances.sum(axis=1), distances.sum() / n) / (others + 1)
    scales = np.maximum(scales, LEAST_SCALE * means)
    strengths = np.exp(-np.divide(beyond, scales[:, None], out=np.zeros_like(beyond), where=scales[:, None] > 0))
    rows = np.repeat(np.arange(n), others)
    one_way = coo_array((strengths.ravel().astype(np.float32), (rows, indices.ravel())), shape=(n, n)).tocsr()
    other_way = one_way.T.tocsr()
    graph = (one_way + other_way - one_way.multiply(other_way)).tocsr()
    graph.eliminate_zeros()
    return graph


def _scales(beyond: np.ndarray, target: float) -> np.ndarray:
    """Per row the scale at which sum_j exp(-beyond_j / scale) is `target`, by halving intervals, (n,)."""
    low, high, scale = np.zeros(len(beyond)), np.full(len(beyond), np.inf), np.ones(len(beyond))
    open_rows = np.ones(len(beyond), dtype=bool)
    for _ in range(HALVINGS):
        total = np.exp(-beyond[open_rows] / scale[open_rows, None]).sum(axis=1)
        open_indices = np.flatnonzero(open_rows)
        open_rows[open_indices[np.abs(total - target) < TOLERANCE]] = False
        large = open_rows[open_indices] & (total > target)
        small = open_rows[open_indices] & ~(total > target)
        high[open_indices[large]], low[open_indices[small]] = scale[open_indices[large]], scale[open_indices[small]]
        with np.errstate(invalid="ignore"):
            scale = np.where(open_rows, np.where(np.isinf(high), scale * 2, (low + high) / 2), scale)
        if not open_rows.any():
            break
    return scale
