import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlfa_core.measures.pareto import non_dominated, surely_dominated

POINTS = arrays(np.float64, st.tuples(st.integers(1, 12), st.just(2)), elements=st.integers(0, 5).map(float))


def from_right_to_left(points):
    """The same by a sweep over two qualities: from the largest x down, what is higher than all before."""
    kept, highest = set(), -np.inf
    for x in sorted({x for x, _ in points}, reverse=True):
        top = max(y for own, y in points if own == x)
        kept |= {(x, top)} if top > highest else set()
        highest = max(highest, top)
    return np.array([tuple(point) in kept for point in points])


@given(POINTS)
def test_a_sweep_finds_the_same_points(points):
    np.testing.assert_array_equal(non_dominated(points), from_right_to_left(points))


@given(POINTS)
def test_some_point_is_never_beaten_and_every_other_is_beaten_by_one_of_these(points):
    best = points[non_dominated(points)]
    assert len(best)
    for point in points[~non_dominated(points)]:
        assert ((best >= point).all(axis=1) & (best > point).any(axis=1)).any()


@given(POINTS)
def test_without_doubt_surely_dominated_are_those_that_another_is_above_in_everything(points):
    above = np.array([any((other > point).all() for other in points) for point in points])
    np.testing.assert_array_equal(surely_dominated(points, points), above)


@given(POINTS, st.floats(0.1, 3))
def test_doubt_only_takes_sure_ones_away(points, reach):
    wide = surely_dominated(points - reach, points + reach)
    assert not (wide & ~surely_dominated(points, points)).any()
    assert not (wide & non_dominated(points)).any()


def test_what_is_not_known_neither_beats_nor_is_kept():
    points = np.array([[np.nan, 9.0], [1.0, 1.0], [0.0, 2.0]])
    assert non_dominated(points).tolist() == [False, True, True]
    assert not surely_dominated(points, points)[0]


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"values must be \(points, qualities\), but has shape \(3,\)"):
        non_dominated([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"low is \(2, 2\) and high \(3, 2\)"):
        surely_dominated(np.zeros((2, 2)), np.zeros((3, 2)))
