"""The tree that languages' mean vectors make, beside a classification that people accept."""

from collections.abc import Hashable, Sequence
from itertools import combinations

import numpy as np

from dlfa_core.lazy import Later

hierarchy = Later("scipy.cluster.hierarchy")

MOST_TRIPLES = 20_000  # of more, a random part is asked


def average_linkage(centroids: np.ndarray) -> np.ndarray:
    """Join points pair by pair, the closest first, by the mean cosine distance of their members.

    Cosines are taken from the mean of all: vectors of an encoder share a direction, beside which all angles vanish.

    Args:
        centroids: (L, d), L at least 2.

    Returns:
        (L - 1, 4) float64 as scipy writes it: the two joined, the height, the number of members. A centroid on the
        mean of all lies at distance 1 from every other.
    """
    rows = centroids - centroids.mean(axis=0)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 1e-12 * max(norms.max(), 1e-300))
    distances = np.clip(1 - rows @ rows.T, 0, 2)
    return hierarchy.linkage(distances[np.triu_indices(len(rows), 1)], "average")


def joining_heights(linkage: np.ndarray) -> np.ndarray:
    """The height at which every two leaves are joined first, (L, L), zero on the diagonal."""
    n = len(linkage) + 1
    members = [[leaf] for leaf in range(n)]
    heights = np.zeros((n, n))
    for a, b, height, _ in linkage:
        left, right = members[int(a)], members[int(b)]
        heights[np.ix_(left, right)] = heights[np.ix_(right, left)] = height
        members.append(left + right)
    return heights


def decided_triples(classes: Sequence[Sequence[Hashable]], seed: int = 0) -> np.ndarray:
    """Every three leaves of which a classification puts two together and one apart, (T, 3): the odd one last.

    Args:
        classes: of each leaf its classes from wide to narrow, such as (family, genus), all equally many.
        seed: of the choice where there are more than `MOST_TRIPLES`.
    """
    n = len(classes)
    depth = np.zeros((n, n), dtype=int)
    for a, b in combinations(range(n), 2):
        shared = [x == y for x, y in zip(classes[a], classes[b], strict=True)]
        depth[a, b] = depth[b, a] = shared.index(False) if False in shared else len(shared)
    three = np.array(list(combinations(range(n), 3)), dtype=int).reshape(-1, 3)
    found = []
    for a, b, c in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        x, y, z = three[:, a], three[:, b], three[:, c]
        found.append(np.stack([x, y, z], axis=1)[depth[x, y] > np.maximum(depth[x, z], depth[y, z])])
    triples = np.concatenate(found)
    if len(triples) > MOST_TRIPLES:
        triples = np.random.default_rng(seed).permutation(triples)[:MOST_TRIPLES]
    return triples


def tree_agreement(heights: np.ndarray, triples: np.ndarray) -> float:
    """Share of the triples of which the tree joins the same two first; a tie counts half.

    Args:
        heights: (L, L), from `joining_heights`.
        triples: (T, 3), from `decided_triples`, one at least.

    Returns:
        A share in [0, 1]; a third for a tree that knows nothing.

    Raises:
        ValueError: no triples.
    """
    if not len(triples):
        raise ValueError(
            "The classification puts no two of these languages closer together than a third: choose three languages "
            "or more, two of them of one family."
        )
    return float(_agreements(heights, triples.T[:, None])[0])


def agreement_null(heights: np.ndarray, triples: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """`tree_agreement` of the tree with its leaves shuffled, (permutations,)."""
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.tile(np.arange(len(heights)), (permutations, 1)), axis=1)
    return np.concatenate([_agreements(heights, part[:, triples].transpose(2, 0, 1)) for part in shuffled[:, None]])


def _agreements(heights: np.ndarray, leaves: np.ndarray) -> np.ndarray:
    """Shares of triples whose first two are joined first; leaves is (3, n_trees, T)."""
    a, b, c = leaves
    pair, other = heights[a, b], np.minimum(heights[a, c], heights[b, c])
    return ((pair < other) + 0.5 * (pair == other)).mean(axis=-1)
