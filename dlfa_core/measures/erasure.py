"""Faithfulness by erasing words: does the answer hang on the words that a ranking puts first?

Comprehensiveness is how much the probability of the answer falls without the first words; sufficiency, how much it
falls with the first words alone. A faithful ranking has a high comprehensiveness and a low sufficiency, compared with
random rankings of the same words: erasing anything moves a model.

Reference: DeYoung et al. (2020), ERASER: A Benchmark to Evaluate Rationalized NLP Models.
"""

import numpy as np
from numpy.typing import ArrayLike

SHARES = (0.1, 0.2, 0.5)  # of the words


def first_words(scores: ArrayLike, share: float) -> np.ndarray:
    """Return which words a ranking puts first.

    Args:
        scores: (..., n_words), larger is earlier; of equal ones the first in the text.
        share: of the words, in (0, 1]; rounded up, so that at least one is taken.

    Returns:
        bool (..., n_words).

    Raises:
        ValueError: no words, a score that is no number, or a share outside (0, 1].
    """
    scores = np.asarray(scores, dtype=np.float64)
    if not scores.shape[-1] or np.isnan(scores).any():
        raise ValueError("A ranking needs at least one word and a score for each: leave out words that were not read.")
    if not 0 < share <= 1:
        raise ValueError(f"share={share} of the words cannot be taken: use a number above 0, at most 1.")
    count = int(np.ceil(share * scores.shape[-1] - 1e-9))
    order = np.argsort(-scores, axis=-1, kind="stable")
    chosen = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(chosen, order[..., :count], True, axis=-1)
    return chosen


def erasures(scores: ArrayLike, draws: int, seed: int = 0, shares: tuple[float, ...] = SHARES) -> np.ndarray:
    """Choose which words are kept to measure the faithfulness of rankings, and of random ones beside them.

    Args:
        scores: (k, n_words) of k rankings.
        draws: random rankings, the same for all k.
        seed: of these.
        shares: of the words.

    Returns:
        bool (2, shares, k + draws, n_words): first without the first words, then with them alone.
    """
    scores = np.asarray(scores, dtype=np.float64)
    rng = np.random.default_rng([seed, scores.shape[1]])
    rankings = np.vstack([scores, rng.random((draws, scores.shape[1]))])
    first = np.stack([first_words(rankings, share) for share in shares])
    return np.stack([~first, first])


def probability_drops(whole: ArrayLike, erased: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Measure how much the probability of the answer falls, with each ranking and on average with random ones.

    Args:
        whole: (k,) probability of each of k systems' answers, for the whole text.
        erased: (2, shares, k + draws, k): of every variant of `erasures`, by every system.

    Returns:
        own (2, shares, k) and random (2, shares, k); first comprehensiveness, then sufficiency. Random ones are NaN
        without draws.
    """
    whole, erased = np.asarray(whole, dtype=np.float64), np.asarray(erased, dtype=np.float64)
    k = len(whole)
    fallen = whole - erased
    own = np.diagonal(fallen[:, :, :k], axis1=2, axis2=3)
    drawn = fallen[:, :, k:]
    return own, drawn.mean(2) if drawn.shape[2] else np.full(own.shape, np.nan)
