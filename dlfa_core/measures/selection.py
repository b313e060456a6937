"""How far above another value is the best of several, when it was picked for being the best?"""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike


def simultaneous_intervals(
    values: ArrayLike, replicates: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Intervals that hold for all of several values at once, and so for whichever of them is picked.

    A plain interval of the largest of eleven values forgets that it was looked for: where all are equal, it lies
    above their common value far more often than one time in forty. These intervals are values -+ c * se, with the c
    that the largest |replicate - mean| / se stays below in `level` of the resamples; correlated values, such as the
    scores of neighbouring layers on the same examples, widen it little.

    Args:
        values: (k,).
        replicates: (R, k), of the values on every resample; all share the same resamples.
        level: joint coverage, in (0, 1).

    Returns:
        low, high, each (k,); equal to the value where no replicate differs from another.

    Raises:
        ValueError: fewer than two replicates, shapes that do not match, or level outside (0, 1).

    Reference: Westfall and Young (1993), Resampling-Based Multiple Testing; the maximum of t.
    """
    values, replicates = np.asarray(values, dtype=np.float64), np.asarray(replicates, dtype=np.float64)
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, but is {level}: 0.95 gives 95 % intervals.")
    if replicates.ndim != 2 or replicates.shape[1:] != values.shape or len(replicates) < 2:
        raise ValueError(
            f"Intervals of {values.shape} values need two or more replicates of each, (R, k), but got "
            f"{replicates.shape}: draw resamples that all values share."
        )
    errors = replicates - replicates.mean(axis=0)
    spread = errors.std(axis=0, ddof=1)
    varying = spread > 1e-12
    if not varying.any():
        return values.copy(), values.copy()
    largest = (np.abs(errors[:, varying]) / spread[varying]).max(axis=1)
    reach = np.where(varying, np.quantile(largest, level) * spread, 0.0)
    return values - reach, values + reach


def signs_together(
    values: ArrayLike, low: ArrayLike, high: ArrayLike, level: float = 0.95, joint: float = 0.95
) -> np.ndarray:
    """Tell which of many values lie surely above or below 0, so that most often none is wrong where all are truly 0.

    Each side of an interval is widened as a normal one would be for Bonferroni's share of the error, (1 - joint) / k:
    for values whose replicates are not at hand. Correlated values make it careful; with replicates that all share take
    `simultaneous_intervals`.

    Args:
        values: (...), k of them finite.
        low, high: (...), their single intervals; NaN where there is none, and no sign then.
        level: coverage of each.
        joint: the share of cases in which no sign is to be wrong.

    Returns:
        int (...): 1, -1, or 0 where the widened interval holds 0.

    Raises:
        ValueError: a level outside (0, 1).

    Reference: Dunn (1961), Multiple Comparisons among Means.
    """
    values, low, high = (np.asarray(part, dtype=np.float64) for part in (values, low, high))
    if not (0 < level < 1 and 0 < joint < 1):
        raise ValueError(f"Levels must lie between 0 and 1, but are {level} and {joint}: 0.95 is usual.")
    k = max(int(np.isfinite(values).sum()), 1)
    quantile = NormalDist().inv_cdf
    times = quantile(1 - (1 - joint) / (2 * k)) / quantile((1 + level) / 2)
    above = values - times * (values - low) > 0
    below = values + times * (high - values) < 0
    return above.astype(np.int64) - below
