"""Where new vectors belong on a map that others were laid out on."""

from dataclasses import dataclass

import numpy as np

from dlfa_core.projection.neighbours import comparable

LISTED = 10  # neighbours of a row that are kept and whose coordinates it is put between
CHECKED = 200  # points of the map that are put back on it, to see how far off such coordinates are


@dataclass(frozen=True, eq=False)
class OutOfSample:
    """Where q new rows belong on a map.

    Attributes:
        coordinates: float32 (q, dims), in the units of the map.
        neighbours: int32 (q, k): the nearest known rows.
        distances: float32 (q, k): to them, by the map's metric.
        usual: float32 (): the median distance of a known row to its nearest one outside its group.
        error: float32 (): how far from its place a known row lands when it is put back without its group; the median
            over some.
    """

    coordinates: np.ndarray
    neighbours: np.ndarray
    distances: np.ndarray
    usual: np.ndarray
    error: np.ndarray


def transform(
    known: np.ndarray, new: np.ndarray, coordinates: np.ndarray, metric: str, groups: np.ndarray, seed: int
) -> OutOfSample:
    """Put each new row in the mean of its nearest known rows' coordinates, the nearer the heavier.

    Args:
        known: (n, d), what the map was made from.
        new: (q, d).
        coordinates: (n, dims), the map.
        metric: "cosine" or "euclidean".
        groups: int (n,): known rows that belong together, such as translations.
        seed: of the choice of rows that are put back.

    Raises:
        ValueError: a value that is not finite, or a zero row under cosine.
    """
    rows = comparable(np.concatenate([known, new]), metric)
    known, new = rows[: len(known)], rows[len(known) :]
    k = min(LISTED, len(known) - np.unique(groups, return_counts=True)[1].max())
    near, distances = nearest_to(known, new, k)
    sample = np.sort(np.random.default_rng(seed).permutation(len(known))[:CHECKED])
    others, apart = nearest_to(known, known[sample], k, groups[sample, None] == groups)
    moved = np.linalg.norm(between(coordinates[others], apart) - coordinates[sample], axis=1)
    if metric == "cosine":
        shown, usual = distances**2 / 2, np.median(apart[:, 0] ** 2 / 2)
    else:
        shown, usual = distances, np.median(apart[:, 0])
    found = between(coordinates[near], distances)
    return OutOfSample(
        np.float32(found), np.int32(near), np.float32(shown), np.float32(usual), np.float32(np.median(moved))
    )


def nearest_to(known: np.ndarray, new: np.ndarray, k: int, barred: np.ndarray | None = None):
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


def between(coordinates: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """The mean of coordinates weighted by inverse squared distance: a row at distance 0 decides alone.

    Args:
        coordinates: (q, k, dims).
        distances: (q, k), not negative.

    Returns:
        (q, dims).
    """
    touching = distances == 0
    with np.errstate(divide="ignore"):
        weights = np.where(touching.any(axis=1, keepdims=True), touching, 1.0 / distances**2)
    return np.einsum("qk,qkd->qd", weights / weights.sum(axis=1, keepdims=True), coordinates)
