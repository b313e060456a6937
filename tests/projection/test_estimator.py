"""Maps of all layers as one estimator: fitted, taken as they were, and asked where new points belong."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import KNeighborsRegressor

from dlfa_core.measures.alignment import spread
from dlfa_core.projection import LayerProjection
from tests.rounding import tolerance

EPS = tolerance("float32", 200)


@pytest.fixture
def layers():
    """Three layers of 60 points in 8 dimensions that move from layer to layer."""
    rng = np.random.default_rng(0)
    start, move = rng.normal(size=(2, 60, 8))
    return np.float32([start + layer * move for layer in range(3)])


@pytest.fixture
def fitted(layers):
    return LayerProjection("pca", metric="euclidean").fit(layers)


def test_maps_are_centred_of_spread_1_and_laid_onto_each_other(fitted, layers):
    maps = fitted.coordinates_
    assert maps.shape == (3, 60, 2)
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps.mean(axis=1), 0, atol=EPS)
    np.testing.assert_allclose([spread(each) for each in maps], 1, rtol=EPS)
    np.testing.assert_array_equal(clone(fitted).fit_transform(layers), maps)  # the same operations


def test_a_still_layer_is_drawn_in_one_place_and_the_others_as_without_it(fitted, layers):
    still = np.concatenate([np.ones((1, 60, 8), np.float32), layers])
    maps = clone(fitted).fit_transform(still, still={0})
    assert not maps[0].any()
    np.testing.assert_array_equal(maps[1:], fitted.coordinates_)


def test_new_points_lie_where_a_weighted_regression_on_their_neighbours_puts_them(fitted, layers):
    new = layers[:, :5] + np.float32(0.1)
    found = fitted.transform(new)
    for layer in range(3):
        model = KNeighborsRegressor(10, weights=lambda apart: 1 / apart**2)
        expected = model.fit(layers[layer].astype(float), fitted.coordinates_[layer]).predict(new[layer].astype(float))
        np.testing.assert_allclose(found[layer], expected, atol=10 * EPS)  # by squares of differences of near points


def test_known_points_come_back_to_their_places_also_on_maps_made_before(fitted, layers):
    again = LayerProjection(metric="euclidean").fitted(layers, fitted.coordinates_)
    np.testing.assert_allclose(again.transform(layers), fitted.coordinates_, atol=EPS)


def test_points_of_a_group_do_not_help_each_other_back(fitted, layers):
    """Every point has a twin in its own place: without groups it leads the way back."""
    twins = np.concatenate([layers, layers + np.float32(1e-4)], axis=1)
    maps = LayerProjection("pca", metric="euclidean").fit(twins)
    alone, grouped = (maps.out_of_sample(layers[:, :2], groups) for groups in (None, np.arange(120) % 60))
    assert (alone.error < 0.01).all()
    assert (grouped.error > 0.05).all()
    assert (alone.usual < grouped.usual).all()
    np.testing.assert_array_equal(alone.coordinates, grouped.coordinates)


def test_progress_tells_of_every_layer_and_never_goes_back(layers):
    told = []
    LayerProjection("pca").fit(layers, progress=lambda fraction, message: told.append((fraction, message)))
    assert [message for _, message in told] == [f"Finding neighbours at layer {layer}" for layer in range(3)]
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)


def test_what_cannot_be_used_is_said(fitted, layers):
    with pytest.raises(ValueError, match=r"alignment_regularisation=2 lies outside 0"):
        LayerProjection(alignment_regularisation=2).fit(layers)
    with pytest.raises(ValueError, match="At layer 1: Row 4 is a zero vector"):
        LayerProjection("pca").fit(
            np.where((np.arange(60) == 4)[:, None] & (np.arange(3) == 1)[:, None, None], 0, layers)
        )
    with pytest.raises(ValueError, match="maps of 3 layers, but new points at 2: read them with the same encoder"):
        fitted.transform(layers[:2])
