"""Many tests, and tests of equality: p values that mean what they say."""

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures.trainings import check_margin

special = Later("scipy.special")  # pages import measures and never call this


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


def equivalence_p_values(
    values: ArrayLike, standard_errors: ArrayLike, margin: float, degrees: ArrayLike = np.inf
) -> np.ndarray:
    """Return p values of two one-sided t tests that the truth lies at least `margin` from 0.

    "Does as well" needs one below .05: then the 90 % interval lies within -margin to margin.
    `TrainingMean.equivalence_p_values` is that of means over trainings.

    Args:
        values: (...) differences.
        standard_errors: (...), of the same shape, above 0.
        margin: largest difference that does not matter, stated before looking; above 0.
        degrees: degrees of freedom of the standard errors; infinite for the normal distribution.

    Raises:
        ValueError: margin or a standard error that is not above 0.

    Reference: Schuirmann (1987), A Comparison of the Two One-Sided Tests Procedure and the Power Approach.
    """
    check_margin(margin)
    values, errors = np.asarray(values, dtype=np.float64), np.asarray(standard_errors, dtype=np.float64)
    if (errors <= 0).any():
        raise ValueError(
            f"Standard errors must be above 0, but the least is {np.nanmin(errors)}: leave out what is exact."
        )
    return special.stdtr(degrees, (np.abs(values) - margin) / errors)
