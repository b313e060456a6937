"""Differences of two quantities of which only values and intervals are known, such as those of two models."""

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later

special = Later("scipy.special")  # pages import measures and rarely call this
LEVEL = 0.95  # of the intervals that come in, and of those that go out, all together


def difference_intervals(
    first: ArrayLike, second: ArrayLike, together: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return first - second with an interval recovered from the two.

    The distance from a value to the end of its interval stands for its variance at that end, so skewed intervals stay
    skewed. The two are taken as independent; where both were computed from the same sentences they rise and fall
    together, and the interval is rather too wide.

    Args:
        first: (..., 3) value, low and high ends of its 95 % interval.
        second: the same of what is taken away, of a shape that fits.
        together: of how many intervals 95 % is to hold for all at once; the arms grow as normal quantiles do after
            Bonferroni.

    Returns:
        Values, low ends and high ends of the difference; NaN where an end is missing.

    Raises:
        ValueError: no last axis of three, ends that do not enclose their value, or `together` below 1.

    Reference: Zou and Donner (2008), Construction of Confidence Limits about Effect Measures.
    """
    one, other = (_checked(name, rows) for name, rows in (("first", first), ("second", second)))
    if together < 1:
        raise ValueError(f"together={together} intervals hold nothing: give 1 or more.")
    alone, all_of_them = special.ndtri([0.5 + LEVEL / 2, 1 - (1 - LEVEL) / 2 / together])
    value = one[..., 0] - other[..., 0]
    down = np.hypot(one[..., 0] - one[..., 1], other[..., 2] - other[..., 0]) * all_of_them / alone
    up = np.hypot(one[..., 2] - one[..., 0], other[..., 0] - other[..., 1]) * all_of_them / alone
    return value, value - down, value + up


def _checked(name: str, rows: ArrayLike) -> np.ndarray:
    found = np.asarray(rows, dtype=np.float64)
    if found.ndim == 0 or found.shape[-1] != 3:
        raise ValueError(f"{name} has the shape {found.shape}: its last axis must be value, low end, high end.")
    outside = (found[..., 0] < found[..., 1]) | (found[..., 0] > found[..., 2])
    if outside.any():
        value, low, high = found[outside][0]
        raise ValueError(f"{name} has the value {value:g} outside of its interval [{low:g}, {high:g}].")
    return found
