"""Examples in buckets of about the same size, by a number that is known of each."""

import numpy as np
from numpy.typing import ArrayLike

NO_BUCKET = -1


def in_quantiles(values: ArrayLike, most: int) -> np.ndarray:
    """Return the bucket of each example, int (n,), ascending from 0; `NO_BUCKET` where the number is missing.

    Equal numbers share a bucket, so that many of one number give fewer buckets than asked for, of uneven sizes; none is
    empty.

    Args:
        values: (n,) numbers, NaN where an example has none.
        most: buckets at most, 1 or more.

    Raises:
        ValueError: not one number an example, or `most` below 1.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"Buckets need one number for each example, (n,), but got {values.shape}.")
    if most < 1:
        raise ValueError(f"most={most} leaves no bucket to put an example into: give 1 or more.")
    known = ~np.isnan(values)
    if not known.any():
        return np.full(len(values), NO_BUCKET)
    numbers, times = np.unique(values[known], return_counts=True)
    below = np.cumsum(times)[:-1]  # examples below each possible cut
    wanted = np.arange(1, most) * known.sum() / most
    nearest = np.abs(below[:, None] - wanted).argmin(axis=0) if len(below) else np.zeros(0, dtype=np.int64)
    cuts = numbers[np.unique(nearest) + 1] if len(nearest) else numbers[:0]
    return np.where(known, np.searchsorted(cuts, np.where(known, values, 0.0), side="right"), NO_BUCKET)


def span_of_bucket(values: ArrayLike, digits: int = 0) -> str:
    """Return what lies in a bucket as a reader writes it: "3", "8 to 12" or "1.25 to 1.50".

    Args:
        values: the numbers of its examples, at least one.
        digits: after the point.
    """
    low, high = (f"{end:.{digits}f}" for end in (np.min(values), np.max(values)))
    return low if low == high else f"{low} to {high}"
