"""What can be taken out of vectors before looking at them."""

import numpy as np
from numpy.typing import ArrayLike


def without_means(rows: np.ndarray, labels: ArrayLike, fit: np.ndarray | None = None) -> np.ndarray:
    """Rows (n, d) with the mean of their label subtracted.

    Args:
        labels: (n,), such as languages.
        fit: bool (n,), the rows that the means are taken over; all by default. A label without such a row has the
            mean of all.

    Reference: Libovicky, Rosa and Fraser (2020), On the Language Neutrality of Pre-trained Multilingual
    Representations.
    """
    labels = np.asarray(labels)
    fit = np.ones(len(rows), dtype=bool) if fit is None else fit
    found = np.empty_like(rows)
    for label in np.unique(labels):
        own = labels == label
        mean_of = own & fit if (own & fit).any() else fit
        found[own] = rows[own] - rows[mean_of].mean(axis=0, dtype=np.float64).astype(rows.dtype)
    return found


def without_top_components(rows: np.ndarray, components: int, fit: np.ndarray | None = None) -> np.ndarray:
    """Rows (n, d), centred, without their part along the directions of largest variance.

    Args:
        components: how many directions, 1 to d - 1.
        fit: bool (n,), the rows that mean and directions are taken from; all by default.

    Raises:
        ValueError: `components` is out of range.

    Reference: Mu and Viswanath (2018), All-but-the-Top.
    """
    d = rows.shape[1]
    if not 1 <= components < d:
        raise ValueError(f"Of {d} dimensions, 1 to {d - 1} top components can be removed, not {components}.")
    known = rows if fit is None else rows[fit]
    mean = known.mean(axis=0, dtype=np.float64)
    known = known - mean
    directions = np.linalg.eigh(known.T @ known)[1][:, -components:]
    centred = rows - mean
    return (centred - centred @ directions @ directions.T).astype(rows.dtype)
