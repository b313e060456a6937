"""Weighted Hilbert-Schmidt independence criteria (HSIC) between every two views, for all resamples at once.

With Gram matrices K and L of two centred views and resampling weights w, everything a resample needs is
k = K w, l = L w, and the forms w'Mw, w'Mw^2 and w^2'Mw^2 of the Hadamard product M = K * L: one product of
M (n, n) with (n, 2R), in blocks of rows, so that no (n, n) matrix is ever held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from dlfa_core.measures import on_device
from dlfa_core.measures.scores import both_ways
from dlfa_core.measures.threads import share_out
from dlfa_core.measures.views import centred

BLOCK = 256


@dataclass(frozen=True, eq=False)
class _Contractions:
    """Gram matrices contracted with weights; axes are (resample, view, view) unless said."""

    totals: np.ndarray  # (R, V), w'Kw
    once: np.ndarray  # sum_i w_i k_i l_i
    twice: np.ndarray  # sum_i w_i^2 k_i l_i
    form_11: np.ndarray  # w'Mw
    form_12: np.ndarray  # w'M(w^2)
    form_22: np.ndarray  # (w^2)'M(w^2)


def unbiased_hsic(views: np.ndarray, weights: np.ndarray, dtype: type = np.float32) -> np.ndarray:
    """HSIC_1 of every two views on every resample, as a U-statistic over distinct sentences.

    The three expectations E[K12 L12], E[K12] E[L34] and E[K12 L13] become weighted sums over tuples of
    *distinct* sentences, each divided by the weight of all such tuples. A sentence drawn twice is never
    paired with its own copy, which would put the diagonal of the Gram matrix back and bias every replicate
    upward. Equal weights give HSIC_1 exactly.

    Args:
        views: (V, n, d).
        weights: (R, n), not negative; at least four positive in each row.
        dtype: of the matrix products; float32 keeps debiased CKA within 1e-4 of float64.

    Returns:
        (R, V, V), float64; each view is first scaled to mean squared length 1.

    Reference: Song, Smola, Gretton, Bedo and Borgwardt (2012), Feature Selection via Dependence Maximization;
    Nguyen, Raghu and Kornblith (2021), Do Wide and Deep Networks Learn the Same Things?
    """
    s = _contract(views, weights, hollow=True, dtype=dtype)
    p1, p2, p3, p4 = (np.sum(weights**power, axis=1)[:, None, None] for power in (1, 2, 3, 4))
    two, two_weight = s.form_11, p1**2 - p2
    three, three_weight = s.once - s.form_12, p1**3 - 3 * p1 * p2 + 2 * p3
    four = s.totals[:, :, None] * s.totals[:, None] - 4 * s.twice + 2 * s.form_22
    four_weight = p1**4 - 6 * p1**2 * p2 + 3 * p2**2 + 8 * p1 * p3 - 6 * p4
    return two / two_weight + four / four_weight - 2 * three / three_weight


def biased_hsic(views: np.ndarray, weights: np.ndarray, dtype: type = np.float32) -> np.ndarray:
    """Biased HSIC, the squared norm of the cross-covariance, of every two views under every row of weights.

    Args and returns are those of `unbiased_hsic`; weights are meant to be 0 or 1 (see `jackknife_weights`).

    Reference: Gretton, Bousquet, Smola and Scholkopf (2005), Measuring Statistical Dependence with
    Hilbert-Schmidt Norms.
    """
    s = _contract(views, weights, hollow=False, dtype=dtype)
    weight = weights.sum(axis=1)[:, None, None]
    product = s.totals[:, :, None] * s.totals[:, None]
    return s.form_11 / weight**2 - 2 * s.once / weight**3 + product / weight**4


def _contract(views: np.ndarray, weights: np.ndarray, hollow: bool, dtype: type) -> _Contractions:
    """Contracts the Gram matrices of all views with all weights; `hollow` sets their diagonals to zero."""
    views = centred(views)
    lengths = np.einsum("vnd,vnd->vn", views, views)
    size = lengths.mean(axis=1, keepdims=True)
    views, lengths = (views / np.sqrt(size)[..., None]).astype(dtype), (lengths / size).astype(dtype)
    w: np.ndarray = np.ascontiguousarray(weights.T, dtype=dtype)  # (n, R)

    sums = views @ (views.swapaxes(1, 2) @ w)  # (V, n, R), the row sums k = K w
    if hollow:
        sums -= lengths[..., None] * w
    totals = np.einsum("nr,vnr->rv", w, sums).astype(np.float64)
    sums = np.ascontiguousarray(sums.transpose(2, 0, 1))  # (R, V, n)
    once = (sums * w.T[:, None]) @ sums.swapaxes(1, 2)
    twice = (sums * (w.T**2)[:, None]) @ sums.swapaxes(1, 2)
    forms = _forms(views, w, hollow)
    return _Contractions(totals, once.astype(np.float64), twice.astype(np.float64), *both_ways(forms))


def _forms(views: np.ndarray, w: np.ndarray, hollow: bool) -> np.ndarray:
    """w'Mw, w'M(w^2) and (w^2)'M(w^2) for M = K * L of views a <= b, as (3, R, V, V), float64.

    M is symmetric, so each block of rows meets only the columns from its own first one on; the square on the
    diagonal is halved (both factors by sqrt(1/2)), then everything counts twice.
    """
    if put := on_device.chosen():
        return on_device.forms(put, views, w, hollow, BLOCK)
    n_views, n, _ = views.shape
    n_resamples = w.shape[1]
    both = np.hstack([w, w**2])
    forms = np.zeros((3, n_resamples, n_views, n_views))
    for start in range(0, n, BLOCK):
        rows, later = slice(start, start + BLOCK), slice(start, n)
        gram = views[:, rows] @ views[:, later].swapaxes(1, 2)
        size = gram.shape[1]
        gram[:, :, :size] *= np.sqrt(0.5)
        if hollow:
            gram[:, range(size), range(size)] = 0
        w_1, w_2 = both[rows, :n_resamples], both[rows, n_resamples:]

        def contract(
            pairs: Sequence[tuple[int, int]],
            gram: np.ndarray = gram,
            weights: np.ndarray = both[later],
            w_1: np.ndarray = w_1,
            w_2: np.ndarray = w_2,
        ) -> None:
            for a, b in pairs:
                products = (gram[a] * gram[b]) @ weights
                by_1, by_2 = products[:, :n_resamples], products[:, n_resamples:]
                forms[0, :, a, b] += 2 * _over_rows(w_1, by_1)
                forms[1, :, a, b] += _over_rows(w_1, by_2) + _over_rows(w_2, by_1)
                forms[2, :, a, b] += 2 * _over_rows(w_2, by_2)

        share_out(contract, list(combinations_with_replacement(range(n_views), 2)))
    return forms


def _over_rows(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.einsum("nr,nr->r", left, right)
