import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import KNeighborsClassifier

from dlfa_core.measures.neighbourhoods import kept_neighbours, nearest_shares, silhouettes, squared_distances

ALL = np.arange(40)


def clouds(seed):
    """40 points in space and a map of them that keeps some of it."""
    rng = np.random.default_rng(seed)
    space = rng.normal(size=(40, 6)) + 100
    return space, space[:, :2] + rng.normal(size=(40, 2)) * 0.3


def labelled(seed):
    return np.random.default_rng(seed).integers(4, size=40)


def test_distances_are_those_of_scipy_even_far_from_the_origin():
    space, _ = clouds(0)
    np.testing.assert_allclose(squared_distances(space, ALL[5:9]), cdist(space[5:9], space) ** 2, atol=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 19))
def test_trustworthiness_is_that_of_scikit_learn_and_continuity_is_its_mirror(seed, k):
    space, shown = clouds(seed)
    true, map_ = squared_distances(space, ALL), squared_distances(shown, ALL)
    assert kept_neighbours(true, map_, ALL, k).mean() == pytest.approx(trustworthiness(space, shown, n_neighbors=k))
    assert kept_neighbours(map_, true, ALL, k).mean() == pytest.approx(trustworthiness(shown, space, n_neighbors=k))


def test_some_anchors_score_as_they_do_among_all():
    space, shown = clouds(3)
    true, map_ = squared_distances(space, ALL), squared_distances(shown, ALL)
    some = np.array([4, 17, 30])
    np.testing.assert_array_equal(
        kept_neighbours(true[some], map_[some], some, 5), kept_neighbours(true, map_, ALL, 5)[some]
    )


def test_the_same_map_keeps_everybody_and_a_random_one_about_half():
    rng = np.random.default_rng(0)
    space, shown = rng.normal(size=(400, 5)), rng.normal(size=(400, 2))
    every = np.arange(400)
    true, map_ = squared_distances(space, every), squared_distances(shown, every)
    assert (kept_neighbours(true, true, every, 10) == 1).all()
    assert kept_neighbours(true, map_, every, 10).mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("k", [0, 20])
def test_neighbours_must_be_fewer_than_half(k):
    true = squared_distances(clouds(0)[0], ALL)
    with pytest.raises(ValueError, match=f"Of 40 points, a map can be asked for 1 to 19 neighbours, not {k}"):
        kept_neighbours(true, true, ALL, k)


@given(st.integers(0, 10**6))
def test_silhouettes_are_those_of_scikit_learn(seed):
    space, _ = clouds(seed)
    labels = labelled(seed)
    labels[0] = 9  # alone
    distances = cdist(space, space)
    np.testing.assert_allclose(silhouettes(distances, ALL, labels), silhouette_samples(space, labels), atol=1e-9)
    some = np.array([0, 8, 33])
    np.testing.assert_allclose(silhouettes(distances[some], some, labels), silhouette_samples(space, labels)[some])


def test_identical_points_have_a_silhouette_of_zero():
    assert not silhouettes(np.zeros((4, 4)), np.arange(4), ["a", "a", "b", "b"]).any()


def test_one_label_has_no_silhouette():
    with pytest.raises(ValueError, match="all 40 points are labelled eng"):
        silhouettes(np.ones((40, 40)), ALL, ["eng"] * 40)


@given(st.integers(0, 10**6))
def test_the_nearest_point_of_another_group_is_found_as_by_leaving_the_group_out(seed):
    space, _ = clouds(seed)
    labels, groups = labelled(seed), np.tile(np.arange(10), 4)
    found = nearest_shares(squared_distances(space, ALL), ALL, labels, apart=groups)
    for point in (0, 13, 39):
        others = groups != groups[point]
        guess = KNeighborsClassifier(1).fit(space[others], labels[others]).predict(space[[point]])
        assert found[point] == (guess[0] == labels[point])


def test_without_groups_only_the_point_itself_is_left_out():
    line = np.array([[0.0], [1], [5], [5.5]])
    found = nearest_shares(squared_distances(line, np.arange(4)), np.arange(4), ["a", "b", "c", "c"])
    assert found.tolist() == [False, False, True, True]


def test_one_group_has_no_other():
    with pytest.raises(ValueError, match="all points are in one group"):
        nearest_shares(np.ones((40, 40)), ALL, ALL, apart=np.zeros(40))
