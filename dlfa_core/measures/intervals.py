"""Intervals over sentences: bootstrap and jackknife weights, and the interval that their replicates give.

A resample is a row of *weights*, one per sentence, never a list of repeated rows: all resamples then cost a
few matrix products, statistics over distinct sentences stay free of the bias that a sentence paired with its
own copy would bring, and every pair of languages sees the same resample, so that replicates may be averaged
over pairs.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later

special = Later("scipy.special")  # pages import this module and never call it

Method = Literal["bootstrap", "jackknife", "corrected", "spread", "share"]

FEWEST_SENTENCES = 20
N_GROUPS = 20
SHARED_DOUBT = 0.25  # sentences


def bootstrap_weights(n: int, n_resamples: int, seed: int) -> np.ndarray:
    """Return how often each of n sentences is drawn in each bootstrap resample.

    Args:
        n: number of sentences, at least 20.
        n_resamples: number of resamples R.
        seed: same seed, same weights.

    Returns:
        Multinomial counts (R, n), int64; every row sums to n.

    Raises:
        ValueError: n is below 20, where a resample may hold too few distinct sentences, or a number below 0.

    Reference: Efron (1979), Bootstrap Methods: Another Look at the Jackknife.
    """
    check_enough("A bootstrap", n)
    if min(n_resamples, seed) < 0:
        raise ValueError(f"resamples={n_resamples} and seed={seed} must be 0 or more.")
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_resamples)


def check_enough(what: str, n: int) -> None:
    """Raises ValueError where resamples of n sentences may hold too few distinct ones; `what` is to draw them."""
    if n < FEWEST_SENTENCES:
        raise ValueError(
            f"{what} needs at least {FEWEST_SENTENCES} sentences or examples, but got {n}: use more of them, "
            "or resamples=0 for no intervals."
        )


def possible_weights(n: int, n_resamples: int, seed: int) -> np.ndarray:
    """`bootstrap_weights`; no rows, (0, n), of fewer sentences than they need, for intervals that are left out then."""
    return bootstrap_weights(n, n_resamples, seed) if n >= FEWEST_SENTENCES else np.zeros((0, n), dtype=np.int64)


def jackknife_weights(n: int, n_groups: int = N_GROUPS, seed: int = 0) -> np.ndarray:
    """Weights 0 inside and 1 outside each of `n_groups` random groups of sentences, (n_groups, n), float64.

    The same groups for every measure, so that what is left out together is left out everywhere.

    Raises:
        ValueError: n is below 20.
    """
    check_enough("A delete-a-group jackknife", n)
    group = np.random.default_rng(seed).permutation(n) % n_groups
    return (group != np.arange(n_groups)[:, None]).astype(np.float64)


def interval(
    values: ArrayLike, replicates: ArrayLike, method: Method, level: float = 0.95, n: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a statistic over sentences; docs/calibration.md says how often each kind covers the truth.

    "bootstrap" takes bias-corrected percentiles of the replicates; they are plain percentiles where the value is the
    median of the replicates, and reach to a value that lies beyond nearly all of them, such as the correlation of a
    ranking that repeated sentences blur. "jackknife" and "spread" take Student's t interval around the value, with the
    variance that `deviations` gives: for statistics that repeated sentences shift, or whose percentiles are too narrow
    in heavy tails. "corrected" is that of the jackknife around the value less the bias that the jackknife finds.
    "share" takes Agresti and Coull's interval for shares of n sentences, which stays open where all hit or none does.
    For the mean over pairs pass the mean value and the replicates averaged over pairs: all pairs share the same
    resamples.

    Args:
        values: (...), the statistic on all sentences.
        replicates: (R, ...), the statistic on every resample or without every group.
        method: one of `Method`, as in `PairScores.method`.
        level: coverage, in (0, 1).
        n: number of sentences; only "share" asks for it.

    Returns:
        low, high, each shaped like `values`.

    Raises:
        ValueError: no replicates, shapes that do not match, unknown method, level outside (0, 1), or a share without n.

    Reference: Efron (1981), Nonparametric Standard Errors and Confidence Intervals; Busing, Meijer and van der
    Leeden (1999), Delete-m Jackknife for Unequal m; Agresti and Coull (1998), Approximate Is Better than "Exact"; Korn
    and Graubard (1998), Confidence Intervals for Proportions with Small Expected Number of Positive Counts.
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
    variance = np.square(deviations(replicates, method)).sum(axis=0)
    if method == "share":
        return _agresti_coull(values, variance, special.ndtri((1 + level) / 2), n)
    reach = special.stdtrit(len(replicates) - 1, (1 + level) / 2) * np.sqrt(variance)
    bias = (len(replicates) - 1) * (replicates.mean(axis=0) - values) if method == "corrected" else 0.0
    return values - bias - reach, values - bias + reach


def deviations(replicates: np.ndarray, method: Method) -> np.ndarray:
    """Deviations (R, ...) of the replicates whose squares, summed over R, are the variance of the statistic.

    Leaving out one of G groups moves a statistic far less than another sample of sentences would, so a jackknife's
    deviations are counted (G - 1)/G times, those of resamples 1/(R - 1) times. Sums of products are covariances.

    Raises:
        ValueError: unknown method.
    """
    if method not in get_args(Method):
        raise ValueError(f"method must be one of {', '.join(get_args(Method))}, but is {method!r}.")
    n = len(replicates)
    times = (n - 1) / n if method in ("jackknife", "corrected") else 1 / (n - 1)
    return np.sqrt(times) * (replicates - replicates.mean(axis=0))


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
    return np.fmin(low, values)[()], np.fmax(high, values)[()]


def _agresti_coull(shares: np.ndarray, variance: np.ndarray, quantile: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The interval of shares of as many independent sentences as would have this variance, and of no fewer than n.

    Sentences that compete for the same candidates depend on each other, yet the share of one pair varies about as n
    independent ones do, and a mean over pairs less. Few hits, or few misses, tell little about how much less: a quarter
    of a sentence counts as missed, or hit, in all pairs at once.
    """
    if n < 1:
        raise ValueError(f"A share needs the number of sentences that it is of, but n is {n}: pass n.")
    one = shares * (1 - shares)
    size = np.maximum(n, (one + SHARED_DOUBT / n) / (variance + SHARED_DOUBT / n**2))
    more = size + quantile**2
    middle = (shares * size + quantile**2 / 2) / more
    reach = quantile * np.sqrt(middle * (1 - middle) / more)
    return np.maximum(middle - reach, 0), np.minimum(middle + reach, 1)
