"""Putting new rows among known ones."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor, NearestNeighbors

from dlfa_core.projection.out_of_sample import between, nearest_to


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return rng.normal(size=(50, 6)), rng.normal(size=(7, 6)), rng.normal(size=(50, 2))


def test_the_nearest_are_those_of_scikit_learn(rows):
    known, new, _ = rows
    distances, indices = NearestNeighbors(n_neighbors=5).fit(known).kneighbors(new)
    found, apart = nearest_to(known, new, 5)
    np.testing.assert_array_equal(found, indices)
    np.testing.assert_allclose(apart, distances)


def test_the_place_between_is_that_of_a_weighted_regression(rows):
    known, new, coordinates = rows
    weighted = KNeighborsRegressor(5, weights=lambda apart: 1 / apart**2).fit(known, coordinates)
    found, apart = nearest_to(known, new, 5)
    np.testing.assert_allclose(between(coordinates[found], apart), weighted.predict(new))


def test_a_known_row_lands_on_itself(rows):
    known, _, coordinates = rows
    found, apart = nearest_to(known, known, 4)
    np.testing.assert_array_equal(found[:, 0], np.arange(50))
    np.testing.assert_array_equal(between(coordinates[found], apart), coordinates)


def test_a_new_point_lies_between_its_neighbours(rows):
    known, new, coordinates = rows
    found, apart = nearest_to(known, new, 5)
    found_coordinates = between(coordinates[found], apart)
    assert (found_coordinates >= coordinates[found].min(axis=1)).all()
    assert (found_coordinates <= coordinates[found].max(axis=1)).all()


def test_barred_rows_are_never_chosen(rows):
    known, _, _ = rows
    same = np.eye(50, dtype=bool)
    found, _ = nearest_to(known, known, 3, same)
    alone = [nearest_to(np.delete(known, i, 0), known[i : i + 1], 1)[0][0, 0] for i in range(50)]
    assert [int(j) for j in found[:, 0]] == [j + (j >= i) for i, j in enumerate(map(int, alone))]


@pytest.mark.parametrize("k", [0, 50])
def test_k_must_leave_somebody_to_choose(rows, k):
    known, _, _ = rows
    with pytest.raises(ValueError, match=rf"k={k} is out of range: each new row has 1 to 49 known ones"):
        nearest_to(known, known, k, np.eye(50, dtype=bool))
