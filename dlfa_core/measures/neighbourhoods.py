"""Who is near whom: whether a map keeps neighbours, whether labels gather, whether a neighbour gives a label away.

Everything here reads distances from some points, the *anchors*, to all points, (a, n): a few thousand anchors tell
as much as all pairs of a large map would. Each measure gives one number per anchor; its mean is the score.
"""

import numpy as np
from numpy.typing import ArrayLike


def squared_distances(rows: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances from the anchors, row numbers (a,), to all of (n, d), as (a, n)."""
    rows = rows - rows.mean(axis=0)  # products of centred rows lose no digits to a common offset
    squares = np.einsum("nd,nd->n", rows, rows)
    found = rows[anchors] @ rows.T
    found *= -2
    found += squares
    found += squares[anchors, None]
    return np.maximum(found, 0, out=found)


def kept_neighbours(true: np.ndarray, shown: np.ndarray, anchors: np.ndarray, k: int) -> np.ndarray:
    """Measure how far the k neighbours that one space shows are neighbours in another, one score per anchor.

    Trustworthiness with the distances on a map as `shown` and those in the layer's space as `true`: points that lie
    together on the map should belong together. Continuity the other way round: what belongs together should lie
    together. A shown neighbour of true rank r > k costs r - k; 1 is perfect, and a random map scores about 0.5.

    Args:
        true: (a, n) distances, in any increasing scale.
        shown: (a, n) likewise.
        anchors: (a,), which point each row is; it is not its own neighbour.
        k: neighbours, 1 to less than n / 2.

    Returns:
        (a,) scores, of which the mean over all points is the measure; at most 1 and, in the mean, not below 0.

    Raises:
        ValueError: k is out of range.

    Reference: Venna and Kaski (2001), Neighborhood Preservation in Nonlinear Projection Methods.
    """
    n = true.shape[1]
    if not 1 <= k < n / 2:
        raise ValueError(f"Of {n} points, a map can be asked for 1 to {(n - 1) // 2} neighbours, not {k}.")
    own = np.arange(len(anchors)), anchors
    shown, true = shown.copy(), true.copy()
    shown[own] = true[own] = np.inf
    near = np.argpartition(shown, k - 1, axis=1)[:, :k]
    penalty = np.zeros(len(anchors))
    for column in near.T:
        rank = 1 + (true < true[own[0], column][:, None]).sum(axis=1)
        penalty += np.maximum(rank - k, 0)
    return 1 - penalty * 2 / (k * (2 * n - 3 * k - 1))


def silhouettes(distances: np.ndarray, anchors: np.ndarray, labels: ArrayLike) -> np.ndarray:
    """Tell whether points of one label lie together and apart from others, one value per anchor.

    (b - a) / max(a, b), with a the mean distance to the others of the own label and b that to the nearest other
    label; 0 for the only point of a label.

    Args:
        distances: (a, n).
        anchors: (a,), which point each row is.
        labels: (n,), of two kinds at least.

    Returns:
        (a,) in [-1, 1]: 1 in a tight clump of its own, 0 between clumps, below 0 among points of another label.

    Raises:
        ValueError: all labels are equal.

    Reference: Rousseeuw (1987), Silhouettes.
    """
    kinds, codes = np.unique(np.asarray(labels), return_inverse=True)
    if len(kinds) < 2:
        raise ValueError(f"A silhouette compares labels, but all {len(codes)} points are labelled {kinds[0]}.")
    order, counts = np.argsort(codes, kind="stable"), np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = np.add.reduceat(distances[:, order].astype(np.float64), starts, axis=1)
    own = np.arange(len(anchors)), codes[anchors]
    sums[own] -= distances[own[0], anchors]
    others = counts[codes[anchors]] - 1
    inside = sums[own] / np.maximum(others, 1)
    means = sums / counts
    means[own] = np.inf
    outside = means.min(axis=1)
    larger = np.maximum(inside, outside)
    apart = np.divide(outside - inside, larger, out=np.zeros(len(anchors)), where=larger > 0)
    return np.where(others > 0, apart, 0.0)


def nearest_shares(
    distances: np.ndarray, anchors: np.ndarray, labels: ArrayLike, apart: ArrayLike | None = None
) -> np.ndarray:
    """Tell whether the nearest other point has the anchor's label, bool (a,).

    Args:
        distances: (a, n).
        anchors: (a,), which point each row is.
        labels: (n,).
        apart: (n,) groups; a point of the anchor's own group does not count as near. A language is so guessed from
            other sentences only: a translation would give away what it is a translation of.

    Raises:
        ValueError: all points are in one group.
    """
    labels = np.asarray(labels)
    groups = np.arange(distances.shape[1]) if apart is None else np.asarray(apart)
    if (groups == groups[0]).all():
        raise ValueError("The nearest point of another group is asked for, but all points are in one group.")
    nearest = np.where(groups == groups[anchors, None], np.inf, distances).argmin(axis=1)
    return labels[nearest] == labels[anchors]
