"""Canonical correlations: SVCCA and PWCCA, which compare the subspaces that two views span."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures import nulls
from dlfa_core.measures.intervals import jackknife_weights
from dlfa_core.measures.scores import ViewScores
from dlfa_core.measures.views import centred, check_pair

linalg = Later("scipy.linalg")  # pages show measures; they never compute one

SVCCA_DIRECTIONS = 20  # as in the code of Del and Fishel
PWCCA_VARIANCE = 0.99


def svcca(x: ArrayLike, y: ArrayLike, n_components: int | float = SVCCA_DIRECTIONS) -> float:
    """Mean canonical correlation of the leading singular directions of two sets of sentence vectors.

    Row i of `x` and row i of `y` describe the same sentence.

    Args:
        x: (n, d_x), any float dtype.
        y: (n, d_y).
        n_components: how many directions of each set to keep (at most its rank), or, below 1, the share of
            variance that they keep.

    Returns:
        A score in [0, 1]; unchanged by rotation, scaling and shift. Biased upward by about (k_x + k_y) / 2n.

    Raises:
        ValueError: row counts differ, a value is not finite, all rows of one set are equal, or the directions
            kept are together not fewer than the sentences: then correlations of 1 exist in any data.

    Reference: Raghu, Gilmer, Yosinski and Sohl-Dickstein (2017), SVCCA.
    """
    a, b = (_Basis.of(view, n_components) for view in check_pair("svcca", x, y))
    _check_directions("svcca", a, b, len(a.scores))
    return float(_canonical((a.scores.T @ b.scores)[None])[1].mean())


def pwcca(x: ArrayLike, y: ArrayLike, n_components: int | float = PWCCA_VARIANCE) -> float:
    """Mean canonical correlation, each weighted by how much of the neurons of `x` its direction accounts for.

    Row i of `x` and row i of `y` describe the same sentence. Canonical correlations need more sentences than
    directions, so both sets are first reduced to singular directions. Direction h_j of `x` has the weight
    sum_k |<h_j, neuron k of x>|, so that pwcca(x, y) and pwcca(y, x) differ.

    Args:
        x: (n, d_x), any float dtype; its neurons give the weights.
        y: (n, d_y).
        n_components: share of variance to keep of each set, or, from 1 on, how many directions.

    Returns:
        A score in [0, 1]; unchanged by scaling and shift. It grows with k / n for unrelated data.

    Raises:
        ValueError: as `svcca`.

    Reference: Morcos, Raghu and Bengio (2018), Insights on Representational Similarity in Neural Networks
    with Canonical Correlation.
    """
    a, b = (_Basis.of(view, n_components) for view in check_pair("pwcca", x, y))
    _check_directions("pwcca", a, b, len(a.scores))
    directions, correlations, _ = _canonical((a.scores.T @ b.scores)[None])
    return float(_weighted(directions, correlations, a)[0])


def compare(views: np.ndarray, weights: np.ndarray, settings: Sequence[Mapping[str, Any]]) -> list[ViewScores]:
    """`svcca` (`weighted` false) or `pwcca` (`weighted` true) between every two of the views, (V, n, d).

    Canonical correlations find repeated rows, so intervals come from a jackknife over groups, in the singular
    directions of all sentences; covariances follow by subtraction. The null is 20 seeded shufflings.
    Everything about a pair, both ways, is one batch of small decompositions. Without weights no replicate is
    computed.
    """
    n = views.shape[1]
    groups = [np.flatnonzero(row == 0) for row in jackknife_weights(n)] if len(weights) else []
    shuffles = nulls.permutations(n)
    return [_compare_one(views, groups, shuffles, setting["weighted"]) for setting in settings]


@dataclass(frozen=True, eq=False)
class _Basis:
    """A centred view in its leading singular directions: view = scores @ loadings, up to what was cut."""

    scores: np.ndarray  # (n, k), orthonormal columns
    loadings: np.ndarray  # (k, d)

    @classmethod
    def of(cls, view: np.ndarray, n_components: int | float) -> "_Basis":
        if n_components <= 0:
            raise ValueError(
                f"n_components is {n_components}: give a number of directions from 1 on, or a share of "
                "variance between 0 and 1."
            )
        view = centred(view)
        view /= np.abs(view).max()
        wide = view.shape[1] > len(view)
        variances, vectors = linalg.eigh(view @ view.T if wide else view.T @ view)
        variances, vectors = variances[::-1], vectors[:, ::-1]
        rank = int((variances > 1e-10 * variances[0]).sum())
        if n_components < 1:
            shares = np.cumsum(variances[:rank]) / variances[:rank].sum()
            size = min(rank, 1 + int(np.searchsorted(shares, n_components)))
        else:
            size = min(rank, int(n_components))
        lengths = np.sqrt(variances[:size])
        scores = vectors[:, :size] if wide else view @ vectors[:, :size] / lengths
        return cls(scores, scores.T @ view)


def _compare_one(views: np.ndarray, groups: Sequence[np.ndarray], shuffles: np.ndarray, weighted: bool) -> ViewScores:
    measure, n_components = ("pwcca", PWCCA_VARIANCE) if weighted else ("svcca", SVCCA_DIRECTIONS)
    n_views, n, _ = views.shape
    bases = [_Basis.of(view, n_components) for view in views]
    everything = np.zeros((1 + len(groups) + len(shuffles), n_views, n_views))
    fewest_left = n - max(map(len, groups), default=0)
    for a, b in combinations(range(n_views), 2):
        x, y = bases[a], bases[b]
        _check_directions(measure, x, y, fewest_left)
        directions_x, correlations, directions_y = _canonical(*_covariances(x, y, groups, shuffles))
        for (source, target), directions, basis in (((a, b), directions_x, x), ((b, a), directions_y, y)):
            everything[:, source, target] = (
                _weighted(directions, correlations, basis) if weighted else correlations.mean(axis=-1)
            )
    replicates, shuffled = np.split(everything[1:], [len(groups)])
    return ViewScores(everything[0], replicates, shuffled.mean(axis=0), shuffled.std(axis=0, ddof=1), "jackknife")


def _covariances(
    x: _Basis, y: _Basis, groups: Sequence[np.ndarray], shuffles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cross- and own covariances, (B, k_x, k_y), (B, k_x, k_x), (B, k_y, k_y): all rows, no group, shuffled.

    Leaving out m rows subtracts their products, and the product of their sums over n - m for the moved mean.
    """

    def without(left: np.ndarray, right: np.ndarray, group: np.ndarray) -> np.ndarray:
        left, right = left[group], right[group]
        return left.T @ right + np.outer(left.sum(axis=0), right.sum(axis=0)) / (len(x.scores) - len(group))

    cross = x.scores.T @ y.scores
    crosses = [cross, *(cross - without(x.scores, y.scores, group) for group in groups)]
    crosses += [x.scores.T @ y.scores[order] for order in shuffles]

    def covariances(scores: np.ndarray) -> np.ndarray:
        eye = np.eye(scores.shape[1])
        left_out = [eye - without(scores, scores, group) for group in groups]
        return np.stack([eye, *left_out, *[eye] * len(shuffles)])

    return np.stack(crosses), covariances(x.scores), covariances(y.scores)


def _canonical(
    cross: np.ndarray, own_x: np.ndarray | None = None, own_y: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Canonical correlations (B, k) of covariances, with the directions of each side against its scores.

    Args:
        cross: (B, k_x, k_y).
        own_x: (B, k_x, k_x); None stands for orthonormal scores.
        own_y: (B, k_y, k_y).

    Returns:
        (B, k, k_x), <direction j, score i> for x; correlations, at most 1; (B, k, k_y) for y.
    """
    if own_x is None or own_y is None:
        left, correlations, right = np.linalg.svd(cross, full_matrices=False)
        return left.swapaxes(-1, -2), np.minimum(correlations, 1), right
    root_x, root_y = np.linalg.cholesky(own_x), np.linalg.cholesky(own_y)
    whitened = np.linalg.solve(root_y, np.linalg.solve(root_x, cross).swapaxes(-1, -2)).swapaxes(-1, -2)
    left, correlations, right = np.linalg.svd(whitened, full_matrices=False)
    return (
        left.swapaxes(-1, -2) @ root_x.swapaxes(-1, -2),
        np.minimum(correlations, 1),
        right @ root_y.swapaxes(-1, -2),
    )


def _weighted(directions: np.ndarray, correlations: np.ndarray, basis: _Basis) -> np.ndarray:
    """Correlations (B, k) averaged by what their directions (B, k, k_x) account for of all neurons, (B,)."""
    weights = np.abs(directions @ basis.loadings).sum(axis=-1)
    return (weights * correlations).sum(axis=-1) / weights.sum(axis=-1)


def _check_directions(measure: str, x: _Basis, y: _Basis, n: int) -> None:
    k_x, k_y = x.scores.shape[1], y.scores.shape[1]
    if k_x + k_y >= n:
        raise ValueError(
            f"{measure} keeps {k_x} and {k_y} directions but compares {n} sentences, so that any data "
            f"would reach correlations of 1: use more than {k_x + k_y} sentences (better ten times as "
            "many), or a smaller n_components."
        )
