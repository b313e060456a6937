"""Average precision in a pool: by hand, by brute force, and by scikit-learn."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from dlfa_core.measures.average_precision import (
    POOL_SCORES,
    AnswerRanks,
    average_precision,
    random_average_precision,
    rank_answers,
    reciprocal_ranks,
)


def ranked(order, right, depth=20, groups=None):
    """The ranks of one query whose candidates come in this order: those of made-up cosines."""
    angles = np.empty(len(order))
    angles[list(order)] = np.linspace(0.05, 1.5, len(order))
    candidates = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    groups = np.zeros(len(order), dtype=int) if groups is None else groups
    return rank_answers([[1.0, 0.0], [0.0, 1.0]], candidates, [right, [0]], groups, [0, 0], depth=depth)


def first(values):
    return values[0]


@pytest.fixture
def pool():
    """12 queries, 60 candidates in 3 groups, 1 to 4 right ones each."""
    rng = np.random.default_rng(3)
    right = [rng.choice(60, size=1 + row % 4, replace=False) for row in range(12)]
    return rng.normal(size=(12, 5)), rng.normal(size=(60, 5)), right, rng.integers(0, 3, 60), np.arange(12) % 3


@pytest.mark.parametrize(
    ("order", "right", "depth", "expected"),
    [
        ([0, 1, 2, 3], [0], 20, 1.0),
        ([1, 0, 2, 3], [0], 20, 1 / 2),  # one right candidate: the reciprocal rank, as XTREME-R scores Mewsli-X
        ([1, 2, 0, 3], [0], 2, 0.0),  # beyond the depth there is nothing to gain
        ([0, 2, 1, 3], [0, 1], 20, (1 / 1 + 2 / 3) / 2),
        ([2, 0, 3, 1], [0, 1], 20, (1 / 2 + 2 / 4) / 2),
        ([0, 1, 2, 3], [0, 1, 2], 2, 1.0),  # three are right, two could be found
        ([3, 0, 1, 2], [0, 1, 2], 2, (1 / 2) / 2),
    ],
)
def test_cases_worked_by_hand(order, right, depth, expected):
    assert first(average_precision(ranked(order, right, depth))) == pytest.approx(expected, abs=1e-12)


def test_with_the_whole_pool_it_is_that_of_scikit_learn(pool):
    x, y, right, groups, own = pool
    found = average_precision(rank_answers(x, y, right, groups, own, depth=0))
    cosines = (x / np.linalg.norm(x, axis=1)[:, None]) @ (y / np.linalg.norm(y, axis=1)[:, None]).T
    truth = np.zeros(cosines.shape)
    for row, answers in enumerate(right):
        truth[row, answers] = 1
    expected = [average_precision_score(*both) for both in zip(truth, cosines, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("depth", [1, 3, 20, 0])
@pytest.mark.parametrize("score", POOL_SCORES)
def test_every_part_of_the_pool_scores_as_if_the_rest_were_not_there(pool, score, depth):
    x, y, right, groups, own = pool
    ranks = rank_answers(x, y, right, groups, own, score, depth)
    scores = scored(x, y, groups, own, score)
    for parts in ([0], [1, 2], [0, 1, 2]):
        kept = np.isin(np.arange(3), parts)
        found = average_precision(ranks, np.broadcast_to(kept, (12, 3)))
        for row in range(12):
            order = [c for c in np.argsort(-scores[row], kind="stable") if groups[c] in parts]
            wanted = set(right[row]) & set(order)
            expected = brute(order, wanted, depth or len(y)) if wanted else np.nan
            assert found[row] == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("score", POOL_SCORES)
def test_a_right_candidate_alone_ranks_among_the_wrong_ones_only(pool, score):
    x, y, right, groups, own = pool
    ranks = rank_answers(x, y, right, groups, own, score)
    scores, found = scored(x, y, groups, own, score), reciprocal_ranks(ranks)
    row = 0
    for number, answers in enumerate(right):
        for answer in sorted(answers):
            others = set(answers) - {answer}
            order = [c for c in np.argsort(-scores[number], kind="stable") if c not in others]
            assert found[row] == pytest.approx(brute(order, {answer}, 20), abs=1e-9)
            assert (ranks.query[row], ranks.group[row]) == (number, groups[answer])
            row += 1


def test_the_best_candidates_are_counted_by_group(pool):
    x, y, right, groups, own = pool
    ranks = rank_answers(x, y, right, groups, own, depth=7)
    best = np.argsort(-scored(x, y, groups, own, "cosine"), axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(ranks.found, [np.bincount(groups[row], minlength=3) for row in best])
    assert (ranks.found.sum(1) == 7).all()
    np.testing.assert_array_equal(ranks.sizes, np.bincount(groups))


def test_equal_scores_are_ranked_by_position():
    candidates = [[1.0, 1.0]] * 4 + [[1.0, -1.0]]
    for answer in range(4):
        ranks = rank_answers([[1.0, 1.0], [1.0, 0.5]], candidates, [[answer], [4]], [0] * 5, [0, 0], depth=3)
        assert first(average_precision(ranks)) == pytest.approx(1 / (1 + answer) if answer < 3 else 0)
        assert ranks.found[0].tolist() == [3]


def test_a_right_candidate_that_is_named_twice_counts_once():
    assert first(average_precision(ranked([1, 0, 2], [0, 0]))) == pytest.approx(1 / 2)


def test_turning_and_stretching_all_vectors_changes_nothing(pool):
    x, y, right, groups, own = pool
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0]
    for score in POOL_SCORES:
        before = average_precision(rank_answers(x, y, right, groups, own, score))
        after = average_precision(rank_answers(3 * x @ turn, 3 * y @ turn, right, groups, own, score))
        np.testing.assert_allclose(before, after, atol=1e-9)


def test_centring_forgets_where_a_language_lies(pool):
    x, y, right, groups, own = pool
    shifts = np.random.default_rng(1).normal(size=(3, 5)) * 9
    plain, moved = (average_precision(rank_answers(*pool, "centred")) for _ in range(2))
    moved = average_precision(rank_answers(x + shifts[own], y + shifts[groups], right, groups, own, "centred"))
    np.testing.assert_allclose(plain, moved, atol=1e-9)


@pytest.mark.parametrize(("n", "n_right", "depth"), [(5, 1, 3), (5, 2, 5), (6, 3, 4), (6, 3, 2), (4, 4, 2), (1, 1, 1)])
def test_chance_is_the_mean_over_all_orders(n, n_right, depth):
    values = [exact(order, n_right, depth) for order in permutations(range(n))]
    mean = sum(values) / len(values)
    sd = float(sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    assert random_average_precision(n, n_right, depth) == pytest.approx((float(mean), sd), abs=1e-9)


def test_chance_with_all_of_the_pool_is_that_of_depth_zero():
    assert (
        random_average_precision(40, 3, 0) == random_average_precision(40, 3, 40) == random_average_precision(40, 3, 99)
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"score": "dot"}, "choose one of cosine, centred, csls"),
        ({"depth": -1}, "looks at no candidates"),
        ({"candidates": [[1.0, 2.0, 3.0]]}, r"queries are \(2, 2\) and candidates \(1, 3\)"),
        ({"right": [[0]]}, "2 queries with 1 lists of right candidates"),
        ({"right": [[0], []]}, r"Query 1 has the right candidates \[\] of 3"),
        ({"right": [[0], [3]]}, r"Query 1 has the right candidates \[3\] of 3"),
        ({"candidates": [[1.0, 2.0], [0.0, 0.0], [1.0, 1.0]]}, "row 1 is a zero vector"),
        ({"candidates": [[1.0, 2.0], [np.nan, 0.0], [1.0, 1.0]]}, "candidates holds nan"),
        ({"score": "centred", "groups": [0, 0, 1]}, "group 1 of the candidates has one row"),
    ],
)
def test_what_cannot_be_ranked_is_refused(changes, said):
    usual = {
        "queries": [[1.0, 2.0], [2.0, 1.0]],
        "candidates": [[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]],
        "right": [[0], [1]],
        "groups": [0, 0, 0],
        "query_groups": [0, 0],
    }
    with pytest.raises(ValueError, match=said):
        rank_answers(**usual | changes)


def test_no_right_candidate_has_no_chance():
    with pytest.raises(ValueError, match="cannot hold 0 right ones: give 1 to 5"):
        random_average_precision(5, 0, 3)


def test_a_query_without_a_right_candidate_in_its_pool_has_no_score():
    ranks = ranked([0, 1, 2], [1], groups=[0, 1, 0])
    kept = np.array([[True, False], [True, False]])
    assert np.isnan(first(average_precision(ranks, kept)))
    assert isinstance(ranks, AnswerRanks)
    assert ranks.right(kept).tolist() == [0, 1]


def scored(x, y, groups, own, score):
    """Scores of all candidates, (n, N), one by one."""
    if score == "centred":
        x = np.stack([row - x[own == o].mean(0) for row, o in zip(x, own, strict=True)])
        y = np.stack([row - y[groups == g].mean(0) for row, g in zip(y, groups, strict=True)])
    cosines = (x / np.linalg.norm(x, axis=1)[:, None]) @ (y / np.linalg.norm(y, axis=1)[:, None]).T
    return 2 * cosines - np.sort(cosines, axis=0)[-10:].mean(0) if score == "csls" else cosines


def brute(order, wanted, depth):
    hits, total = 0, 0.0
    for place, candidate in enumerate(order[:depth], start=1):
        if candidate in wanted:
            hits += 1
            total += hits / place
    return total / min(len(wanted), depth)


def exact(order, n_right, depth):
    """Average precision as a fraction, where the first `n_right` numbers are right."""
    hits, total = 0, Fraction(0)
    for place, candidate in enumerate(order[:depth], start=1):
        if candidate < n_right:
            hits += 1
            total += Fraction(hits, place)
    return total / min(n_right, depth)
