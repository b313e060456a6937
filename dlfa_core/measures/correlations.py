"""Do two quantities go together over languages? The languages are the sample."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures.trainings import check_level

stats = Later("scipy.stats")  # pages import measures and never call this

FEWEST = 4  # Fisher's z of n has variance 1 / (n - 3)


class Correlation(NamedTuple):
    """Pearson's correlation with its interval, in [-1, 1], and the number of pairs that it is over."""

    value: float
    low: float
    high: float
    n: int


def correlation_over_languages(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Correlation:
    """Return Pearson's correlation over languages, with Fisher's z interval for further languages of their kind.

    Resamples of test examples leave open how the same question would come out with other languages, which is mostly
    what is unknown: nine languages say little however well each is measured. Noise in x and y is part of what is
    measured.

    Args:
        x, y: (n,) a number of each language, such as a lexicon's coverage and a gain; pairs with NaN are left out.
        level: coverage, in (0, 1).

    Returns:
        The bounds are NaN for fewer than 4 languages; all but n where all of x or all of y are equal.

    Raises:
        ValueError: x and y differ in length, or level outside (0, 1).

    Reference: Fisher (1921), On the "Probable Error" of a Coefficient of Correlation Deduced from a Small Sample.
    """
    check_level(level)
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"correlation_over_languages compares language with language, but x is shaped {first.shape} and y "
            f"{second.shape}: give two numbers of each."
        )
    both = np.isfinite(first) & np.isfinite(second)
    first, second, n = first[both], second[both], int(both.sum())
    if n < 3 or _flat(first) or _flat(second):
        return Correlation(np.nan, np.nan, np.nan, n)
    found = stats.pearsonr(first, second)
    value = float(found.statistic)
    if n < FEWEST:
        return Correlation(value, np.nan, np.nan, n)
    if abs(value) >= 1 - 1e-12:  # scipy's z is infinite
        return Correlation(value, value, value, n)
    bounds = found.confidence_interval(level)
    return Correlation(value, float(bounds.low), float(bounds.high), n)


def _flat(values: np.ndarray) -> bool:
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())
