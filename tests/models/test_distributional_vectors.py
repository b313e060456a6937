"""Vectors of use: subwords with the same neighbours are alike, in every language."""

import itertools

import numpy as np
import pytest

from dlfa_core.data.pools import Pool
from dlfa_core.models.distributional_vectors import LEAST, PRIOR, _bigrams, _one_round, usage_vectors

# Two languages with articles (0, 1), verbs (2, 3), things (10 to 19, 20 to 29) and doings (30 to 39, 40 to 49).
# Thing 20 + i translates thing 10 + i, and so on: their meanings are equal.
SUBWORDS = 50


@pytest.fixture(scope="module")
def meanings():
    chance = np.random.default_rng(0)
    things, doings = chance.normal(size=(10, 6)) + 2, chance.normal(size=(10, 6)) - 2
    return np.concatenate([np.zeros((10, 6)), things, things, doings, doings])


@pytest.fixture(scope="module")
def texts():
    chance = np.random.default_rng(1)
    pools = {}
    for number in range(2):
        article, helper, things, doings = number, 2 + number, 10 + 10 * number, 30 + 10 * number
        rows = [[article, things + chance.integers(10), helper, doings + chance.integers(10)] for _ in range(400)]
        pools[f"language {number}"] = [Pool.of(rows[:250]), Pool.of(rows[250:])]
    return pools


def test_words_of_one_use_are_alike_across_languages_and_others_are_not(texts, meanings):
    vectors = usage_vectors(texts, meanings, 4)
    alike = vectors @ vectors.T
    assert alike[0, 1] > 0.9
    assert alike[2, 3] > 0.9
    assert max(alike[0, 2], alike[0, 3]) < 0.6


def test_words_of_one_use_are_alike_though_they_mean_different_things(texts, meanings):
    vectors = usage_vectors(texts, meanings, 4)
    same = vectors[10:30] @ vectors[10:30].T
    other = vectors[10:30] @ vectors[30:50].T
    assert same.mean() > 0.8 > 0.2 > other.mean()


def test_vectors_have_length_1_or_0(texts, meanings):
    lengths = np.linalg.norm(usage_vectors(texts, meanings, 4), axis=1)
    seen = np.isin(np.arange(SUBWORDS), np.r_[0:4, 10:50])
    assert lengths[seen] == pytest.approx(1)
    assert not lengths[~seen].any()


def test_a_subword_that_is_hardly_seen_has_no_use(meanings):
    row = [0, 10, 2, 30]
    texts = {"one": [Pool.of([row] + [[1, 11, 3, 31]] * LEAST)]}
    vectors = usage_vectors(texts, meanings, 2)
    assert not vectors[row].any()
    assert vectors[[1, 11, 3, 31]].any(axis=1).all()  # the last stands before nothing


def test_neighbours_are_those_of_the_same_sentence():
    """Second route: a loop over the sentences, an empty one among them."""
    sentences = [[1, 2, 3], [], [2], [3, 1, 2], [1, 2]]
    expected = np.zeros((5, 5))
    for sentence in sentences:
        for before, after in itertools.pairwise(sentence):
            expected[before, after] += 1
    assert np.array_equal(_bigrams([Pool.of(sentences[:2]), Pool.of(sentences[2:])], 5).toarray(), expected)


def test_one_round_equals_means_of_neighbours(texts, meanings):
    """Second route: for one language, a loop over subwords; inner products, as principal components may turn."""
    pools = texts["language 0"]
    left, right = ({subword: [] for subword in range(SUBWORDS)} for _ in range(2))
    for pool in pools:
        for row in range(len(pool)):
            for before, after in zip(pool[row], pool[row][1:], strict=False):
                right[before].append(meanings[after])
                left[after].append(meanings[before])
    counts = np.array([len(left[subword]) + len(right[subword]) for subword in range(SUBWORDS)])
    subwords = np.flatnonzero(counts >= LEAST)
    means = [
        np.concatenate([np.sum(side[p] + [np.zeros(6)], axis=0) / (len(side[p]) + PRIOR) for side in (right, left)])
        for p in subwords
    ]
    weights = np.sqrt(counts[subwords])[:, None]
    centred = np.array(means) - (weights * means).sum(0) / weights.sum()
    whole = np.zeros((SUBWORDS, 12))
    whole[subwords] = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    components = whole - whole.mean(0)
    expected = (components @ components.T)[np.ix_(subwords, subwords)]
    lengths = np.sqrt(np.diag(expected))
    found = _one_round({"one": _bigrams(pools, SUBWORDS)}, meanings, 12, 0)[subwords]
    assert found @ found.T == pytest.approx(expected / np.outer(lengths, lengths), abs=1e-6)
