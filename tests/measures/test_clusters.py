"""Statistics over items in sentences against repeating the rows of every resample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from dlfa_core.measures.clusters import (
    Estimate,
    clustered_correlation,
    clustered_mean,
    clustered_share,
    clustered_superiority,
)
from dlfa_core.measures.intervals import bootstrap_weights

N = 25
WEIGHTS = bootstrap_weights(N, 40, 0)


@pytest.fixture
def items():
    """Two numbers of 60 words, in 20 of 25 sentences."""
    rng = np.random.default_rng(1)
    sentences = rng.integers(0, N - 5, 60)
    x = rng.standard_normal((3, 60)) + 5
    return x, 0.5 * x + rng.standard_normal((3, 60)), sentences


def repeated(sentences, weights):
    """Places of the items of a resample, as often as their sentence is drawn."""
    return np.repeat(np.arange(len(sentences)), weights[sentences])


def test_means_are_those_of_repeated_rows(items):
    x, _, sentences = items
    found = clustered_mean(x, sentences, WEIGHTS)
    np.testing.assert_allclose(found.values, x.mean(1))
    for replicate, weights in zip(found.replicates, WEIGHTS, strict=True):
        np.testing.assert_allclose(replicate, x[:, repeated(sentences, weights)].mean(1))


def test_shares_are_means_with_the_same_intervals(items):
    x, _, sentences = items
    hits = x > 5
    share, mean = clustered_share(hits, sentences, WEIGHTS), clustered_mean(hits, sentences, WEIGHTS)
    np.testing.assert_allclose(share.interval(), mean.interval())


@pytest.mark.parametrize("hit", [True, False])
def test_a_share_of_all_or_none_is_as_open_as_that_of_so_many_sentences(items, hit):
    """Wilson's interval, which lies within Agresti and Coull's."""
    _, _, sentences = items
    low, high = clustered_share(np.full(60, hit), sentences, WEIGHTS).interval()
    n = len(set(sentences))
    wilson = stats.binomtest(n * hit, n).proportion_ci(method="wilson")
    assert low <= wilson.low
    assert wilson.high <= high
    assert (high if hit else 1 - low) == 1
    assert 0.02 < high - low < 0.3


def test_correlations_are_those_of_repeated_rows(items):
    x, y, sentences = items
    found = clustered_correlation(x, y, sentences, WEIGHTS)
    for row in range(3):
        assert found.values[row] == pytest.approx(stats.pearsonr(x[row], y[row]).statistic)
        for replicate, weights in zip(found.replicates, WEIGHTS, strict=True):
            rows = repeated(sentences, weights)
            assert replicate[row] == pytest.approx(stats.pearsonr(x[row, rows], y[row, rows]).statistic)


def test_superiority_is_the_area_under_the_curve_of_repeated_rows(items):
    """With ties, against scikit-learn."""
    x, _, sentences = items
    x, upper = np.round(x, 1), np.arange(60) % 3 == 0
    found = clustered_superiority(x, upper, sentences, WEIGHTS)
    for row in range(3):
        assert found.values[row] == pytest.approx(roc_auc_score(upper, x[row]))
        for replicate, weights in zip(found.replicates, WEIGHTS, strict=True):
            rows = repeated(sentences, weights)
            assert replicate[row] == pytest.approx(roc_auc_score(upper[rows], x[row, rows]))


@given(st.integers(0, 99))
def test_superiority_asks_for_order_alone(seed):
    rng = np.random.default_rng(seed)
    x, upper, sentences = rng.standard_normal(30), rng.random(30) < 0.4, rng.integers(0, N, 30)
    plain = clustered_superiority(x, upper, sentences, WEIGHTS)
    np.testing.assert_allclose(
        clustered_superiority(np.exp(3 * x), upper, sentences, WEIGHTS).replicates, plain.replicates
    )
    np.testing.assert_allclose(clustered_superiority(-x, upper, sentences, WEIGHTS).values, 1 - plain.values)


@given(st.integers(0, 99), st.floats(-50, 50), st.floats(0.1, 9))
def test_correlation_is_blind_to_shift_and_scale(seed, shift, scale):
    rng = np.random.default_rng(seed)
    x, y, sentences = rng.standard_normal(30), rng.standard_normal(30), rng.integers(0, N, 30)
    plain = clustered_correlation(x, y, sentences, WEIGHTS)
    moved = clustered_correlation(scale * x + shift, y, sentences, WEIGHTS)
    np.testing.assert_allclose(moved.values, plain.values, atol=1e-9)
    np.testing.assert_allclose(moved.replicates, plain.replicates, atol=1e-7)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Words of a sentence share most of their number, so an interval over words would be far too narrow."""
    rng, hits = np.random.default_rng(3), 0
    sentences = np.repeat(np.arange(60), 4)
    weights = bootstrap_weights(60, 200, 5)
    for _ in range(200):
        values = rng.standard_normal(60)[sentences] + 0.3 * rng.standard_normal(240)
        low, high = clustered_mean(values, sentences, weights).interval()
        hits += low < 0 < high
    assert 0.89 < hits / 200 < 0.99


def test_where_nothing_can_be_said_there_is_no_number():
    empty = clustered_mean(np.zeros((2, 0)), [], WEIGHTS)
    assert np.isnan(empty.values).all()
    assert np.isnan(empty.interval()).all()
    flat = clustered_correlation([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], [0, 1, 2], WEIGHTS)
    assert np.isnan(flat.values)
    for values, upper in (([], []), ([1.0, 2.0], [True, True])):
        one_sided = clustered_superiority(values, upper, np.arange(len(upper)), WEIGHTS)
        assert np.isnan(one_sided.values)
        assert np.isnan(one_sided.interval()).all()
    rare = clustered_mean([7.0], [3], WEIGHTS)  # a sentence that a third of the resamples leave out
    assert np.isnan(rare.replicates[WEIGHTS[:, 3] == 0]).all()
    assert rare.interval() == (7.0, 7.0)
    assert np.isnan(clustered_mean([7.0], [3], WEIGHTS[:0]).interval()).all()


def test_differences_are_joint(items):
    x, y, sentences = items
    difference = clustered_mean(x, sentences, WEIGHTS) - clustered_mean(y, sentences, WEIGHTS)
    expected = clustered_mean(x - y, sentences, WEIGHTS)
    assert isinstance(difference, Estimate)
    np.testing.assert_allclose(difference.replicates, expected.replicates)


def test_items_without_a_sentence_are_refused():
    with pytest.raises(ValueError, match="3 items but sentence numbers of 2"):
        clustered_mean([1.0, 2.0, 3.0], [0, 1], WEIGHTS)
    with pytest.raises(ValueError, match="from 0 to 25 but the weights are of 25 sentences"):
        clustered_mean([1.0, 2.0], [0, 25], WEIGHTS)
