"""Canonical correlations: SVCCA and PWCCA, which compare the subspaces that two views span."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures import nulls
from dlfa_core.measures.scores import ViewScores
from dlfa_core.measures.views import centred, check_pair

linalg = Later("scipy.linalg")  # pages show measures; they never compute one

SVCCA_DIRECTIONS = 20  # as in the code of Del and Fishel
SVCCA_CANDIDATES = 100  # among which a resample finds its leading directions
PWCCA_VARIANCE = 0.99
N_REFITS = 20


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

    Intervals come from the first 20 resamples of the weights (R, n), each in singular directions of its own: which
    directions are kept is most of what another sample of sentences would change, and leaving a few sentences out shows
    it badly, as the last directions swap places at the least touch. Canonical correlations find repeated rows, so
    replicates lie too high and only their spread is used. The null is 20 seeded shufflings.
    """
    shuffles = nulls.permutations(views.shape[1])
    return [_compare_one(views, weights[:N_REFITS], shuffles, setting["weighted"]) for setting in settings]


@dataclass(frozen=True, eq=False)
class _Basis:
    """A centred view in its leading singular directions: view = scores @ loadings, up to what was cut."""

    scores: np.ndarray  # (n, k), orthonormal columns
    loadings: np.ndarray  # (k, d)

    @property
    def coordinates(self) -> np.ndarray:
        """(n, k) the view in these directions, lengths kept."""
        return self.scores * np.linalg.norm(self.loadings, axis=1)

    @classmethod
    def drawn(cls, view: np.ndarray, n_components: int | float, weights: np.ndarray) -> "_Basis":
        """The basis of a resample: every row of the view as often as its weight (n,) says.

        Repeated rows have the same products as one row times the root of their number, so scores have a row for each
        sentence that was drawn.
        """
        view, weights = view[weights > 0], weights[weights > 0]
        return cls._of(np.sqrt(weights)[:, None] * (view - np.average(view, axis=0, weights=weights)), n_components)

    @classmethod
    def of(cls, view: np.ndarray, n_components: int | float) -> "_Basis":
        if n_components <= 0:
            raise ValueError(
                f"n_components is {n_components}: give a number of directions from 1 on, or a share of "
                "variance between 0 and 1."
            )
        return cls._of(centred(view), n_components)

    @classmethod
    def _of(cls, view: np.ndarray, n_components: int | float) -> "_Basis":
        view = view / np.abs(view).max()
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


def _compare_one(views: np.ndarray, draws: np.ndarray, shuffles: np.ndarray, weighted: bool) -> ViewScores:
    measure, n_components = ("pwcca", PWCCA_VARIANCE) if weighted else ("svcca", SVCCA_DIRECTIONS)
    bases = [_Basis.of(view, n_components) for view in views]
    for x, y in combinations(bases, 2):
        _check_directions(measure, x, y, views.shape[1])
    everything = _between(bases, [slice(None), *shuffles], weighted)
    values, shuffled = everything[0], everything[1:]
    drawn_from: Sequence[np.ndarray] = list(views)
    if len(draws) and not weighted:  # a decomposition of a few columns takes a fraction of the time
        drawn_from = [_Basis.of(view, SVCCA_CANDIDATES).coordinates for view in views]
    replicates = np.zeros((len(draws), *values.shape))
    for index, row in enumerate(draws):
        refitted = [_Basis.drawn(view, n_components, row) for view in drawn_from]
        (replicates[index],) = _between(refitted, [slice(None)], weighted)
    return ViewScores(values, replicates, shuffled.mean(axis=0), shuffled.std(axis=0, ddof=1), "spread")


def _between(bases: Sequence[_Basis], orders: Sequence[np.ndarray | slice], weighted: bool) -> np.ndarray:
    """Scores (B, V, V) between every two bases, the rows of the second taken in each of B orders; the diagonal is 0."""
    scores = np.zeros((len(orders), len(bases), len(bases)))
    for a, b in combinations(range(len(bases)), 2):
        x, y = bases[a], bases[b]
        directions_x, correlations, directions_y = _canonical(
            np.stack([x.scores.T @ y.scores[order] for order in orders])
        )
        for (source, target), directions, basis in (((a, b), directions_x, x), ((b, a), directions_y, y)):
            scores[:, source, target] = (
                _weighted(directions, correlations, basis) if weighted else correlations.mean(axis=-1)
            )
    return scores


def _canonical(cross: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Canonical correlations (B, k) of cross-covariances (B, k_x, k_y) of orthonormal scores, with their directions.

    Returns:
        (B, k, k_x), <direction j, score i> for x; correlations, at most 1; (B, k, k_y) for y.
    """
    left, correlations, right = np.linalg.svd(cross, full_matrices=False)
    return left.swapaxes(-1, -2), np.minimum(correlations, 1), right


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
