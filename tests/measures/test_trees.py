from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform

from dlfa_core.measures import trees
from dlfa_core.measures.trees import (
    agreement_null,
    average_linkage,
    decided_triples,
    joining_heights,
    tree_agreement,
)

# English, German, French, Finnish, Hungarian, Basque
CLASSES = [("IE", "Germanic"), ("IE", "Germanic"), ("IE", "Romance"), ("U", "Finnic"), ("U", "Ugric"), ("B", "B")]


@pytest.fixture
def centroids():
    rng = np.random.default_rng(0)
    family = rng.normal(size=(3, 90))[[0, 0, 0, 1, 1, 2]] * 3
    genus = rng.normal(size=(5, 90))[[0, 0, 1, 2, 3, 4]] * 1.5
    return family + genus + rng.normal(size=(6, 90)) * 0.2 + 10


def test_the_linkage_and_its_heights_are_those_of_scipy(centroids):
    rows = centroids - centroids.mean(axis=0)
    expected = linkage(pdist(rows, "cosine"), "average")
    found = average_linkage(centroids)
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(joining_heights(found), squareform(cophenet(expected)))


def test_a_centroid_on_the_mean_of_all_is_as_far_from_all():
    rows = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [0, 0]])
    assert joining_heights(average_linkage(rows))[4, :4].min() >= 1


def test_triples_are_those_that_the_classification_decides():
    found = {(*sorted(triple[:2]), triple[2]) for triple in decided_triples(CLASSES).tolist()}

    def depth(a, b):
        return 2 if CLASSES[a] == CLASSES[b] else int(CLASSES[a][0] == CLASSES[b][0])

    expected = {
        (a, b, c)
        for three in combinations(range(6), 3)
        for a, b, c in permutations(three)
        if a < b and depth(a, b) > max(depth(a, c), depth(b, c))
    }
    assert found == expected
    assert (0, 1, 2) in found  # English with German, not with French
    assert not any({3, 5} <= set(triple) and 0 in triple for triple in found)  # three families decide nothing


def test_many_triples_are_sampled(monkeypatch):
    monkeypatch.setattr(trees, "MOST_TRIPLES", 5)
    assert len(decided_triples(CLASSES)) == 5


def test_a_tree_of_the_families_agrees_and_a_crossed_one_does_not(centroids):
    triples = decided_triples(CLASSES)
    assert tree_agreement(joining_heights(average_linkage(centroids)), triples) == 1
    crossed = centroids[[0, 3, 5, 1, 2, 4]]
    assert tree_agreement(joining_heights(average_linkage(crossed)), triples) < 0.5


def test_ties_count_half():
    assert tree_agreement(np.ones((6, 6)) - np.eye(6), decided_triples(CLASSES)) == 0.5


def test_the_null_is_the_mean_over_shuffled_leaves(centroids):
    """Second route: all 720 shufflings. A binary tree joins any two of three first equally often: a third."""
    heights, triples = joining_heights(average_linkage(centroids)), decided_triples(CLASSES)
    exact = [tree_agreement(heights[np.ix_(p, p)], triples) for p in permutations(range(6))]
    null = agreement_null(heights, triples, 3000, seed=0)
    assert np.mean(exact) == pytest.approx(1 / 3)
    assert null.mean() == pytest.approx(1 / 3, abs=0.015)
    assert np.quantile(null, 0.95) == pytest.approx(np.quantile(exact, 0.95), abs=0.08)
    assert set(np.round(null, 9)) <= set(np.round(exact, 9))


def test_a_classification_that_decides_nothing_is_said():
    triples = decided_triples([("A", "a"), ("B", "b"), ("C", "c")])
    with pytest.raises(ValueError, match="choose three languages or more, two of them of one family"):
        tree_agreement(np.zeros((3, 3)), triples)
