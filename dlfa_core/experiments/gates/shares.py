"""How much of what differs from word to word comes from the words, and how much from their sentences."""

from dataclasses import dataclass

import numpy as np

from dlfa_core.measures.intervals import bounds


@dataclass(frozen=True, eq=False)
class LogitSums:
    """Sums over the words of each of n sentences, from which shares of variance follow for any resample.

    Below, l are the local logits of a word and t those of both branches, a number for each dimension.
    """

    count: np.ndarray  # (n,) words
    local: np.ndarray  # (n, hidden) sums of l
    both: np.ndarray  # (n, hidden) sums of t
    product: np.ndarray  # (n,) sums of l * t over words and dimensions
    square: np.ndarray  # (n,) sums of t * t over words and dimensions

    @classmethod
    def empty(cls, n: int, hidden: int) -> "LogitSums":
        """No words yet."""
        return cls(np.zeros(n), np.zeros((n, hidden)), np.zeros((n, hidden)), np.zeros(n), np.zeros(n))

    def add(self, sentence: np.ndarray, local: np.ndarray, global_logits: np.ndarray) -> None:
        """Count words.

        Args:
            sentence: int (k,) the sentence of each word.
            local, global_logits: (k, hidden) what the two branches say of it.
        """
        local = local.astype(np.float64)
        both = local + global_logits
        np.add.at(self.count, sentence, 1)
        np.add.at(self.local, sentence, local)
        np.add.at(self.both, sentence, both)
        np.add.at(self.product, sentence, (local * both).sum(axis=1))
        np.add.at(self.square, sentence, (both * both).sum(axis=1))

    def local_share(self, weights: np.ndarray | None) -> tuple[float, float, float, int]:
        """The local branch's share of the variance of the logits over words, within dimensions.

        cov(l, t) / var(t), both summed over dimensions; with the global branch's share it adds up to 1. It lies
        outside [0, 1] where the branches pull against each other.

        Args:
            weights: (R, n) of the sentences; None leaves the interval out.

        Returns:
            value, ci_low, ci_high, n; NaN where all words have the same logits.
        """
        value = float(self._share(np.ones((1, len(self.count))))[0])
        n = int((self.count > 0).sum())
        return value, *bounds(value, np.empty(0) if weights is None else self._share(weights)), n

    def _share(self, weights: np.ndarray) -> np.ndarray:
        """(R,) for weights (R, n)."""
        count = np.maximum(weights @ self.count, 1)
        local, both = (weights @ sums / count[:, None] for sums in (self.local, self.both))
        covariance = weights @ self.product / count - (local * both).sum(axis=1)
        variance = weights @ self.square / count - (both * both).sum(axis=1)
        noise = 1e-9 * (weights @ self.square / count)  # below it, a difference of two equal numbers
        return np.divide(covariance, variance, out=np.full(len(count), np.nan), where=variance > noise)
