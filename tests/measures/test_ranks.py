import numpy as np
import pytest
from scipy import stats

from dlfa_core.measures.ranks import (
    layer_correlation_interval,
    layer_correlation_p_value,
    rank_correlation,
    rank_correlation_interval,
    shifted_layers_p_value,
)


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    x = rng.normal(size=40).round(1)  # some ties
    return x, x + rng.normal(size=40).round(1)


def test_it_is_scipys_spearman(pair):
    assert rank_correlation(*pair) == pytest.approx(stats.spearmanr(*pair).statistic, abs=1e-12)


@pytest.mark.parametrize("change", [np.exp, lambda x: 3 * x - 7, lambda x: x**3])
def test_it_sees_order_only(pair, change):
    x, y = pair
    assert rank_correlation(change(x), y) == pytest.approx(rank_correlation(x, y), abs=1e-12)
    assert rank_correlation(-change(x), y) == pytest.approx(-rank_correlation(x, y), abs=1e-12)


def test_it_works_row_by_row(pair):
    x, y = pair
    rows = np.stack([y, -y, y[::-1]])
    assert rank_correlation(x, rows) == pytest.approx(np.array([rank_correlation(x, row) for row in rows]))


def test_equal_values_and_fewer_than_three_have_no_order():
    assert np.isnan(rank_correlation([1, 1, 1], [1, 2, 3]))
    assert np.isnan(rank_correlation([1, 2], [1, 2]))


def test_items_must_match():
    with pytest.raises(ValueError, match=r"x has 3 items and y has 2: keep only the items that both have"):
        rank_correlation([1, 2, 3], [1, 2])


def test_the_interval_holds_the_value_and_narrows_with_more_items(pair):
    x, y = pair
    value, low, high = rank_correlation_interval(x, y, 400, 0)
    assert low < value < high
    _, low_many, high_many = rank_correlation_interval(np.tile(x, 9), np.tile(y, 9), 400, 0)
    assert high_many - low_many < (high - low) / 2


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    samples = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=(120, 40))
    truth = 6 / np.pi * np.arcsin(0.3)  # Spearman's correlation of a normal pair with correlation 0.6
    bounds = [rank_correlation_interval(x, y, 200, 0)[1:] for x, y in samples.transpose(0, 2, 1)]
    assert 0.88 <= np.mean([low <= truth <= high for low, high in bounds]) <= 0.99


@pytest.mark.parametrize(("n", "resamples"), [(4, 200), (40, 0)])
def test_few_items_or_no_resamples_leave_the_interval_open(n, resamples):
    value, low, high = rank_correlation_interval(np.arange(n), np.arange(n), resamples, 0)
    assert value == pytest.approx(1)
    assert np.isnan(low)
    assert np.isnan(high)


@pytest.fixture
def layers():
    """Depth, scores of eleven layers, and their replicates."""
    rng = np.random.default_rng(3)
    scores = 0.6 + 0.005 * np.arange(11) + 0.02 * rng.normal(size=11)
    return np.arange(11), scores, scores + 0.01 * rng.normal(size=(300, 11))


def test_the_interval_over_layers_holds_the_value_and_is_wider_than_that_over_examples(layers):
    x, y, replicates = layers
    value, low, high = layer_correlation_interval(x, y, replicates)
    assert -1 <= low < value < high <= 1
    assert high - low > np.ptp(np.quantile(rank_correlation(x, replicates), [0.025, 0.975]))
    assert value == pytest.approx(stats.spearmanr(x, y).statistic)


def test_without_noise_the_interval_is_that_of_drawing_layers(layers):
    x, y, _ = layers
    _, low, high = layer_correlation_interval(x, y, np.tile(y, (4000, 1)))
    other = stats.bootstrap((x, y), lambda a, b, axis: rank_correlation(a, b), paired=True, method="percentile", rng=0)
    np.testing.assert_allclose((low, high), other.confidence_interval, atol=0.1)


def test_a_perfect_order_keeps_the_value_in_its_interval(layers):
    x, _, replicates = layers
    value, low, high = layer_correlation_interval(x, x / 10, replicates)
    assert value == high == pytest.approx(1)
    assert low < value


@pytest.mark.parametrize(("k", "resamples"), [(4, 200), (11, 0), (11, 1)])
def test_few_layers_or_no_replicates_leave_the_interval_open(k, resamples):
    value, low, high = layer_correlation_interval(np.arange(k), np.arange(k), np.zeros((resamples, k)))
    assert value == pytest.approx(1)
    assert np.isnan([low, high]).all()


def test_replicates_must_be_of_the_same_layers(layers):
    with pytest.raises(ValueError, match=r"replicates are shaped \(9, 3\), not \(R, 11\) as the 11 scores ask"):
        layer_correlation_interval(*layers[:2], np.zeros((9, 3)))


def test_layers_that_are_unlike_their_neighbours_have_the_usual_p_value():
    zigzag = [5, 9, 1, 8, 2, 11, 3, 10, 4, 7, 6]
    assert layer_correlation_p_value(np.arange(11), zigzag) == pytest.approx(
        stats.spearmanr(np.arange(11), zigzag).pvalue
    )


def test_curves_that_change_slowly_count_as_fewer_layers():
    smooth = np.sin(np.arange(11) / 4)
    assert layer_correlation_p_value(np.arange(11), smooth) > 3 * stats.spearmanr(np.arange(11), smooth).pvalue
    assert layer_correlation_p_value(np.arange(11), np.arange(11)) == 0


def test_shifts_by_hand():
    """Of the ten orders of 1 2 3 5 4 on a circle, itself and its reversal alone correlate so much with depth."""
    assert shifted_layers_p_value([1, 2, 3, 4, 5], [1, 2, 3, 5, 4]) == pytest.approx(0.2)
    assert shifted_layers_p_value([1, 2, 3, 4, 5], [3, 5, 1, 4, 2]) > 0.2


@pytest.mark.parametrize("test", [layer_correlation_p_value, shifted_layers_p_value])
def test_few_or_equal_layers_have_no_p_value(test):
    assert np.isnan(test([1, 2, 3, 4], [1, 2, 3, 4]))
    assert np.isnan(test([1, 2, 3, 4, 5], [1, 1, 1, 1, 1]))
    with pytest.raises(ValueError, match="x has 3 items and y has 2"):
        test([1, 2, 3], [1, 2])
