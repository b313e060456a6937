"""Where labels go that would lie on each other: up or down, by as little as it takes."""

import numpy as np

LINE = 15.0  # pixels between the middles of two lines of small text
_LETTER = 6.4  # pixels of a letter of small text, on average


def widths(labels: list[str]) -> np.ndarray:
    """Return about how wide labels of small text are, in pixels."""
    return _LETTER * np.array([len(label) for label in labels], dtype=float)


def apart(y: np.ndarray, height: float) -> np.ndarray:
    """Return new heights for labels in one column, so that none lie on each other.

    Of all such places in the same order these have the least sum of squared moves: pool adjacent violators, on
    heights less the room that the labels below take.

    Args:
        y: (n,) middles of the labels; equal ones keep the order that they are given in.
        height: of each label, in the same unit.
    """
    order = np.argsort(y, kind="stable")
    room = height * np.arange(len(y))
    pools: list[tuple[float, int]] = []  # mean and size
    for value in np.asarray(y, dtype=float)[order] - room:
        mean, size = float(value), 1
        while pools and pools[-1][0] >= mean:
            below, members = pools.pop()
            mean, size = (mean * size + below * members) / (size + members), size + members
        pools.append((mean, size))
    placed = np.empty(len(y))
    placed[order] = np.repeat([mean for mean, _ in pools], [size for _, size in pools]) + room
    return placed


def labels_apart(left: np.ndarray, y: np.ndarray, width: np.ndarray, height: float = LINE) -> np.ndarray:
    """Return new heights for labels that stand anywhere; those that no other is above or below stay where they are.

    Labels that share a part of the width, directly or by others in between, are one column.

    Args:
        left: (n,) left ends.
        y: (n,) middles.
        width: (n,), in the unit of `left`.
        height: of each label, in the unit of `y`.
    """
    placed = np.array(y, dtype=float)
    order = np.argsort(left, kind="stable")
    reach = np.maximum.accumulate((left + width)[order])
    for column in np.split(order, np.flatnonzero(left[order][1:] >= reach[:-1]) + 1):
        placed[column] = apart(placed[column], height)
    return placed
