"""Do two things do as well as each other? Asked with a margin, as no difference found is no equality shown."""

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later

special = Later("scipy.special")  # pages import measures and never call this


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


def check_margin(margin: float) -> None:
    """Raise ValueError for a margin that is not above 0."""
    if not margin > 0:
        raise ValueError(f"A margin of equivalence must be above 0, but is {margin}: state how much would not matter.")
