"""Many measures between every two languages of a layer at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures.registry import Measure, measure
from dlfa_core.measures.scores import PairScores, ViewScores
from dlfa_core.measures.views import check_stack, check_weights


def compare_all(views: ArrayLike, measures: Sequence[str], weights: ArrayLike | None = None) -> dict[str, PairScores]:
    """Every measure between every two views, with replicates for intervals and the moments of its null.

    Row i of every view describes the same sentence. Measures of one kind share their matrix products, and all
    pairs share the same resamples, so that replicates may be averaged over pairs.

    Args:
        views: (V, n, d), V languages at one layer.
        measures: names in `MEASURES`, retrieval with an optional @k.
        weights: (R, n), from `bootstrap_weights`; None for no replicates, jackknife ones included. Retrieval takes
            all of them, canonical correlations the first 20, the others a jackknife of their own.

    Returns:
        Scores by name, in the order asked for. Pairs are (a, b) with a < b, for measures that are not
        symmetric followed by (b, a).

    Raises:
        ValueError: unknown measure, or views or weights that a measure cannot use.
    """
    views = check_stack(views)
    weights = check_weights(weights, views.shape[1])
    chosen = {name: measure(name) for name in measures}
    found: dict[str, PairScores] = {}
    for compare in dict.fromkeys(each.compare for each in chosen.values()):
        kind = [each for each in chosen.values() if each.compare is compare]
        scores = compare(views, weights, [each.settings for each in kind])
        found |= {each.name: _pick(each, score, views.shape[1]) for each, score in zip(kind, scores, strict=True)}
    return {name: found[name] for name in chosen}


def _pick(which: Measure, scores: ViewScores, n: int) -> PairScores:
    """The pairs of views that a measure is reported for."""
    pairs = np.argwhere(np.triu(np.ones(scores.values.shape, dtype=bool), 1))
    if not which.symmetric:
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
    a, b = pairs.T
    return PairScores(
        which.name,
        pairs,
        scores.values[a, b],
        scores.replicates[:, a, b],
        scores.method,
        scores.null_mean[a, b],
        scores.null_sd[a, b],
        n,
        which.range,
    )
