import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from dlfa_core.measures import retrieval_accuracy
from dlfa_core.measures.retrieval import SCORES, compare


def share_found(queries: np.ndarray, candidates: np.ndarray, metric: str, k: int) -> float:
    neighbours = NearestNeighbors(n_neighbors=k, metric=metric).fit(candidates).kneighbors(queries)[1]
    return (neighbours == np.arange(len(queries))[:, None]).any(axis=1).mean()


def share_best(scores: np.ndarray, k: int) -> float:
    own = np.diag(scores)[:, None]
    return ((scores > own).sum(axis=1) < k).mean()


def second_route(x: np.ndarray, y: np.ndarray, score: str, k: int) -> float:
    if score == "cosine":
        return share_found(x, y, "cosine", k)
    if score == "centred":
        return share_found(x - x.mean(axis=0), y - y.mean(axis=0), "cosine", k)
    if score == "shifted":
        return share_found(x + (y - x).mean(axis=0), y, "euclidean", k)
    cosines = cosine_similarity(x, y)
    size = {"csls": 10, "margin": 4}[score]
    near_x = np.sort(cosines, axis=1)[:, -size:].mean(axis=1)
    near_y = np.sort(cosines, axis=0)[-size:].mean(axis=0)
    if score == "csls":
        return share_best(2 * cosines - near_x[:, None] - near_y, k)
    return share_best(cosines / ((near_x[:, None] + near_y) / 2), k)


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("score", SCORES)
def test_every_score_agrees_with_a_second_route(score, k, paired_views):
    x, y = paired_views
    assert 0 < second_route(x, y, score, k) < 1
    assert retrieval_accuracy(x, y, score, k) == second_route(x, y, score, k)  # shares of 80: counts, not roundings


@pytest.mark.parametrize("score", SCORES)
def test_one_table_serves_both_directions(score, make_views):
    views = make_views(3, 70, 20)
    (scores,) = compare(views, np.empty((0, 70)), [{"score": score, "k": 2}])
    for a, b in ((0, 1), (1, 0), (2, 0), (1, 2)):
        assert scores.values[a, b] == second_route(views[a], views[b], score, 2)


@pytest.mark.parametrize("score", SCORES)
def test_shuffled_pairs_are_found_by_chance(score, make_views, rng):
    x, y = make_views(2, 100, 20)
    found = np.mean([retrieval_accuracy(x, rng.permutation(y), score) for _ in range(100)])
    assert found == pytest.approx(1 / 100, abs=4 * np.sqrt(0.01 / 100 / 100))


def test_three_sentences_by_hand():
    x = np.array([[1, 0], [0, 1], [1, 1.0]])
    y = np.array([[1, 0.1], [1, 0.9], [0.1, 1]])  # the last two translations are exchanged
    assert retrieval_accuracy(x, y) == pytest.approx(1 / 3)
    assert retrieval_accuracy(x, y, k=2) == 1


def test_float32_resolves_layers_where_every_cosine_is_nearly_one(rng):
    cone = 1 + 2e-4 * rng.standard_normal((2, 200, 16))
    cone[1] = cone[0] + 5e-5 * rng.standard_normal((200, 16))
    assert cosine_similarity(*cone).min() > 1 - 1e-6
    (scores,) = compare(cone, np.empty((0, 200)), [{"score": "cosine", "k": 1}])
    assert scores.values[0, 1] == share_found(*cone, "cosine", 1) > 0.9


def test_collapsed_candidates_are_found_by_chance_only(rng):
    x, y = rng.standard_normal((50, 4)), np.ones((50, 4))
    y[0] = 1 + 1e-9 * rng.standard_normal(4)
    assert retrieval_accuracy(x, y) <= 2 / 50


@pytest.mark.parametrize("k", [1, 3])
def test_a_resample_without_a_sentence_lacks_a_query_and_a_candidate(make_views, k):
    x, y = views = make_views(2, 40, 10, noise=2.0)
    without = 1.0 - np.eye(40)  # every row leaves one sentence out
    (scores,) = compare(views, without, [{"score": "cosine", "k": k}])
    found = np.array([39 * retrieval_accuracy(*np.delete(views, i, axis=1), k=k) for i in range(40)])
    hits = 40 * retrieval_accuracy(x, y, k=k)
    own = np.round(hits - found)  # hits that go with the sentence, less those that come
    expected = hits / 40 + (without / 39 - 1 / 40) @ own
    np.testing.assert_allclose(scores.replicates[:, 0, 1], expected, atol=1e-12)
    assert own.min() < 0


def test_a_ratio_without_positive_neighbours_still_ranks(rng):
    x, y = rng.standard_normal((2, 30, 5)), None
    x, y = x[0] + 3, x[1] - 3  # every cosine is negative
    assert 0 <= retrieval_accuracy(x, y, "margin") <= 1


def test_unknown_score_lists_the_known(paired_views):
    with pytest.raises(ValueError, match="Unknown retrieval score 'dot': choose one of cosine, centred, shifted, csls"):
        retrieval_accuracy(*paired_views, score="dot")


@pytest.mark.parametrize("k", [0, 81])
def test_k_beyond_the_candidates_is_refused(paired_views, k):
    with pytest.raises(ValueError, match=f"the k best of 80 candidates, but k is {k}: choose k from 1 to 80"):
        retrieval_accuracy(*paired_views, k=k)


def test_a_zero_row_is_named(paired_views):
    x, y = paired_views.copy()
    x[2] = 0
    with pytest.raises(ValueError, match="retrieval compares directions, but row 2 is a zero vector"):
        retrieval_accuracy(x, y)


def test_a_row_equal_to_the_mean_is_named():
    x = np.array([[1, 1], [3, 1], [2, 4], [2, 2.0]])
    with pytest.raises(ValueError, match="row 3 equals the mean of its language"):
        retrieval_accuracy(x, x, "centred")
