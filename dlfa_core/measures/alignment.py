"""Maps of the same points, one after the other: laid onto each other, and how far the points move."""

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures.views import as_floats


def spread(points: ArrayLike) -> float:
    """Root mean square distance of points (n, dims) from their mean."""
    points = as_floats(points)
    return float(np.sqrt(np.square(points - points.mean(axis=0)).sum(axis=1).mean()))


def procrustes(points: ArrayLike, onto: ArrayLike) -> np.ndarray:
    """Points turned, mirrored, moved and scaled to lie as close as possible on others at *their* spread.

    The scale makes both spreads equal; the least-squares scale would shrink a map the more, the less it resembles
    the other, and a sequence of maps would collapse.

    Args:
        points: (n, dims).
        onto: (n, dims); row i is the same point.

    Returns:
        (n, dims), float64. Points that are all equal come back on the mean of `onto`.

    Raises:
        ValueError: the shapes differ.

    Reference: Schonemann (1966), A Generalized Solution of the Orthogonal Procrustes Problem.
    """
    own, other = as_floats(points), as_floats(onto)
    if own.shape != other.shape or own.ndim != 2:
        raise ValueError(
            f"Maps are laid onto each other point by point, but their shapes are {own.shape} and {other.shape}: "
            "pass the same points, in as many dimensions."
        )
    centre = other.mean(axis=0)
    own, other = own - own.mean(axis=0), other - centre
    u, _, v = np.linalg.svd(own.T @ other)
    size = spread(own)
    return own @ (u @ v) * (spread(other) / size if size else 0.0) + centre


def align_sequence(maps: ArrayLike, reference: int = 0) -> np.ndarray:
    """Maps of the same points, each centred, of spread 1, and turned onto its neighbour on the side of `reference`.

    Args:
        maps: (n_maps, n, dims).
        reference: the map that keeps its orientation.

    Returns:
        (n_maps, n, dims), float64. A map whose points are all equal is zero, and its neighbours are turned onto the
        next one.
    """
    centred = as_floats(maps)
    centred = centred - centred.mean(axis=1, keepdims=True)
    sizes = np.array([spread(each) for each in centred])
    scaled = centred / np.where(sizes, sizes, 1)[:, None, None]
    for order in (range(reference + 1, len(centred)), range(reference - 1, -1, -1)):
        last = scaled[reference]
        for index in order:
            if sizes[index]:
                scaled[index] = last = procrustes(scaled[index], last) if last.any() else scaled[index]
    return scaled


def drift(maps: ArrayLike) -> np.ndarray:
    """Measure how far points move from one map to the next, as a share of how far they are spread.

    The root mean square movement over the root mean of both squared spreads: 0 if nothing moves, about 1.41 for
    maps that have nothing to do with each other.

    Args:
        maps: (n_maps, n, dims), laid onto each other.

    Returns:
        (n_maps - 1,); NaN between two maps whose points are all equal.
    """
    maps = as_floats(maps)
    moves = np.square(np.diff(maps, axis=0)).sum(axis=2).mean(axis=1)
    squares = np.array([spread(each) ** 2 for each in maps])
    means = (squares[1:] + squares[:-1]) / 2
    return np.sqrt(np.divide(moves, means, out=np.full(len(moves), np.nan), where=means > 0))
