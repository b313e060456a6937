"""A linear probe: can a straight cut tell labels apart?"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

FOLDS = 5
RIDGE = 1e-3  # of the mean variance of a neuron


def linear_probe(
    rows: np.ndarray,
    labels: ArrayLike,
    groups: ArrayLike,
    seed: int = 0,
    prepare: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda rows, fit: rows,
) -> np.ndarray:
    """Tell whether a linear classifier finds each point's label after learning from other groups, bool (n,).

    Least squares on indicator columns with a small ridge, the linear discriminant for equally frequent labels, in
    five folds. A fold holds whole groups: with translations of a test sentence in the training data, a probe could
    learn the sentence.

    Args:
        rows: (n, d).
        labels: (n,).
        groups: (n,), such as sentence ids.
        seed: of the folds.
        prepare: (rows, fit) -> rows, called in each fold with bool (n,) `fit`, the points that may be learnt from.

    Raises:
        ValueError: fewer than two labels or groups.
    """
    kinds, codes = np.unique(np.asarray(labels), return_inverse=True)
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    if len(kinds) < 2 or len(names) < 2:
        raise ValueError(
            f"A probe learns to tell labels apart from other groups, but there are {len(kinds)} labels and "
            f"{len(names)} groups: use two of each at least."
        )
    folds = np.random.default_rng(seed).permutation(len(names)) % FOLDS
    right = np.zeros(len(codes), dtype=bool)
    for fold in np.unique(folds):
        test = folds[group] == fold
        fitted = prepare(rows, ~test).astype(np.float64)
        scores = _scores(fitted[~test], codes[~test], fitted[test], len(kinds))
        right[test] = scores.argmax(axis=1) == codes[test]
    return right


def control_labels(types: ArrayLike, n_labels: int, seed: int = 0) -> np.ndarray:
    """Labels of a control task: each type gets one at random, whatever it is, int (n,) in 0 .. n_labels - 1.

    A probe that finds such labels has learnt the types by heart, so its accuracy is what the probe alone can do. That
    of a task less that of its control is selectivity: what the rows make easy. Labels are as frequent as each other, as
    far as types can be divided.

    Args:
        types: (n,), such as sentence ids of texts and their translations.
        n_labels: those of the task itself.
        seed: of the labels.

    Raises:
        ValueError: fewer than two types or labels.

    Reference: Hewitt and Liang (2019), Designing and Interpreting Probes with Control Tasks.
    """
    kinds, codes = np.unique(np.asarray(types), return_inverse=True)
    if len(kinds) < 2 or n_labels < 2:
        raise ValueError(
            f"A control task gives types labels at random, but there are {len(kinds)} types and {n_labels} labels: use "
            "two of each at least."
        )
    return (np.random.default_rng(seed).permutation(len(kinds)) % n_labels)[codes]


def _scores(train: np.ndarray, codes: np.ndarray, test: np.ndarray, n_kinds: int) -> np.ndarray:
    """Return how much each test row looks like each label, (n_test, n_kinds)."""
    targets = np.eye(n_kinds)[codes]
    mean, share = train.mean(axis=0), targets.mean(axis=0)
    train, targets = train - mean, targets - share
    gram = train.T @ train
    gram[np.diag_indices_from(gram)] += RIDGE * max(np.trace(gram) / len(gram), np.finfo(float).tiny)
    return (test - mean) @ np.linalg.solve(gram, train.T @ targets) + share
