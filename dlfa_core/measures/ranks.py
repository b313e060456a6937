"""Do two quantities put things in the same order?"""

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures.intervals import bounds

stats = Later("scipy.stats")  # pages import measures and never call this

FEWEST_PAIRS = 5  # fewer resample into themselves too often for an interval


def rank_correlation(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Spearman's correlation of ranks over the last axis; ties share their mean rank.

    Args:
        x, y: (..., n) that broadcast against each other.

    Returns:
        (...) in [-1, 1]; NaN where all of x or all of y are equal, or n < 3.

    Raises:
        ValueError: x and y differ in length.

    Reference: Spearman (1904), The Proof and Measurement of Association between Two Things.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.shape[-1] != y.shape[-1]:
        raise ValueError(
            f"rank_correlation compares item i with item i, but x has {x.shape[-1]} items and y has {y.shape[-1]}: "
            "keep only the items that both have."
        )
    a, b = (
        ranks - ranks.mean(axis=-1, keepdims=True) for ranks in (stats.rankdata(x, axis=-1), stats.rankdata(y, axis=-1))
    )
    norms = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    usable = (norms > 0) & (x.shape[-1] >= 3)
    return np.divide((a * b).sum(axis=-1), norms, out=np.full(np.shape(norms), np.nan), where=usable)


def rank_correlation_interval(x: ArrayLike, y: ArrayLike, resamples: int, seed: int) -> tuple[float, float, float]:
    """Spearman's correlation with its 95 % interval from drawing the items anew, pairs kept together.

    Args:
        x, y: (n,).
        resamples: how often the items are drawn; 0 leaves the interval out.
        seed: same seed, same draws.

    Returns:
        value, low, high; the bounds are NaN without resamples, for fewer than 5 items, or where the value is NaN.

    Raises:
        ValueError: x and y differ in length.

    Reference: Efron (1981), Nonparametric Standard Errors and Confidence Intervals.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    value = float(rank_correlation(x, y))
    if not resamples or len(x) < FEWEST_PAIRS or np.isnan(value):
        return value, np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(len(x), size=(resamples, len(x)))
    return value, *bounds(value, rank_correlation(x[drawn], y[drawn]))  # a draw of one item over and over has no order
