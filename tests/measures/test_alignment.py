import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import procrustes as scipy_procrustes
from scipy.stats import ortho_group

from dlfa_core.measures.alignment import align_sequence, drift, procrustes, spread


def points(seed, n=30, dims=2):
    return np.random.default_rng(seed).normal(size=(n, dims)) * np.arange(1, dims + 1)


@given(st.integers(0, 10**6), st.sampled_from([2, 3]), st.floats(0.01, 100))
def test_a_turned_mirrored_moved_and_scaled_map_comes_back(seed, dims, scale):
    onto = points(seed, dims=dims)
    turn = ortho_group.rvs(dims, random_state=seed)
    np.testing.assert_allclose(procrustes(scale * onto @ turn + 7, onto), onto, atol=1e-8)


def test_what_is_left_is_what_scipy_leaves():
    """Second route: scipy scales by least squares; at that scale both have the same disparity."""
    x, onto = points(1), points(2)
    ours = procrustes(x, onto)
    centred, target = ours - ours.mean(axis=0), onto - onto.mean(axis=0)
    best = (centred * target).sum() / np.square(centred).sum()
    left = np.square(best * centred - target).sum() / np.square(target).sum()
    assert left == pytest.approx(scipy_procrustes(onto, x)[2], abs=1e-12)


def test_the_spread_is_kept_however_little_two_maps_share():
    assert spread(procrustes(points(1), points(2))) == pytest.approx(spread(points(2)))


def test_maps_of_other_points_are_refused():
    with pytest.raises(ValueError, match=r"their shapes are \(30, 2\) and \(29, 2\): pass the same points"):
        procrustes(points(1), points(2, n=29))


def test_a_sequence_is_centred_scaled_and_turned_towards_its_reference():
    turns = ortho_group.rvs(2, size=4, random_state=0)
    maps = np.stack([size * points(1) @ turn + size for turn, size in zip(turns, (1, 5, 0.1, 2), strict=True)])
    found = align_sequence(maps, reference=2)
    np.testing.assert_allclose([spread(each) for each in found], 1)
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(found, np.stack([found[2]] * 4), atol=1e-9)
    direction = (maps[2] - maps[2].mean(axis=0)) / spread(maps[2])
    np.testing.assert_allclose(found[2], direction)


def test_a_layer_in_one_place_is_passed_over():
    maps = np.stack([points(1), np.ones((30, 2)), -points(1)])
    found = align_sequence(maps)
    assert not found[1].any()
    np.testing.assert_allclose(found[2], found[0], atol=1e-9)
    assert np.isnan(drift(align_sequence(np.ones((2, 30, 2))))).all()


def test_drift_by_hand():
    still, up = np.array([[1.0, 0], [-1, 0]]), np.array([0, 1])
    assert drift(np.stack([still, still, still + up, still[::-1] + up])) == pytest.approx([0, 1, 2])


def test_drift_of_unrelated_maps_is_that_of_independent_points():
    maps = np.random.default_rng(0).normal(size=(2, 20_000, 2))
    assert drift(maps)[0] == pytest.approx(np.sqrt(2), abs=0.02)
