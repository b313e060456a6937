"""Do two quantities put things in the same order?"""

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures.intervals import bounds
from dlfa_core.measures.trainings import check_level

stats = Later("scipy.stats")  # pages import measures and never call these
special = Later("scipy.special")

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


def layer_correlation_interval(
    x: ArrayLike, y: ArrayLike, replicates: ArrayLike, seed: int = 0, level: float = 0.95
) -> tuple[float, float, float]:
    """Spearman's correlation over layers, with an interval that knows that they are few and measured with error.

    Percentiles, where each resample of the examples and seeds goes with a draw of the layers, pairs kept together.
    Percentiles of either alone are too narrow: noise that neighbouring layers share looks like a trend. The interval is
    of the correlation as measured with so many examples and trainings: noise in the scores brings it nearer to 0 than
    that of the true scores, and a true order that is perfect but hardly rises may lie above the interval.

    Args:
        x: (k,) predictor of each layer, such as its depth.
        y: (k,) score of each layer.
        replicates: (R, k) of y on resamples of examples and of seeds; fewer than two leave the interval out.
        seed: of the draws of layers; same seed, same interval.
        level: coverage, in (0, 1).

    Returns:
        value, low, high in [-1, 1], low <= value <= high; the bounds are NaN for fewer than 5 layers, without
        replicates, or where the value is NaN because all of x or all of y are equal.

    Raises:
        ValueError: shapes that do not match, or level outside (0, 1).

    Reference: Davison and Hinkley (1997), Bootstrap Methods and their Application, chapter 3.
    """
    check_level(level)
    x, y, replicates = (np.asarray(each, dtype=np.float64) for each in (x, y, replicates))
    value = float(rank_correlation(x, y))
    if replicates.shape[1:] != y.shape:
        raise ValueError(
            f"replicates are shaped {replicates.shape}, not (R, {len(y)}) as the {len(y)} scores ask: pass those "
            "of the same layers."
        )
    if np.isnan(value) or len(x) < FEWEST_PAIRS or len(replicates) < 2:
        return value, np.nan, np.nan
    drawn = np.random.default_rng(seed).integers(len(x), size=replicates.shape)
    found = rank_correlation(x[drawn], np.take_along_axis(replicates, drawn, axis=1))
    found = found[np.isfinite(found)]  # one layer over and over has no order
    if len(found) < 2:
        return value, np.nan, np.nan
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return value, min(float(low), value), max(float(high), value)


def layer_correlation_p_value(x: ArrayLike, y: ArrayLike) -> float:
    """Return the two-sided p value of Spearman's correlation between two quantities that change slowly over layers.

    Neighbouring layers are alike, so that eleven of them say what fewer independent ones would: as many as the product
    of the two autocorrelations of ranks leaves. Shuffling all layers forgets this, and calls 14 to 40 % of unrelated
    curves related.

    Args:
        x, y: (k,), in the order of the layers.

    Returns:
        p in [0, 1]; NaN for fewer than 5 layers, or where all of x or all of y are equal.

    Raises:
        ValueError: x and y differ in length.

    Reference: Bartlett (1935), Some Aspects of the Time-Correlation Problem in Regard to Tests of Significance.
    """
    value = float(rank_correlation(x, y))
    ranks = [stats.rankdata(each) - (len(each) + 1) / 2 for each in (np.asarray(x), np.asarray(y))]
    if np.isnan(value) or len(ranks[0]) < FEWEST_PAIRS:
        return np.nan
    first, second = ((each[1:] * each[:-1]).sum() / (each * each).sum() for each in ranks)
    alike = max(first * second, 0.0)
    degrees = max(len(ranks[0]) * (1 - alike) / (1 + alike), 3.0) - 2
    unexplained = 1 - value**2
    if unexplained <= 1e-12:
        return 0.0
    return float(2 * special.stdtr(degrees, -abs(value) * np.sqrt(degrees / unexplained)))


def shifted_layers_p_value(x: ArrayLike, y: ArrayLike) -> float:
    """Return the share of all shifts of the layers, in both directions, that correlate as much as their own order.

    A shift moves all layers up, the highest to the front, and so leaves neighbours neighbours. With those of the
    reversed order there are 2 k, so that p is never below 1 / (2 k). For depth, which its own reversal matches, it is
    never below 1 / k: use `layer_correlation_p_value` there.

    Args:
        x, y: (k,), in the order of the layers.

    Returns:
        p in [1 / (2 k), 1]; NaN for fewer than 5 layers, or where all of x or all of y are equal.

    Raises:
        ValueError: x and y differ in length.

    Reference: Politis and Romano (1992), A Circular Block-Resampling Procedure for Stationary Data, for the circle.
    """
    y = np.asarray(y, dtype=np.float64)
    value = float(rank_correlation(x, y))
    if np.isnan(value) or len(y) < FEWEST_PAIRS:
        return np.nan
    shifted = np.stack([np.roll(order, steps) for order in (y, y[::-1]) for steps in range(len(y))])
    return float((np.abs(rank_correlation(x, shifted)) >= abs(value) - 1e-9).mean())
