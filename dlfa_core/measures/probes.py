"""A linear probe: can a straight cut tell labels apart?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

FOLDS = 5
RIDGE = 1e-3  # of the mean variance of a neuron


@dataclass(frozen=True, eq=False)
class LinearFit:
    """What least squares made of some rows: how much a row looks like each target."""

    mean: np.ndarray  # (d,), of the rows
    weights: np.ndarray  # (d, k)
    shares: np.ndarray  # (k,), means of the targets

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Return how much each of some rows (n, d) looks like each target, (n, k)."""
        return (rows - self.mean) @ self.weights + self.shares


def fit_linear(rows: np.ndarray, targets: np.ndarray) -> LinearFit:
    """Fit targets by least squares with a small ridge, each column for itself.

    Args:
        rows: (n, d), float64.
        targets: (n, k), such as indicators of labels, of several tasks side by side.
    """
    mean, shares = rows.mean(axis=0), targets.mean(axis=0)
    rows = rows - mean
    gram = rows.T @ rows
    gram[np.diag_indices_from(gram)] += RIDGE * max(np.trace(gram) / len(gram), np.finfo(float).tiny)
    return LinearFit(mean, np.linalg.solve(gram, rows.T @ (targets - shares)), shares)


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
        fit = fit_linear(fitted[~test], np.eye(len(kinds))[codes[~test]])
        right[test] = fit.scores(fitted[test]).argmax(axis=1) == codes[test]
    return right


def control_labels(types: ArrayLike, n_labels: int, seed: int = 0, shares: ArrayLike | None = None) -> np.ndarray:
    """Labels of a control task: each type gets one at random, whatever it is, int (n,) in 0 .. n_labels - 1.

    A probe that finds such labels has learnt the types by heart, so its accuracy is what the probe alone can do. That
    of a task less that of its control is selectivity: what the rows make easy. Labels are as frequent as each other, as
    far as types can be divided, unless their shares are given.

    Args:
        types: (n,), such as sentence ids of texts and their translations, or words as they are written.
        n_labels: those of the task itself.
        seed: of the labels.
        shares: (n_labels,), how frequent each label is in the task itself; each type then draws its own by them.

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
    rng = np.random.default_rng(seed)
    if shares is None:
        return (rng.permutation(len(kinds)) % n_labels)[codes]
    return rng.choice(n_labels, size=len(kinds), p=np.asarray(shares))[codes]
