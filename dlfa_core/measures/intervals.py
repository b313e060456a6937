"""Intervals over sentences: bootstrap and jackknife weights, and the interval that their replicates give.

A resample is a row of *weights*, one per sentence, never a list of repeated rows: all resamples then cost a
few matrix products, statistics over distinct sentences stay free of the bias that a sentence paired with its
own copy would bring, and every pair of languages sees the same resample, so that replicates may be averaged
over pairs.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later

special = Later("scipy.special")  # pages import this module and never call it

Method = Literal["bootstrap", "jackknife"]

FEWEST_SENTENCES = 20
N_GROUPS = 20


def bootstrap_weights(n: int, n_resamples: int, seed: int) -> np.ndarray:
    """Return how often each of n sentences is drawn in each bootstrap resample.

    Args:
        n: number of sentences, at least 20.
        n_resamples: number of resamples R.
        seed: same seed, same weights.

    Returns:
        Multinomial counts (R, n), int64; every row sums to n.

    Raises:
        ValueError: n is below 20, where a resample may hold too few distinct sentences.

    Reference: Efron (1979), Bootstrap Methods: Another Look at the Jackknife.
    """
    _check_enough("A bootstrap", n)
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_resamples)


def possible_weights(n: int, n_resamples: int, seed: int) -> np.ndarray:
    """`bootstrap_weights`; no rows, (0, n), of fewer sentences than they need, for intervals that are left out then."""
    return bootstrap_weights(n, n_resamples, seed) if n >= FEWEST_SENTENCES else np.zeros((0, n), dtype=np.int64)


def jackknife_weights(n: int, n_groups: int = N_GROUPS, seed: int = 0) -> np.ndarray:
    """Weights 0 inside and 1 outside each of `n_groups` random groups of sentences, (n_groups, n), float64.

    For statistics that repeated sentences distort: canonical correlations, biased CKA, absolute correlations.

    Raises:
        ValueError: n is below 20.
    """
    _check_enough("A delete-a-group jackknife", n)
    group = np.random.default_rng(seed).permutation(n) % n_groups
    return (group != np.arange(n_groups)[:, None]).astype(np.float64)


def interval(
    values: ArrayLike, replicates: ArrayLike, method: Method, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a measure over sentences.

    "bootstrap" takes bias-corrected percentiles of the replicates; they are plain percentiles where the value is the
    median of the replicates, which for ANC it is not: correlations come out a little low over a resample. "jackknife"
    takes the normal interval around the value with the delete-a-group variance (G - 1)/G sum_g (t_g - mean t)^2. For
    the mean over pairs pass the mean value and the replicates averaged over pairs: all pairs share the same resamples.

    Args:
        values: (...), the measure on all sentences.
        replicates: (R, ...), the measure on every resample or without every group.
        method: "bootstrap" or "jackknife", as in `PairScores.method`.
        level: coverage, in (0, 1).

    Returns:
        low, high, each shaped like `values`.

    Raises:
        ValueError: no replicates, shapes that do not match, unknown method, or level outside (0, 1).

    Reference: Efron (1981), Nonparametric Standard Errors and Confidence Intervals; Busing, Meijer and van der
    Leeden (1999), Delete-m Jackknife for Unequal m.
    """
    values, replicates = np.asarray(values, dtype=np.float64), np.asarray(replicates, dtype=np.float64)
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, but is {level}: 0.95 gives a 95 % interval.")
    if len(replicates) < 2:
        raise ValueError(
            f"An interval needs at least two replicates, but got {len(replicates)}: pass weights from "
            "bootstrap_weights to compare_all."
        )
    if replicates.shape[1:] != values.shape:
        raise ValueError(
            f"replicates are shaped {replicates.shape} but the values {values.shape}: after the first axis "
            "both must agree, so average both over the same pairs."
        )
    if method == "bootstrap":
        return _bias_corrected(values, replicates, special.ndtri((1 + level) / 2))
    if method == "jackknife":
        spread = np.sqrt((len(replicates) - 1) * replicates.var(axis=0))
        reach = special.ndtri((1 + level) / 2) * spread
        return values - reach, values + reach
    raise ValueError(f'method must be "bootstrap" or "jackknife", but is {method!r}.')


def interval_or_nan(
    values: np.ndarray, replicates: np.ndarray, method: Method = "bootstrap"
) -> tuple[np.ndarray, np.ndarray]:
    """`interval`; NaN where there are fewer than two replicates, as without resamples."""
    if len(replicates) < 2:
        return np.full_like(values, np.nan), np.full_like(values, np.nan)
    return interval(values, replicates, method)


def bounds(value: float, replicates: np.ndarray, method: Method = "bootstrap") -> tuple[float, float]:
    """`interval_or_nan` of one number, from those of its replicates (R,) that are finite; NaN for NaN."""
    usable = replicates[np.isfinite(replicates)] if np.isfinite(value) else replicates[:0]
    low, high = interval_or_nan(np.array(value, dtype=np.float64), usable, method)
    return float(low), float(high)


def _bias_corrected(values: np.ndarray, replicates: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Percentiles of the replicates, moved by twice the normal quantile of the value among them."""
    below = ((replicates < values).mean(axis=0) + (replicates <= values).mean(axis=0)) / 2
    offset = 2 * special.ndtri(np.clip(below, 0.02, 0.98))  # the far tails of a few hundred replicates are noise
    low, high = np.empty_like(values), np.empty_like(values)
    for index in np.ndindex(values.shape):
        shares = special.ndtr(offset[index] + np.array([-reach, reach]))
        low[index], high[index] = np.quantile(replicates[(slice(None), *index)], shares)
    return low[()], high[()]


def _check_enough(what: str, n: int) -> None:
    if n < FEWEST_SENTENCES:
        raise ValueError(
            f"{what} needs at least {FEWEST_SENTENCES} sentences, but got {n}: use a larger parallel "
            "corpus, or no resamples."
        )
