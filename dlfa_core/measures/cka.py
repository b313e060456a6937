"""Linear centred kernel alignment (CKA): do the same sentences lie far apart in both languages?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures import nulls, on_device
from dlfa_core.measures.hsic import BLOCK, biased_hsic, unbiased_hsic
from dlfa_core.measures.intervals import jackknife_weights
from dlfa_core.measures.scores import ViewScores, both_ways
from dlfa_core.measures.views import centred, check_pair, check_rows


def linear_cka(x: ArrayLike, y: ArrayLike, debiased: bool = True) -> float:
    """Linear centred kernel alignment between two sets of sentence vectors.

    Row i of `x` and row i of `y` describe the same sentence: a sentence and its translation at one layer, or
    one sentence at two layers.

    Args:
        x: (n, d_x), any float dtype.
        y: (n, d_y); d_y may differ from d_x.
        debiased: remove the small-sample bias. The biased form of unrelated data is near d / (n + d), not 0.

    Returns:
        A score of at most 1, which is reached if the sets differ only by rotation, uniform scaling and shift.
        Biased: in [0, 1]. Debiased: 0 on average for unrelated sets, so it can be negative, never below -1.

    Raises:
        ValueError: row counts differ, fewer than 4 rows, a value is not finite, or all rows of one set are
            equal.

    Reference: Kornblith et al. (2019), Similarity of Neural Network Representations Revisited; Nguyen, Raghu
    and Kornblith (2021) for the debiased form.
    """
    x, y = check_pair("linear_cka", x, y, at_least=4)
    x, y = _unit_scale(centred(x)), _unit_scale(centred(y))
    n, d = len(x), max(x.shape[1], y.shape[1])
    products = _cross_products if d < n else _gram_products
    cross = products(x, y)
    squares = np.array([[products(x, x), cross], [cross, products(y, y)]])
    if debiased:
        squares = _debias(squares, np.stack([np.square(x).sum(axis=1), np.square(y).sum(axis=1)]))
    return float(_normalised(squares)[0, 1])


def squared_cross_norms(views: np.ndarray) -> np.ndarray:
    """|X_a' X_b|_F^2 for every two of V views, (V, n, d) -> (V, V) float64, by the cheaper of two routes.

    Through neurons each pair costs n d^2; through sentences, |X_a' X_b|^2 = <X_a X_a', X_b X_b'>, each view
    costs n^2 d and each pair only n^2.
    """
    n_views, n, d = views.shape
    if n * (d + n_views) > n_views * d * d:
        cross = [np.square(view.T @ views[a:]).sum(axis=(1, 2), dtype=np.float64) for a, view in enumerate(views)]
        return both_ways(np.stack([np.pad(row, (a, 0)) for a, row in enumerate(cross)]))
    if put := on_device.chosen():
        return on_device.squared_cross_norms(put, views, BLOCK)
    norms = np.zeros((n_views, n_views))
    for start in range(0, n, BLOCK):
        gram = views[:, start : start + BLOCK] @ views[:, start:].swapaxes(1, 2)
        gram[:, :, gram.shape[1] :] *= np.sqrt(2)  # each off-diagonal block stands for its transpose too
        flat = gram.reshape(n_views, -1)
        norms += flat @ flat.T
    return norms


def compare(views: np.ndarray, weights: np.ndarray, settings: Sequence[Mapping[str, Any]]) -> list[ViewScores]:
    """`linear_cka` between every two of the views, (V, n, d), once for each of the settings.

    Intervals come from a jackknife over groups, unless there are no weights: repeated sentences act like a smaller n,
    on which the bias of the biased form depends, and a bootstrap of the debiased one is too narrow in heavy tails.
    """
    n = views.shape[1]
    check_rows("linear_cka", n, 4)
    views = _unit_scale(centred(views))
    squares = squared_cross_norms(views)
    lengths = np.einsum("vnd,vnd->vn", views, views)
    groups = jackknife_weights(n) if len(weights) else weights
    found = {}
    for debiased in {setting.get("debiased", True) for setting in settings}:
        if debiased:
            hsic = _debias(squares, lengths)
            replicates = _normalised(unbiased_hsic(views, groups))
            null_mean, null_sd = np.zeros_like(hsic), np.full_like(hsic, nulls.debiased_cka_sd(n))
        else:
            hsic = squares
            replicates = _normalised(biased_hsic(views, groups))
            diagonal = (lengths**2).sum(axis=1)
            null_mean, null_sd = nulls.biased_cka_moments(lengths.sum(axis=1), np.diag(squares), diagonal, n)
        found[debiased] = ViewScores(_normalised(hsic), replicates, null_mean, null_sd)
    return [found[setting.get("debiased", True)] for setting in settings]


def _unit_scale(views: np.ndarray) -> np.ndarray:
    """(..., n, d) scaled to mean squared row length 1: fourth powers of huge activations stay finite."""
    views = views / np.abs(views).max(axis=(-2, -1), keepdims=True)
    return views / np.sqrt(np.square(views).sum(axis=(-2, -1), keepdims=True) / views.shape[-2])


def _cross_products(x: np.ndarray, y: np.ndarray) -> float:
    return np.square(x.T @ y).sum()


def _gram_products(x: np.ndarray, y: np.ndarray) -> float:
    return np.vdot(x @ x.T, y @ y.T)


def _debias(squares: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """n (n - 3) HSIC_1: squared cross norms (V, V) without the bias of sentences paired with themselves.

    `lengths`, (V, n), are the squared lengths of the centred rows.
    """
    n, total = lengths.shape[1], lengths.sum(axis=1)
    return squares - n / (n - 2) * lengths @ lengths.T + np.outer(total, total) / ((n - 1) * (n - 2))


def _normalised(hsic: np.ndarray) -> np.ndarray:
    """HSIC of every two views, (..., V, V), divided by the root of each view's HSIC with itself."""
    own = np.diagonal(hsic, axis1=-2, axis2=-1)
    if (own < 1e-12 * np.abs(hsic).max(initial=0)).any() or (own <= 0).any():
        raise ValueError(
            "CKA is undefined where all different sentences are equally far apart, here in one view or one "
            "resample of it: use more sentences, and draw weights with bootstrap_weights."
        )
    own = np.sqrt(own)
    return hsic / (own[..., :, None] * own[..., None, :])
