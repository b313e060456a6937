"""Vectors of how subwords are used: what stands before and after them.

Aligned sentences say what a subword means, and nothing about subwords that stand in every sentence: "the", "of", a
comma. Those are told apart by their neighbours. As neighbours are described by their meaning, which languages share, so
are the descriptions: "the" and "der" both stand before things.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from dlfa_core.data.pools import Pool

LEAST = 3  # neighbours in a language from which on they are believed
PRIOR = 2  # neighbours without meaning that every subword is given on top
ROUNDS = 2  # first neighbours are known by their meaning, then by their use as well


def usage_vectors(
    texts: Mapping[str, Sequence[Pool]], meanings: np.ndarray, dimensions: int, seed: int = 0
) -> np.ndarray:
    """Vectors of subwords from the mean vectors of their left and right neighbours.

    Each language's mean is taken away, so that a vector does not tell the language; a subword of several languages gets
    the mean of what it is there, weighted by the root of its counts. The principal components of that are returned.

    Args:
        texts: language -> its sentences as subword ids.
        meanings: (vocab_size, n) what the neighbours are known by, such as `meaning_vectors`.
        dimensions: length of a vector, at most 2 n.
        seed: of the randomised SVD.

    Returns:
        float64 (vocab_size, dimensions), of length 1; 0 for subwords that have fewer than `LEAST` neighbours in every
        language.
    """
    bigrams = {language: _bigrams(pools, len(meanings)) for language, pools in texts.items()}
    typical = np.median(np.linalg.norm(meanings, axis=1))
    known = meanings
    for _ in range(ROUNDS):
        usages = _one_round(bigrams, known, dimensions, seed)
        known = np.hstack([meanings, typical * usages])
    return usages


def _one_round(bigrams: Mapping[str, sparse.csr_array], known: np.ndarray, dimensions: int, seed: int) -> np.ndarray:
    total = np.zeros((len(known), 2 * known.shape[1]))
    for pairs in bigrams.values():
        counts = pairs.sum(0) + pairs.sum(1)
        subwords = np.flatnonzero(counts >= LEAST)
        if not len(subwords):
            continue
        sides = [side[subwords] @ known / (side[subwords].sum(1)[:, None] + PRIOR) for side in (pairs, pairs.T.tocsr())]
        found, weights = np.hstack(sides), np.sqrt(counts[subwords])[:, None]
        total[subwords] += weights * normalize(found - (weights * found).sum(0) / weights.sum())
    total = normalize(total)
    left, strength, _ = randomized_svd(total - total.mean(0), dimensions, n_iter=4, random_state=seed)
    return normalize(left * strength) * total.any(axis=1, keepdims=True)


def _bigrams(pools: Sequence[Pool], vocab_size: int) -> sparse.csr_array:
    """(vocab_size, vocab_size) how often one subword stands right before another."""
    before, after = [], []
    for pool in pools:
        inside = np.ones(len(pool.ids), dtype=bool)
        inside[pool.ends[pool.lengths > 0] - 1] = False  # the last subword of a sentence has none after it
        first = np.flatnonzero(inside)
        before.append(pool.ids[first])
        after.append(pool.ids[first + 1])
    pairs = np.concatenate(before), np.concatenate(after)
    counted = sparse.coo_array((np.ones(len(pairs[0])), pairs), shape=(vocab_size, vocab_size))
    return counted.tocsr()
