import numpy as np
import pytest
from scipy import stats

from dlfa_core.measures.ranks import rank_correlation, rank_correlation_interval


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
