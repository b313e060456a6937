"""Labels that would lie on each other stand apart, in their order, and move no further than they must."""

import numpy as np
import pytest
from sklearn.isotonic import isotonic_regression

from dlfa_core.figures.labels import apart, labels_apart, widths

HEIGHT = 15.0


def crowd(seed: int, n: int = 30) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Left ends, middles and widths of labels on a picture that is too small for them, some at one spot."""
    random = np.random.default_rng(seed)
    left, y = random.uniform(0, 600, n), random.uniform(0, 150, n)
    left[: n // 4], y[: n // 4] = left[0], y[0]
    return left, y, random.uniform(20, 90, n)


@pytest.mark.parametrize("seed", range(20))
def test_no_two_labels_overlap(seed):
    left, y, width = crowd(seed)
    placed = labels_apart(left, y, width, HEIGHT)
    for i in range(len(y)):
        for j in range(i):
            beside = left[i] >= left[j] + width[j] or left[j] >= left[i] + width[i]
            assert beside or abs(placed[i] - placed[j]) >= HEIGHT - 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_labels_of_a_column_keep_their_order(seed):
    _, y, _ = crowd(seed)
    placed = apart(y, HEIGHT)
    assert (np.argsort(placed) == np.argsort(y, kind="stable")).all()


@pytest.mark.parametrize("seed", range(20))
def test_labels_of_a_column_move_as_little_as_can_be(seed):
    """By a second route: scikit-learn's isotonic regression of the heights less the room that is taken below."""
    y = np.sort(crowd(seed)[1])
    room = HEIGHT * np.arange(len(y))
    np.testing.assert_allclose(apart(y, HEIGHT), isotonic_regression(y - room) + room)


def test_labels_with_room_stay_where_they_are():
    left, y = np.array([0.0, 100.0, 10.0]), np.array([10.0, 10.0, 40.0])
    assert (labels_apart(left, y, np.full(3, 50.0), HEIGHT) == y).all()


def test_two_labels_on_one_spot_make_way_for_each_other():
    np.testing.assert_allclose(apart(np.array([7.0, 7.0]), HEIGHT), [7 - HEIGHT / 2, 7 + HEIGHT / 2])


def test_no_labels_need_no_place():
    assert len(labels_apart(np.array([]), np.array([]), widths([]))) == 0


def test_longer_names_are_wider():
    short, long = widths(["Thai", "Indonesian"])
    assert 0 < short < long
