"""What a comparison of several views returns."""

from dataclasses import dataclass

import numpy as np

from dlfa_core.measures.intervals import Method


@dataclass(frozen=True, eq=False)
class ViewScores:
    """One measure between every two of V views: [a, b] compares a with b, the diagonal is unused."""

    values: np.ndarray  # (V, V)
    replicates: np.ndarray  # (n_replicates, V, V)
    null_mean: np.ndarray  # (V, V), over shuffled pairings
    null_sd: np.ndarray  # (V, V)
    method: Method = "bootstrap"


@dataclass(frozen=True, eq=False)
class PairScores:
    """One measure between pairs of views at one layer, with what an interval and a null need."""

    measure: str  # name in MEASURES, with @k for top-k
    pairs: np.ndarray  # (n_pairs, 2), indices of views; both orders if the measure is not symmetric
    values: np.ndarray  # (n_pairs,)
    replicates: np.ndarray  # (n_replicates, n_pairs), the same resamples for every pair; 0 rows without weights
    method: Method  # how `interval` reads the replicates
    null_mean: np.ndarray  # (n_pairs,), over all (or seeded) shufflings of the pairing
    null_sd: np.ndarray  # (n_pairs,)


def both_ways(upper: np.ndarray) -> np.ndarray:
    """(..., V, V) filled for a <= b only, as a symmetric array."""
    return upper + np.swapaxes(np.triu(upper, 1), -1, -2)
