"""Which of several things is beaten in everything that counts?"""

import numpy as np
from numpy.typing import ArrayLike


def non_dominated(values: ArrayLike) -> np.ndarray:
    """Tell which points no other point is at least as high as in everything and higher in something, bool (n,).

    Args:
        values: (n, k), larger is better; a point with NaN neither dominates nor counts as non-dominated.

    Raises:
        ValueError: values are not shaped (n, k).

    Reference: Pareto (1906), Manual of Political Economy.
    """
    points = _table("values", values)
    known = np.isfinite(points).all(axis=1)
    as_high = (points[:, None] >= points).all(axis=2)  # [a, b]: a is as high as b in everything
    higher = (points[:, None] > points).any(axis=2)
    beaten = (as_high & higher & known[:, None]).any(axis=0)
    return known & ~beaten


def surely_dominated(low: ArrayLike, high: ArrayLike) -> np.ndarray:
    """Tell below which points some other point has the whole of its interval in everything, bool (n,).

    Intervals that do not overlap are a stricter test than an interval of the difference.

    Args:
        low, high: (n, k), the ends of the intervals; a point with NaN neither dominates nor is dominated.

    Raises:
        ValueError: the two are not shaped (n, k) alike.
    """
    below, above = _table("low", low), _table("high", high)
    if below.shape != above.shape:
        raise ValueError(f"Intervals have two ends each, but low is {below.shape} and high {above.shape}.")
    return np.asarray((below[:, None] > above).all(axis=2).any(axis=0))  # false wherever a bound is NaN


def _table(name: str, values: ArrayLike) -> np.ndarray:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 2:
        raise ValueError(f"{name} must be (points, qualities), but has shape {found.shape}.")
    return found
