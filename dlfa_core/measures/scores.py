"""What a comparison of several views returns."""

from dataclasses import dataclass

import numpy as np

from dlfa_core.measures.intervals import Method, interval


@dataclass(frozen=True, eq=False)
class ViewScores:
    """One measure between every two of V views: [a, b] compares a with b, the diagonal is unused."""

    values: np.ndarray  # (V, V)
    replicates: np.ndarray  # (n_replicates, V, V)
    null_mean: np.ndarray  # (V, V), over shuffled pairings
    null_sd: np.ndarray  # (V, V)
    method: Method = "jackknife"


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
    n: int  # sentences
    range: tuple[float, float]  # which no interval leaves

    def intervals(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """low, high of every pair, each (n_pairs,); NaN without replicates."""
        return self._within_range(self.values, self.replicates, level)

    def mean_interval(self, level: float = 0.95) -> tuple[float, float]:
        """low, high of the mean over pairs; NaN without replicates."""
        low, high = self._within_range(self.values.mean(), self.replicates.mean(axis=1), level)
        return float(low), float(high)

    def _within_range(self, values: np.ndarray, replicates: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        if len(replicates) < 2:
            return np.full_like(values, np.nan), np.full_like(values, np.nan)
        low, high = interval(values, replicates, self.method, level, self.n)
        # a value may lie beyond its range by a rounding error, and an interval holds its value
        return np.minimum(np.maximum(low, self.range[0]), values), np.maximum(np.minimum(high, self.range[1]), values)


def both_ways(upper: np.ndarray) -> np.ndarray:
    """(..., V, V) filled for a <= b only, as a symmetric array."""
    return upper + np.swapaxes(np.triu(upper, 1), -1, -2)
