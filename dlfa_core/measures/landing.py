"""Where new vectors belong on a map that others were laid out on."""

import numpy as np


def nearest_to(
    known: np.ndarray, new: np.ndarray, k: int, barred: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k known rows nearest to each new row, by Euclidean distance, nearest first; equal ones by position.

    Args:
        known: (n, d), finite.
        new: (q, d).
        k: 1 to n, and no more than the rows that are not barred.
        barred: bool (q, n): known rows that a new row may not have; none if it is not given.

    Returns:
        Indices (q, k) and distances (q, k), computed from differences, not from products, which lose digits.

    Raises:
        ValueError: k is out of range.
    """
    free = len(known) if barred is None else int((~barred).sum(axis=1).min())
    if not 1 <= k <= free:
        raise ValueError(f"k={k} is out of range: each new row has 1 to {free} known ones to choose from.")
    squares = np.einsum("nd,nd->n", known, known) - 2 * new @ known.T
    if barred is not None:
        squares = np.where(barred, np.inf, squares)
    found = np.sort(np.argpartition(squares, k - 1, axis=1)[:, :k], axis=1)
    distances = np.linalg.norm(known[found] - new[:, None], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(distances, order, axis=1)


def between(places: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """The mean of places weighted by inverse squared distance: a row at distance 0 decides alone.

    Args:
        places: (q, k, dims).
        distances: (q, k), not negative.

    Returns:
        (q, dims).
    """
    touching = distances == 0
    with np.errstate(divide="ignore"):
        weights = np.where(touching.any(axis=1, keepdims=True), touching, 1.0 / distances**2)
    return np.einsum("qk,qkd->qd", weights / weights.sum(axis=1, keepdims=True), places)
