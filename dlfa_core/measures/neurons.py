"""Average neuron-wise correlation (ANC): does neuron k say the same about a sentence and its translation?"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures import nulls
from dlfa_core.measures.intervals import jackknife_weights
from dlfa_core.measures.scores import ViewScores, both_ways
from dlfa_core.measures.views import centred, check_pair, check_rows

ROUNDING = 8 * float(np.finfo(np.float32).eps)  # of a value: a few last places of the states' format


def anc(x: ArrayLike, y: ArrayLike, absolute: bool = False) -> float:
    """Average neuron-wise correlation: Pearson's r of neuron k over sentences, averaged over k.

    Row i of `x` and row i of `y` describe the same sentence, column k of both the same neuron. One that is constant in
    either says nothing of any sentence and is left out.

    Args:
        x: (n, d), any float dtype.
        y: (n, d).
        absolute: average |r| instead of r. Both are in the authors' code; |r| of unrelated data is near
            sqrt(2 / (pi n)), not 0.

    Returns:
        A score in [-1, 1], or [0, 1] if absolute. It depends on the basis: a rotation changes it.

    Raises:
        ValueError: shapes differ, fewer than 3 rows, a value is not finite, or every neuron is constant.

    Reference: Del and Fishel (2022), Cross-lingual Similarity of Multilingual Representations Revisited.
    """
    first, second = _standardised(np.stack(check_pair("anc", x, y, at_least=3, same_width=True)))
    r = (first * second).sum(axis=0)
    return float(np.abs(r).mean() if absolute else r.mean())


def compare(views: np.ndarray, weights: np.ndarray, settings: Sequence[Mapping[str, Any]]) -> list[ViewScores]:
    """`anc` between every two of the views, (V, n, d), once for each of the settings.

    Intervals come from a jackknife over groups, unless there are no weights: repeated sentences act like a smaller n,
    on which the bias of the absolute form depends, and a bootstrap of the signed one is too narrow in heavy tails.
    There correlations of few sentences come out low as well, which the interval of the signed form makes up for.
    """
    n = views.shape[1]
    check_rows("anc", n, 3)
    views = _standardised(views)
    groups = jackknife_weights(n) if len(weights) else weights
    return [
        _compare_absolute(views, groups) if setting.get("absolute", False) else _compare_signed(views, groups)
        for setting in settings
    ]


def _compare_signed(views: np.ndarray, groups: np.ndarray) -> ViewScores:
    n_views, _, d = views.shape
    flat = views.reshape(n_views, -1)
    null_sd = nulls.inner_product_sd(views) / d
    replicates = _replicates(views, groups, absolute=False)
    return ViewScores(flat @ flat.T / d, replicates, np.zeros((n_views, n_views)), null_sd, "corrected")


def _compare_absolute(views: np.ndarray, groups: np.ndarray) -> ViewScores:
    n_views, n, _ = views.shape
    values, null_mean, null_sd = np.zeros((3, n_views, n_views))
    correlations = (views.swapaxes(1, 2) @ views).astype(np.float32)
    for a, b in combinations(range(n_views), 2):
        values[a, b] = np.abs(np.einsum("nd,nd->d", views[a], views[b])).mean()
        null_mean[a, b], null_sd[a, b] = nulls.absolute_correlation_moments(correlations[a], correlations[b], n)
    replicates = _replicates(views, groups, absolute=True)
    return ViewScores(both_ways(values), replicates, both_ways(null_mean), both_ways(null_sd))


def _replicates(views: np.ndarray, weights: np.ndarray, absolute: bool) -> np.ndarray:
    """ANC of every two views under every row of weights, (R, V, V), from weighted moments.

    A neuron that is constant over what a row leaves says nothing there and is left out, as over all sentences.
    """
    n_views, n, _ = views.shape
    views = (views * np.sqrt(n)).astype(np.float32)  # unit variance: safe in float32
    shares = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    means = shares @ views  # (V, R, d)
    variances = shares @ np.square(views) - np.square(means)
    varies = variances > 1e-6  # float32 noise around zero; over all sentences the variance is 1
    scales = varies / np.sqrt(np.where(varies, variances, 1))
    replicates = np.zeros((len(weights), n_views, n_views))
    for a, b in combinations(range(n_views), 2):
        r = (shares @ (views[a] * views[b]) - means[a] * means[b]) * scales[a] * scales[b]
        n_varying = np.maximum((varies[a] & varies[b]).sum(axis=1), 1)
        replicates[:, a, b] = (np.abs(r) if absolute else r).sum(axis=1) / n_varying
    return both_ways(replicates)


def _standardised(views: np.ndarray) -> np.ndarray:
    """(..., n, d) with every column of mean 0 and length 1, so that inner products of columns are correlations.

    Columns that are constant in any view are left out of all. After a layer norm whose scale is nearly 0, a neuron
    moves by the rounding of its format alone, and differently on each processor, so that counts as constant.
    """
    largest, least = views.max(axis=-2), views.min(axis=-2)
    varies = largest - least > ROUNDING * np.maximum(np.abs(largest), np.abs(least))
    kept = varies.reshape(-1, views.shape[-1]).all(axis=0)
    if not kept.any():
        raise ValueError(
            f"anc correlates neurons over the sentences, but each of the {len(kept)} is constant in one language: "
            "check that the texts differ and that the layer is not constant."
        )
    views = centred(views if kept.all() else views[..., kept])
    return views / np.sqrt(np.square(views).sum(axis=-2, keepdims=True))
