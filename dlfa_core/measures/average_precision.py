"""Retrieval from a pool: how high do the right candidates rank, and in which languages are those above them?

A query may have several right candidates, and the pool candidates in several groups, such as languages. The candidates
above each right one are counted by group once (`rank_answers`); from these counts follow the scores of every part of
the pool: all of it, one language, or all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures.views import as_floats, check_values, nonzero_norms

POOL_SCORES = ("cosine", "centred", "csls")
DEPTH = 20  # candidates that XTREME-R looks at
NEIGHBOURS = 10  # of CSLS, as in MUSE
BLOCK = 1 << 24  # scores at a time
DIGITS = 12  # of a score that count: equal texts tie, although products of matrices differ beyond


@dataclass(frozen=True, eq=False)
class AnswerRanks:
    """Where the m right candidates of n queries rank in a pool of G groups.

    Attributes:
        query: int (m,), the query of each right candidate, ascending.
        group: int (m,), the group of each right candidate.
        above: int (m, G), how many candidates of each group rank higher.
        right_above: int (m, G), how many of them are right, too.
        found: int (n, G), the groups of the `depth` best candidates of each query.
        sizes: int (G,), candidates of each group.
        depth: as for `rank_answers`; that of the pool where it was 0 or more.
    """

    query: np.ndarray
    group: np.ndarray
    above: np.ndarray
    right_above: np.ndarray
    found: np.ndarray
    sizes: np.ndarray
    depth: int

    def right(self, kept: np.ndarray | None = None) -> np.ndarray:
        """How many right candidates each query has in its part of the pool, (n,); `kept` as for `average_precision`."""
        return np.bincount(self.query, self._is_kept(kept), minlength=len(self.found)).astype(np.int64)

    def _is_kept(self, kept: np.ndarray | None) -> np.ndarray:
        """bool (m,)."""
        return np.ones(len(self.query), dtype=bool) if kept is None else kept[self.query, self.group]


def rank_answers(
    queries: ArrayLike,
    candidates: ArrayLike,
    right: Sequence[Sequence[int]],
    groups: ArrayLike,
    query_groups: ArrayLike,
    score: str = "cosine",
    depth: int = DEPTH,
) -> AnswerRanks:
    """Rank all candidates for every query. Equal scores are ranked by position.

    Args:
        queries: (n, d).
        candidates: (N, d).
        right: the numbers of each query's right candidates, at least one each.
        groups: int (N,), the group of each candidate, from 0.
        query_groups: int (n,), the group of each query, numbered as those of candidates are.
        score: "cosine"; "centred", cosine after the mean of each group is subtracted, of queries and of candidates;
            "csls", twice the cosine minus the candidate's mean cosine to the 10 queries that are nearest to it.
        depth: how many candidates to look at; 0 for all.

    Raises:
        ValueError: unknown score, shapes that do not fit, a value that is not finite, a zero row, equal rows only, a
            query without a right candidate, or with "centred" a group of one row on one side.

    Reference: Roy et al. (2020), LAReQA; Ruder et al. (2021), XTREME-R; Conneau et al. (2018) for CSLS.
    """
    x, y = as_floats(queries), as_floats(candidates)
    groups, query_groups = np.asarray(groups, dtype=np.int64), np.asarray(query_groups, dtype=np.int64)
    _check(x, y, right, groups, query_groups, score, depth)
    if score == "centred":
        x, y = _centred(x, query_groups, "queries"), _centred(y, groups, "candidates")
    x, y = (side / nonzero_norms("rank_answers", side)[:, None] for side in (x, y))
    lowered = _nearness(y, x) / 2 if score == "csls" else np.zeros(len(y))
    n_groups = int(max(groups.max(), query_groups.max())) + 1
    member = (groups[:, None] == np.arange(n_groups)).astype(np.float32)
    depth = min(depth or len(y), len(y))
    found = np.zeros((len(x), n_groups), dtype=np.int64)
    rows: list[tuple[np.ndarray, ...]] = []
    size = max(1, BLOCK // len(y))
    for start in range(0, len(x), size):
        scores = np.round(x[start : start + size] @ y.T - lowered, DIGITS)
        for own, number in zip(scores, range(start, start + size), strict=False):
            answers = np.unique(np.asarray(right[number], dtype=np.int64))
            higher = _higher(own, answers)
            above = np.rint(higher.astype(np.float32) @ member)
            right_above = higher[:, answers].astype(np.float32) @ member[answers]
            rows.append((np.full(len(answers), number), groups[answers], above, right_above))
            found[number] = np.bincount(groups[_best(own, depth)], minlength=n_groups)
    query, group, above, right_above = (np.concatenate(column).astype(np.int64) for column in zip(*rows, strict=True))
    return AnswerRanks(query, group, above, right_above, found, np.bincount(groups, minlength=n_groups), depth)


def average_precision(ranks: AnswerRanks, kept: np.ndarray | None = None) -> np.ndarray:
    """Average precision at `ranks.depth` of each query; their mean is mAP@k.

    The precision at the rank of every right candidate among the k best, summed and divided by the right candidates
    that could be there, k at most. With one right candidate it is 1 / its rank, or 0 beyond k, as XTREME-R scores
    Mewsli-X; with k as large as the pool it is the average precision of LAReQA and scikit-learn.

    Args:
        ranks: of `rank_answers`.
        kept: bool (n, G), the groups that are each query's pool; None for all.

    Returns:
        (n,) in [0, 1]; NaN where no right candidate is in the pool.
    """
    within, mine = ranks._is_kept(kept), slice(None) if kept is None else kept[ranks.query]
    place, order = (1 + (above * (1 if kept is None else mine)).sum(1) for above in (ranks.above, ranks.right_above))
    gains = np.where(within & (place <= ranks.depth), order / place, 0.0)
    total, n_right = np.bincount(ranks.query, gains, minlength=len(ranks.found)), ranks.right(kept)
    return np.where(n_right > 0, total / np.maximum(np.minimum(n_right, ranks.depth), 1), np.nan)


def reciprocal_ranks(ranks: AnswerRanks) -> np.ndarray:
    """(m,) the average precision of each right candidate as if it were the only one: others are out of the pool.

    So LAReQA asks for the answer in one language from a pool in all.
    """
    place = 1 + (ranks.above - ranks.right_above).sum(1)
    return np.where(place <= ranks.depth, 1 / place, 0.0)


@lru_cache(maxsize=4096)
def random_average_precision(n: int, n_right: int, depth: int) -> tuple[float, float]:
    """Mean and standard deviation of a query's average precision at `depth` over all orders of a pool. Exact.

    The number of right candidates before a place is hypergeometric, so products of precisions follow from its factorial
    moments.

    Args:
        n: candidates in the pool.
        n_right: right ones among them, 1 to n.
        depth: how many are looked at; 0 for all.

    Raises:
        ValueError: no right candidate, or more than there are candidates.
    """
    if not 1 <= n_right <= n:
        raise ValueError(f"A pool of {n} candidates cannot hold {n_right} right ones: give 1 to {n}.")
    depth = min(depth or n, n)
    places = np.arange(1, depth + 1, dtype=np.float64)
    most = min(n_right, depth)
    first, second = _drawn_without(n - 1, n_right - 1)
    mean = n_right / n * ((1 + (places - 1) * first) / places).sum() / most
    before = 1 + 3 * (places - 1) * first + (places - 1) * (places - 2) * second
    square = n_right / n * (before / places**2).sum()
    if n > 1 and n_right > 1:  # both of two places i < j hold right ones
        one, two = _drawn_without(n - 2, n_right - 2)
        base = 2 + 4 * (places - 1) * one + (places - 1) * (places - 2) * two
        rise = one + (places - 1) * two  # for each place between i and j
        fixed, moving = (base - (places + 1) * rise) / places, rise / places
        sums = np.cumsum(fixed)[:-1] / places[1:] + np.cumsum(moving)[:-1]
        square += 2 * n_right * (n_right - 1) / (n * (n - 1)) * sums.sum()
    return float(mean), float(np.sqrt(max(square / most**2 - mean**2, 0.0)))


def _drawn_without(n: int, n_right: int) -> tuple[float, float]:
    """The chances that one place, and that two, of n hold right candidates."""
    one = n_right / n if n > 0 else 0.0
    return one, one * (n_right - 1) / (n - 1) if n > 1 else 0.0


def _higher(scores: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """bool (answers, N): the candidates that rank above each of the answers."""
    own = scores[answers][:, None]
    return (scores > own) | ((scores == own) & (np.arange(len(scores)) < answers[:, None]))


def _best(scores: np.ndarray, k: int) -> np.ndarray:
    """The numbers of the k largest of (N,) scores, of equal ones the first, in any order."""
    if k >= len(scores):
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - k)[len(scores) - k]
    above = np.flatnonzero(scores > least)
    return np.concatenate([above, np.flatnonzero(scores == least)[: k - len(above)]])


def _nearness(candidates: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """(N,) mean cosine of every candidate to the `NEIGHBOURS` queries that are nearest to it."""
    k, size = min(NEIGHBOURS, len(queries)), max(1, BLOCK // len(queries))
    parts = []
    for start in range(0, len(candidates), size):
        cosines = candidates[start : start + size] @ queries.T
        parts.append(np.partition(cosines, len(queries) - k, axis=1)[:, len(queries) - k :].mean(axis=1))
    return np.concatenate(parts)


def _centred(rows: np.ndarray, groups: np.ndarray, side: str) -> np.ndarray:
    found = np.empty_like(rows)
    for group in np.unique(groups):
        own = groups == group
        if own.sum() < 2:
            raise ValueError(
                f"Centred retrieval subtracts the mean of each language, but group {group} of the {side} has one row: "
                'leave it out, or use score="cosine".'
            )
        found[own] = rows[own] - rows[own].mean(axis=0)
    return found


def _check(
    x: np.ndarray,
    y: np.ndarray,
    right: Sequence[Sequence[int]],
    groups: np.ndarray,
    query_groups: np.ndarray,
    score: str,
    depth: int,
) -> None:
    if score not in POOL_SCORES:
        raise ValueError(f"Unknown retrieval score {score!r}: choose one of {', '.join(POOL_SCORES)}.")
    if depth < 0:
        raise ValueError(f"depth={depth} looks at no candidates: give 1 or more, or 0 for all.")
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            f"rank_answers compares rows of one width, but queries are {x.shape} and candidates {y.shape}: pass "
            "vectors of one layer as (n, neurons)."
        )
    if not (len(right) == len(query_groups) == len(x) and len(groups) == len(y)):
        raise ValueError(
            f"There are {len(x)} queries with {len(right)} lists of right candidates and {len(query_groups)} groups, "
            f"and {len(y)} candidates with {len(groups)} groups: give one of each."
        )
    check_values("rank_answers", "queries", x)
    check_values("rank_answers", "candidates", y)
    for row, answers in enumerate(right):
        if not len(answers) or min(answers) < 0 or max(answers) >= len(y):
            raise ValueError(
                f"Query {row} has the right candidates {list(answers)} of {len(y)}: give at least one, from 0 to "
                f"{len(y) - 1}."
            )
