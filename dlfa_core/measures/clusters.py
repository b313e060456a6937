"""Statistics over items that come in sentences: words, and pairs of words.

Words of one sentence are not independent, so the sentences are drawn anew and not the words. As everywhere here, a
resample is a row of weights over sentences (`bootstrap_weights`), the same for every language and model, so that
differences and means over them are joint statements.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures.intervals import Method, interval


@dataclass(frozen=True, eq=False)
class Estimate:
    """A statistic with what it becomes on every resample of the sentences.

    Attributes:
        values: (...,) NaN where nothing can be said.
        replicates: (R, ...); a resample in which nothing can be said has NaN.
        n: number of sentences, where the statistic is a share of items; 0 for all else.
    """

    values: np.ndarray
    replicates: np.ndarray
    n: int = 0

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """(low, high), each (...,): NaN where fewer than half of the resamples say anything.

        A share of 0 or 1 is the same in every resample. Its interval is Agresti and Coull's over sentences, as if the
        items of one all went together, and so not too narrow.
        """
        low, high = np.full(self.values.shape, np.nan), np.full(self.values.shape, np.nan)
        if len(self.replicates) < 2:
            return low, high
        for index in np.ndindex(self.values.shape):
            own = self.replicates[(slice(None), *index)]
            own = own[np.isfinite(own)]
            if np.isfinite(self.values[index]) and len(own) >= max(2, len(self.replicates) / 2):
                method: Method = "share" if self.n and self.values[index] in (0, 1) else "bootstrap"
                low[index], high[index] = interval(self.values[index], own, method, level, self.n)
        return low, high

    def __sub__(self, other: "Estimate") -> "Estimate":
        """The difference, resample by resample; both must come from the same weights."""
        return Estimate(self.values - other.values, self.replicates - other.replicates)


def clustered_mean(values: ArrayLike, sentences: ArrayLike, weights: ArrayLike) -> Estimate:
    """The mean of items.

    Args:
        values: (..., m) numbers of m items.
        sentences: (m,) the number of the sentence of each, 0 to n - 1.
        weights: (R, n) how often each sentence is drawn in each resample.
    """
    values, sentences, weights = _checked(values, sentences, weights)
    sums, counts = _by_sentence(values, sentences, weights.shape[1])
    return Estimate(_ratio(values.sum(-1), len(sentences)), _ratio(_drawn(sums, weights), _drawn(counts, weights)))


def clustered_share(hits: ArrayLike, sentences: ArrayLike, weights: ArrayLike) -> Estimate:
    """The share of items that hit, in [0, 1]; as `clustered_mean`, with an interval where all hit or none does.

    Args:
        hits: bool (..., m).
        sentences, weights: as for `clustered_mean`.
    """
    return replace(clustered_mean(hits, sentences, weights), n=len(np.unique(np.asarray(sentences))))


def clustered_correlation(x: ArrayLike, y: ArrayLike, sentences: ArrayLike, weights: ArrayLike) -> Estimate:
    """Pearson's correlation over items, in [-1, 1]; NaN where one side does not vary.

    Args:
        x, y: (..., m) two numbers of each item.
        sentences, weights: as for `clustered_mean`.
    """
    x, sentences, weights = _checked(x, sentences, weights)
    y = np.asarray(y, dtype=np.float64)
    x = x - x.mean(-1, keepdims=True) if x.shape[-1] else x  # no digits are lost to large means
    y = y - y.mean(-1, keepdims=True) if y.shape[-1] else y
    parts = [_by_sentence(each, sentences, weights.shape[1])[0] for each in (x, y, x * x, y * y, x * y)]
    counts = np.bincount(sentences, minlength=weights.shape[1]).astype(np.float64)
    replicates = _correlation(_drawn(counts, weights), *(_drawn(part, weights) for part in parts))
    return Estimate(_correlation(float(len(sentences)), *(part.sum(-1) for part in parts)), replicates)


def clustered_superiority(values: ArrayLike, upper: ArrayLike, sentences: ArrayLike, weights: ArrayLike) -> Estimate:
    """Measure how often an item of one group has a larger number than one of the other: the area under the ROC curve.

    Blind to whatever shifts or stretches all numbers alike. 0.5 is chance; ties count half; NaN where a group is empty.

    Args:
        values: (..., m) numbers of m items.
        upper: bool (m,), true for the group that should have the larger ones.
        sentences, weights: as for `clustered_mean`.

    Reference: Mann and Whitney (1947), On a Test of Whether one of Two Random Variables is Stochastically Larger than
    the Other.
    """
    values, sentences, weights = _checked(values, sentences, weights)
    upper = np.asarray(upper, dtype=bool)
    drawn = np.vstack([np.ones(weights.shape[1]), weights])[:, sentences].astype(np.float64)  # first, everything once
    found = np.full((len(drawn), *values.shape[:-1]), np.nan)
    for index in np.ndindex(values.shape[:-1]):
        found[(slice(None), *index)] = _superiority(values[index], upper, drawn)
    return Estimate(found[0], found[1:])


def _superiority(values: np.ndarray, upper: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """(R,) of (m,) numbers, drawn (R, m) times."""
    _, rank = np.unique(values, return_inverse=True)
    n_ranks = int(rank.max(initial=-1)) + 1
    order = np.argsort(rank, kind="stable")
    starts = np.searchsorted(rank[order], np.arange(n_ranks))
    if not n_ranks:
        return np.full(len(drawn), np.nan)
    above, below = (np.add.reduceat(np.where(group, drawn, 0)[:, order], starts, axis=1) for group in (upper, ~upper))
    beaten = np.cumsum(below, axis=1) - below / 2  # of the other group: all that are smaller, and half of the ties
    with np.errstate(invalid="ignore", divide="ignore"):
        return (above * beaten).sum(1) / (above.sum(1) * below.sum(1))


def _checked(values: ArrayLike, sentences: ArrayLike, weights: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values, weights = np.asarray(values, dtype=np.float64), np.asarray(weights)
    sentences = np.asarray(sentences, dtype=np.int64)
    if values.shape[-1:] != sentences.shape:
        raise ValueError(
            f"{values.shape[-1]} items but sentence numbers of {len(sentences)}: give one number for each item."
        )
    if len(sentences) and not 0 <= sentences.min() <= sentences.max() < weights.shape[1]:
        raise ValueError(
            f"Sentence numbers reach from {sentences.min()} to {sentences.max()} but the weights are of "
            f"{weights.shape[1]} sentences: number them from 0."
        )
    return values, sentences, weights


def _by_sentence(values: np.ndarray, sentences: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(..., n) sums, and (n,) counts."""
    sums = np.zeros((*values.shape[:-1], n))
    for index in np.ndindex(values.shape[:-1]):
        sums[index] = np.bincount(sentences, values[index], minlength=n)
    return sums, np.bincount(sentences, minlength=n).astype(np.float64)


def _drawn(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(R, ...) sums over resamples, of (..., n) sums by sentence."""
    return np.moveaxis(sums @ weights.T.astype(np.float64), -1, 0)


def _ratio(numerator: np.ndarray, denominator: np.ndarray | float) -> np.ndarray:
    denominator = np.asarray(denominator, dtype=np.float64)
    denominator = denominator.reshape(denominator.shape + (1,) * (np.ndim(numerator) - denominator.ndim))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def _correlation(
    count: np.ndarray | float, x: np.ndarray, y: np.ndarray, xx: np.ndarray, yy: np.ndarray, xy: np.ndarray
) -> np.ndarray:
    """Of sums; first axis resamples where there are any."""
    count = np.asarray(count, dtype=np.float64)
    count = count.reshape(count.shape + (1,) * (np.ndim(x) - count.ndim))
    with np.errstate(invalid="ignore", divide="ignore"):
        spread_x, spread_y = xx - x * x / count, yy - y * y / count
        flat = (spread_x <= 1e-12 * np.abs(xx)) | (spread_y <= 1e-12 * np.abs(yy)) | (count < 2)
        found = (xy - x * y / count) / np.sqrt(np.where(flat, np.nan, spread_x * spread_y))
    return np.clip(found, -1.0, 1.0)
