"""Many tests at once: p values that still mean what they say."""

import numpy as np
from numpy.typing import ArrayLike


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p values (k,) corrected for there being k of them: below .05, at most one family in twenty errs at all.

    Holds however the tests depend on each other. NaN, a test that was not made, stays NaN and counts for none.

    Args:
        p_values: (k,) in [0, 1].

    Raises:
        ValueError: more than one axis, or values outside [0, 1].

    Reference: Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.
    """
    p = np.asarray(p_values, dtype=np.float64)
    made = np.flatnonzero(~np.isnan(p))
    if p.ndim != 1 or ((p[made] < 0) | (p[made] > 1)).any():
        raise ValueError(
            f"holm corrects a row of p values in [0, 1], but got {p_values!r}: pass those of one family, (k,)."
        )
    order = made[np.argsort(p[made])]
    corrected = p.copy()
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return corrected
