"""How far above another value is the best of several, when it was picked for being the best?"""

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
