"""Cosine of a sentence with its translation, against the cosine of any two sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures import nulls
from dlfa_core.measures.intervals import jackknife_weights
from dlfa_core.measures.scores import ViewScores
from dlfa_core.measures.views import centred, check_pair, check_rows, nonzero_norms


def cosine_parallel(x: ArrayLike, y: ArrayLike) -> float:
    """Mean cosine of row i of `x` with row i of `y`.

    Meaningless alone: sentence vectors of an encoder lie in a narrow cone, so that any two have a high
    cosine. Read it beside `cosine_random`, or read `cosine_gap`.

    Args:
        x: (n, d), any float dtype; row i describes the same sentence as row i of `y`.
        y: (n, d).

    Returns:
        A score in [-1, 1]; unchanged by scaling.

    Raises:
        ValueError: shapes differ, fewer than 2 rows, a value is not finite, a row is zero, or all rows are
            equal.
    """
    return float(_pair(x, y, "cosine_parallel")[0])


def cosine_random(x: ArrayLike, y: ArrayLike) -> float:
    """Mean cosine of row i of `x` with row j of `y` over all i != j: the anisotropy of the layer.

    Args, returns and raises are those of `cosine_parallel`.

    Reference: Ethayarajh (2019), How Contextual are Contextualized Word Representations?
    """
    return float(_pair(x, y, "cosine_random")[1])


def cosine_gap(x: ArrayLike, y: ArrayLike) -> float:
    """`cosine_parallel` minus `cosine_random`: how much closer a translation is than any other sentence.

    Args and raises are those of `cosine_parallel`.

    Returns:
        A score in [-2, 2], 0 on average over shuffled pairings; unchanged by scaling.

    Reference: Del and Fishel (2021), Establishing Interlingua in Multilingual Language Models.
    """
    parallel, random = _pair(x, y, "cosine_gap")
    return float(parallel - random)


def compare(views: np.ndarray, weights: np.ndarray, settings: Sequence[Mapping[str, Any]]) -> list[ViewScores]:
    """Parallel and random cosine, or their gap, between every two of the views, (V, n, d).

    Intervals come from a jackknife over groups, unless there are no weights (R, n); random pairs are pairs of
    distinct sentences. Each setting names the `kind`: "parallel", "random" or "gap".
    """
    n = views.shape[1]
    check_rows("cosine", n, 2)
    units = views / nonzero_norms("cosine", views)[..., None]
    diagonal = np.stack([np.einsum("nd,vnd->vn", unit, units) for unit in units])  # (V, V, n)
    values = _parallel_and_random(units, diagonal, np.ones((1, n)))
    replicates = _parallel_and_random(units, diagonal, jackknife_weights(n) if len(weights) else weights)
    overall = units.mean(axis=1) @ units.mean(axis=1).T
    sd = nulls.inner_product_sd(centred(units)) / n
    null = {
        "parallel": (overall, sd),
        "random": (overall, sd / (n - 1)),
        "gap": (0 * overall, sd * n / (n - 1)),
    }

    def scores(kind: str) -> ViewScores:
        return ViewScores(_of_kind(kind, *values)[0], _of_kind(kind, *replicates), *null[kind])

    return [scores(setting["kind"]) for setting in settings]


def _of_kind(kind: str, parallel: np.ndarray, random: np.ndarray) -> np.ndarray:
    return {"parallel": parallel, "random": random, "gap": parallel - random}[kind]


def _parallel_and_random(units: np.ndarray, diagonal: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean cosines of views with unit rows, (V, n, d), under every row of weights, each (R, V, V).

    The sum over all i, j is the inner product of two weighted sums of rows, so no (n, n) matrix is needed.
    """
    total, squares = (np.sum(weights**power, axis=1)[:, None, None] for power in (1, 2))
    sums = np.swapaxes(weights @ units, 0, 1)  # (R, V, d)
    parallel = np.einsum("rn,abn->rab", weights, diagonal, optimize=True)
    same = np.einsum("rn,abn->rab", weights**2, diagonal, optimize=True)
    return parallel / total, (sums @ sums.swapaxes(1, 2) - same) / (total**2 - squares)


def _pair(x: ArrayLike, y: ArrayLike, measure: str) -> tuple[float, float]:
    views = check_pair(measure, x, y, same_width=True)
    left, right = (view / nonzero_norms(measure, view)[:, None] for view in views)
    n, parallel = len(left), np.vdot(left, right)
    return parallel / n, (left.sum(axis=0) @ right.sum(axis=0) - parallel) / (n * (n - 1))
