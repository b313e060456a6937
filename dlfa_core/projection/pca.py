"""Principal components: the plane in which points are spread most."""

import numpy as np


def principal_components(vectors: np.ndarray, dims: int) -> np.ndarray:
    """Coordinates along the `dims` directions of largest variance, float32 (n, dims), centred.

    A direction is oriented so that its largest loading is positive; directions that the points do not have (identical
    points, fewer points than dimensions) are zero.

    Args:
        vectors: (n, d), finite.
        dims: how many directions.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    small = rows.T @ rows if rows.shape[1] <= rows.shape[0] else rows @ rows.T
    values, found = np.linalg.eigh(small)
    values, found = values[::-1][:dims], found[:, ::-1][:, :dims]
    if rows.shape[1] > rows.shape[0]:  # from (n, n): eigenvectors are the coordinates, up to their length
        found = rows.T @ found
    lengths = np.linalg.norm(found, axis=0)
    there = (values > 1e-12 * max(values[0], 1e-300)) & (lengths > 0)
    directions = np.zeros((rows.shape[1], dims))
    directions[:, : len(values)][:, there] = found[:, there] / lengths[there]
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(dims)])
    return (rows @ (directions * np.where(signs == 0, 1, signs))).astype(np.float32)
