"""How far two right results may lie apart on any processor: from the number format and the length of the sums."""

EPS = {"float64": 2.0**-52, "float32": 2.0**-23, "bfloat16": 2.0**-7}  # between 1 and the next number


def tolerance(dtype: str, terms: int, scale: float = 1.0) -> float:
    """The distance within which two ways to add `terms` numbers agree.

    Each addition rounds by up to eps / 2, and roundings do not all point the same way: their sum stays within
    k * sqrt(terms) * eps / 2 but for a share of 2 * exp(-k**2 / 2) of all sums. Both ways round, and k is 8.

    Args:
        dtype: the number format of the additions.
        terms: how many numbers are added one after the other, over all steps on the way to the result.
        scale: the size of the result, or of what it is the small difference of.

    Reference: Higham and Mary (2019), A New Approach to Probabilistic Rounding Error Analysis.
    """
    return 8 * terms**0.5 * EPS[dtype] * scale
