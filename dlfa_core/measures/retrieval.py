"""Translation retrieval: is the nearest sentence of the other language the translation?

Five scores rank the candidates. All are symmetric, so one score matrix serves both directions of a language
pair.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures import nulls
from dlfa_core.measures.scores import ViewScores
from dlfa_core.measures.threads import share_out
from dlfa_core.measures.views import check_pair, check_rows, nonzero_norms

SCORES = ("cosine", "centred", "shifted", "csls", "margin")
NEIGHBOURS = {"csls": 10, "margin": 4}  # as in MUSE and in XTREME
BLOCK = 128


def retrieval_accuracy(x: ArrayLike, y: ArrayLike, score: str = "cosine", k: int = 1) -> float:
    """Share of sentences whose translation is among the k best of all candidates.

    Row i of `x`, the query, and row i of `y`, a candidate, describe the same sentence. Equal scores are
    ranked by position, so that a collapsed encoder scores k / n, not 1.

    Args:
        x: queries (n, d), any float dtype.
        y: candidates (n, d).
        score: "cosine"; "centred", cosine after each language's mean is subtracted; "shifted", minus the
            Euclidean distance after the queries are moved by the difference of the means; "csls", twice the
            cosine minus both sides' mean cosine to their 10 nearest; "margin", cosine divided by the mean of
            both sides' mean cosine to their 4 nearest (where that mean is not positive a ratio says nothing,
            and the difference counts).
        k: how many candidates to look at, 1 to n.

    Returns:
        A share in [0, 1]; k / n for unrelated sets.

    Raises:
        ValueError: shapes differ, a value is not finite, a row is zero (for "centred": after centring), all
            rows of one set are equal, unknown score, or k is not between 1 and n.

    Reference: Libovicky, Rosa and Fraser (2020) for centred; Pires, Schlinger and Garrette (2019) for
    shifted; Conneau et al. (2018) for CSLS; Artetxe and Schwenk (2019) for the ratio margin.
    """
    x, y = check_pair("retrieval_accuracy", x, y, same_width=True)
    check_setting(score, k, len(x))
    table = _Table(len(x), np.float64)
    table.load(_Side.of(x), _Side.of(y))
    ranked, _ = _best(table.scores(score), k)
    return float((ranked == np.arange(len(x))[:, None]).any(axis=1).mean())


def check_setting(score: str, k: int, n: int) -> None:
    """Raises ValueError if a score is unknown or k is not between 1 and n."""
    if score not in SCORES:
        raise ValueError(f"Unknown retrieval score {score!r}: choose one of {', '.join(SCORES)}.")
    if not 1 <= k <= n:
        raise ValueError(f"retrieval looks at the k best of {n} candidates, but k is {k}: choose k from 1 to {n}.")


def compare(views: np.ndarray, weights: np.ndarray, settings: Sequence[Mapping[str, Any]]) -> list[ViewScores]:
    """`retrieval_accuracy` between every two of the views, (V, n, d), both ways, once for each of the
    settings.

    One product of matrices per pair serves all scores and both directions. It is done in float32 on centred
    vectors, and cosines are kept as their distance from 1, so that nothing is lost in layers where every
    cosine is close to 1. A resample, a row of weights (R, n), draws sentences, which are queries and candidates: see
    `_moves`. Each thread holds four or five (n, n) float32 matrices.
    """
    n_views, n, _ = views.shape
    check_rows("retrieval", n, 2)
    deepest: dict[str, int] = defaultdict(int)  # the largest k asked for of each score
    for setting in settings:
        check_setting(setting["score"], setting.get("k", 1), n)
        deepest[setting["score"]] = max(deepest[setting["score"]], setting.get("k", 1))
    sides = [_Side.of(view, dtype=np.float32) for view in views]
    kept = {score: min(k + 1, n) for score, k in deepest.items()}  # one more: who would move up if one were not there
    ranked = {score: np.tile(np.arange(k), (n_views, n_views, n, 1)) for score, k in kept.items()}

    def rank(pairs: Sequence[tuple[int, int]]) -> None:
        table = _Table(n, np.float32)
        for a, b in pairs:
            table.load(sides[a], sides[b])
            for score, k in kept.items():
                ranked[score][a, b], _ = _best(table.scores(score), k)
                ranked[score][b, a], _ = _best(table.turned(), k)

    share_out(rank, list(combinations(range(n_views), 2)))
    return [_summary(ranked[setting["score"]], setting.get("k", 1), weights) for setting in settings]


def _summary(ranked: np.ndarray, k: int, weights: np.ndarray) -> ViewScores:
    """Accuracies at k from the best candidates of every query, (V, V, n, k + 1); (V, V, n, k) where k = n."""
    n_views, _, n, _ = ranked.shape
    best = ranked[..., :k]
    hits = (best == np.arange(n)[:, None]).any(axis=-1).astype(np.float64)
    chosen = np.stack([np.bincount(own.ravel(), minlength=n) for own in best.reshape(-1, n, k)])
    # C[i, j] = 1 where j is among the k best of i: row sums are k, column sums say how often j is chosen
    centred_squares = n * k - k**2 - (chosen**2).sum(axis=1) / n + k**2
    null_sd = nulls.matching_sd(centred_squares, n).reshape(n_views, n_views) / n
    accuracy = hits.mean(axis=-1)
    shares = weights / weights.sum(axis=1, keepdims=True) - 1 / n
    replicates = accuracy + np.einsum("rn,abn->rab", shares, _moves(ranked, k, hits), optimize=True)
    return ViewScores(accuracy, replicates, np.full((n_views, n_views), k / n), null_sd, "share")


def _moves(ranked: np.ndarray, k: int, hits: np.ndarray) -> np.ndarray:
    """How many hits each sentence makes, (V, V, n): its own, less those that it alone prevents as a candidate.

    A resample of queries alone would hold the hubs fixed, which are the same in all pairs of a language: a mean over
    pairs would then seem surer than it is. Efron and Stein (1981) show that the variance of what each sentence changes
    is, on average, not too small.
    """
    moves = hits.copy()
    if ranked.shape[-1] > k:
        n = hits.shape[-1]
        first_left_out = ranked[..., k] == np.arange(n)
        for a, b in np.ndindex(hits.shape[:2]):
            moves[a, b] -= np.bincount(ranked[a, b, first_left_out[a, b], :k].ravel(), minlength=n)
    return moves


@dataclass(frozen=True, eq=False)
class _Side:
    """One view, split into its mean and what is left."""

    spread: np.ndarray  # (n, d), (row - mean) / |row|, in the dtype of the matrix products
    mean: np.ndarray  # (d,)
    norms: np.ndarray  # (n,), |row|
    spread_norms: np.ndarray  # (n,), |row - mean| / |row|

    @classmethod
    def of(cls, view: np.ndarray, dtype: type = np.float64) -> "_Side":
        norms, mean = nonzero_norms("retrieval", view), view.mean(axis=0)
        spread = (view - mean) / norms[:, None]
        return cls(spread.astype(dtype), mean, norms, np.sqrt(np.square(spread).sum(axis=1)))


class _Table:
    """Scores of every sentence of one view against every sentence of another, (n, n), for one pair at a time.

    The buffers serve one pair after the other: fresh (n, n) arrays cost more time than the arithmetic in
    them.
    """

    def __init__(self, n: int, dtype: type) -> None:
        buffers: np.ndarray = np.empty((4, n, n), dtype)
        self._products, self._excess, self._scores, self._turned = buffers

    def load(self, x: _Side, y: _Side) -> None:
        """Takes up a pair: inner products without the means, and cosine - 1 with them.

        What the means add has rank 3 and cancels against the 1, so it is computed in float64, in blocks of
        rows.
        """
        self._x, self._y = x, y
        np.matmul(x.spread, y.spread.T, out=self._products)
        by_query = x.spread @ y.mean + (x.mean @ y.mean) / x.norms
        left = np.stack([by_query, 1 / x.norms, np.ones(len(x.norms))], axis=1)
        right = np.stack([1 / y.norms, y.spread @ x.mean, -np.ones(len(y.norms))])
        for start in range(0, len(left), BLOCK):
            rows = slice(start, start + BLOCK)
            np.add(self._products[rows], left[rows] @ right, out=self._excess[rows], casting="same_kind")

    def scores(self, score: str) -> np.ndarray:
        """Return what ranks the candidates (columns) of every query (row); only the order within a row or column
        counts.

        Overwritten by the next call.
        """
        x, y, out = self._x, self._y, self._scores
        if score == "centred":
            _check_spread(x)
            _check_spread(y)
            return self._scaled(1 / x.spread_norms, 1 / y.spread_norms)
        if score == "shifted":  # (x + mean y - mean x) - y is the difference of the centred rows
            self._scaled(2 * x.norms, y.norms)
            return self._lowered(np.square(x.spread_norms * x.norms), np.square(y.spread_norms * y.norms))
        np.copyto(out, self._excess)
        if score == "cosine":
            return out
        near_x, near_y = _nearness(out, NEIGHBOURS[score]), _nearness(self.turned(), NEIGHBOURS[score])
        if score == "csls":
            out *= 2
            return self._lowered(near_x, near_y)
        means = self._turned
        np.add((1 + near_y / 2), near_x[:, None] / 2, out=means)
        np.maximum(means, 1e-6, out=means)
        self._lowered(near_x / 2, near_y / 2)
        out /= means  # cosine / mean cosine of the neighbours, minus 1
        return out

    def turned(self) -> np.ndarray:
        """The last scores with queries and candidates exchanged."""
        np.copyto(self._turned, self._scores.T)
        return self._turned

    def _scaled(self, by_row: np.ndarray, by_column: np.ndarray) -> np.ndarray:
        out = self._scores
        np.multiply(self._products, by_column.astype(out.dtype), out=out)
        out *= by_row.astype(out.dtype)[:, None]
        return out

    def _lowered(self, by_row: np.ndarray, by_column: np.ndarray) -> np.ndarray:
        out = self._scores
        out -= by_column.astype(out.dtype)
        out -= by_row.astype(out.dtype)[:, None]
        return out


def _nearness(scores: np.ndarray, k: int) -> np.ndarray:
    """Mean of the k largest values of every row (of all values if there are fewer), (n,)."""
    return _best(scores, min(k, scores.shape[1]))[1].mean(axis=1)


def _best(scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns and values of the k largest entries of every row, best first, each (n, k).

    Taking the maximum k times, and putting all back, is several times faster than a partition for the small k
    in use.
    """
    rows = np.arange(len(scores))
    columns = np.empty((len(scores), k), dtype=np.intp)
    values = np.empty((len(scores), k), dtype=scores.dtype)
    for index in range(k):
        columns[:, index] = scores.argmax(axis=1)
        values[:, index] = scores[rows, columns[:, index]]
        scores[rows, columns[:, index]] = -np.inf
    scores[rows[:, None], columns] = values
    return columns, values


def _check_spread(side: _Side) -> None:
    if not side.spread_norms.all():
        row = int(np.argmin(side.spread_norms))
        raise ValueError(
            f"Centred retrieval compares directions from the mean, but row {row} equals the mean of its "
            'language: drop that sentence, or use score="cosine".'
        )
