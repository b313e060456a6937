"""Sets of sentence vectors: what every measure asks of them, checked and said once.

A *view* is one set of sentence vectors, (n, d): the same n sentences in one language at one layer.
Letters used in this folder: n sentences, d neurons, V views, R resamples.
"""

import numpy as np
from numpy.typing import ArrayLike

LINE_UP = "keep only the sentences present in both languages before encoding."


def as_floats(array: ArrayLike) -> np.ndarray:
    """A float64 copy or view of an array or of a torch tensor on any device, in any float type."""
    if hasattr(array, "detach"):
        array = array.detach().cpu().double()  # numpy has no bfloat16
    return np.asarray(array, dtype=np.float64)


def check_pair(
    measure: str, x: ArrayLike, y: ArrayLike, at_least: int = 2, same_width: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Two aligned views as float64, (n, d_x) and (n, d_y).

    Raises:
        ValueError: not two-dimensional, row counts differ, fewer than `at_least` rows, a value is not finite,
            all rows of one view are equal, or the widths differ though `same_width` asks for one.
    """
    x, y = as_floats(x), as_floats(y)
    for label, view in (("x", x), ("y", y)):
        if view.ndim != 2:
            raise ValueError(
                f"{measure} needs one row per sentence and one column per neuron, but {label} has shape "
                f"{view.shape}: pass the vectors of one layer as an array (sentences, neurons)."
            )
    if len(x) != len(y):
        raise ValueError(f"{measure} compares row i with row i, but x has {len(x)} rows and y has {len(y)}: {LINE_UP}")
    if same_width and x.shape[1] != y.shape[1]:
        raise ValueError(
            f"{measure} compares neuron k with neuron k, but x has {x.shape[1]} neurons and y has "
            f"{y.shape[1]}: compare layers of one encoder, or use cka or svcca, which allow different widths."
        )
    check_rows(measure, len(x), at_least)
    check_values(measure, "x", x)
    check_values(measure, "y", y)
    return x, y


def check_stack(views: ArrayLike) -> np.ndarray:
    """Views of one layer as float64, (V, n, d).

    Raises:
        ValueError: not three-dimensional, fewer than two views, a value is not finite, or all rows of one
            view are equal.
    """
    views = as_floats(views)
    if views.ndim != 3 or len(views) < 2:
        raise ValueError(
            f"compare_all needs at least two views as one array (views, sentences, neurons), but got shape "
            f"{views.shape}: stack the vectors of at least two languages at one layer."
        )
    for index, view in enumerate(views):
        check_values("compare_all", f"view {index}", view)
    return views


def check_weights(weights: ArrayLike | None, n: int) -> np.ndarray:
    """Resampling weights as float64, (R, n); None gives no resample, (0, n).

    Raises:
        ValueError: not one weight for each of n sentences, or a weight is negative or not finite.
    """
    weights = np.empty((0, n)) if weights is None else as_floats(weights)
    if weights.ndim != 2 or weights.shape[1] != n:
        raise ValueError(
            f"weights must have one row per resample and one column per sentence, (resamples, {n}), but have "
            f"shape {weights.shape}: draw them with bootstrap_weights({n}, n_resamples, seed)."
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("weights must be finite and not negative: draw them with bootstrap_weights.")
    return weights


def check_rows(measure: str, n: int, at_least: int) -> None:
    """Raises ValueError if n sentences are too few for the formula of a measure."""
    if n < at_least:
        raise ValueError(f"{measure} needs at least {at_least} sentences, but got {n}: use a larger parallel corpus.")


def check_values(measure: str, label: str, view: np.ndarray) -> None:
    """Raises ValueError if a view, (n, d), holds a value that is not finite, or n times the same row."""
    finite = np.isfinite(view)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise ValueError(
            f"{measure} needs finite numbers, but {label} holds {view[row, column]} at row {row}, column "
            f"{column} ({(~finite).sum()} such values in all): encode in float32 or bfloat16, and drop empty "
            "sentences."
        )
    if (view == view[0]).all():
        raise ValueError(
            f"{measure} compares how sentences differ, but all {len(view)} rows of {label} are equal "
            "(zero variance): check that the texts differ and that the layer is not constant."
        )


def centred(views: np.ndarray) -> np.ndarray:
    """Views (..., n, d) with the mean row of each subtracted."""
    return views - views.mean(axis=-2, keepdims=True)


def row_norms(views: np.ndarray) -> np.ndarray:
    """Length of every row of (..., n, d), as (..., n)."""
    return np.sqrt(np.einsum("...nd,...nd->...n", views, views))


def nonzero_norms(measure: str, views: np.ndarray) -> np.ndarray:
    """`row_norms`, for measures that divide by them.

    Raises:
        ValueError: a row is zero, so that it has no direction.
    """
    norms = row_norms(views)
    if not norms.all():
        row = np.argwhere(norms == 0)[0][-1]
        raise ValueError(
            f"{measure} compares directions, but row {row} is a zero vector: drop that sentence (often an empty text)."
        )
    return norms
