"""Intervals that stay honest for the value that was picked."""

import numpy as np
import pytest
from scipy.special import ndtri

from dlfa_core.measures import interval, simultaneous_intervals
from dlfa_core.measures.selection import signs_together


def replicates(k, resamples=40_000, correlation=0.0, seed=0):
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=(resamples, 1)), rng.normal(size=(resamples, k))
    return np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own


@pytest.mark.parametrize("k", [1, 2, 11, 22])
def test_independent_values_have_the_width_of_the_closed_form(k):
    """Second route: k independent normal values all lie within c with probability (2 Phi(c) - 1) ** k."""
    low, high = simultaneous_intervals(np.zeros(k), replicates(k))
    expected = ndtri((1 + 0.95 ** (1 / k)) / 2)
    np.testing.assert_allclose(high, expected, rtol=0.03)
    np.testing.assert_allclose(low, -expected, rtol=0.03)


def test_values_that_move_together_are_hardly_widened():
    alone = simultaneous_intervals(np.zeros(1), replicates(1))[1]
    together = simultaneous_intervals(np.zeros(11), replicates(11, correlation=0.999))[1]
    apart = simultaneous_intervals(np.zeros(11), replicates(11))[1]
    assert together.max() < 1.05 * alone.item()
    assert apart.min() > 1.3 * alone.item()


def test_the_best_of_equal_values_is_seldom_above_them_where_the_plain_interval_often_is():
    rng, plain, joint = np.random.default_rng(1), 0, 0
    for _ in range(200):
        seen = rng.normal(size=11)  # what was measured, where the truth is 0
        drawn = seen + rng.normal(size=(300, 11))
        best = seen.argmax()
        plain += interval(seen[best], drawn[:, best], "bootstrap")[0] > 0
        joint += simultaneous_intervals(seen, drawn)[0][best] > 0
    assert joint <= 12  # 2.5 % of 200 is 5
    assert plain >= 30


def test_a_value_that_never_moves_is_known():
    low, high = simultaneous_intervals([0.5, 0.1], np.stack([np.full(50, 0.5), np.linspace(0, 0.2, 50)], axis=1))
    assert low[0] == high[0] == 0.5
    assert low[1] < 0.1 < high[1]
    assert [bound.tolist() for bound in simultaneous_intervals([0.5], np.full((9, 1), 0.5))] == [[0.5], [0.5]]


def test_units_play_no_part():
    drawn = replicates(5, 500)
    low, high = simultaneous_intervals(np.arange(5.0), drawn)
    scaled = simultaneous_intervals(100 * np.arange(5.0), 100 * drawn)
    np.testing.assert_allclose(scaled, (100 * low, 100 * high))


@pytest.mark.parametrize(
    ("shape", "level", "message"),
    [
        ((1, 3), 0.95, r"Intervals of \(3,\) values need two or more replicates of each, \(R, k\), but got \(1, 3\)"),
        ((9, 2), 0.95, r"but got \(9, 2\): draw resamples that all values share"),
        ((9,), 0.95, r"but got \(9,\)"),
        ((9, 3), 1.0, "level must lie between 0 and 1, but is 1.0"),
    ],
)
def test_what_has_no_interval_is_refused(shape, level, message):
    with pytest.raises(ValueError, match=message):
        simultaneous_intervals(np.zeros(3), np.zeros(shape), level)


def null_map(seed, cells=110, n=200):
    """Gains of as many cells as a map has, all truly 0 and half shared, with their plain intervals."""
    rng = np.random.default_rng(seed)
    sample = rng.normal(size=(n, 1)) + rng.normal(size=(n, cells))
    values, error = sample.mean(axis=0), sample.std(axis=0, ddof=1) / np.sqrt(n)
    return values, values - 1.96 * error, values + 1.96 * error


def test_where_all_is_zero_few_maps_have_a_sign_though_most_have_an_interval_without_zero():
    maps = [null_map(seed) for seed in range(400)]
    alone = np.mean([np.any((low > 0) | (high < 0)) for _, low, high in maps])
    together = np.mean([signs_together(*each).any() for each in maps])
    assert alone > 0.5
    assert together < 0.075  # 0.05 and two and a half standard errors


def test_one_value_alone_keeps_its_interval():
    assert signs_together([0.2, -0.2, 0.2], [0.01, -0.3, -0.01], [0.3, -0.01, 0.5], joint=1 - 3 * 0.05).tolist() == [
        1,
        -1,
        0,
    ]
    assert signs_together([0.2], [0.01], [0.3]).tolist() == [1]


def test_large_gains_keep_their_signs_among_many_cells():
    values, low, high = null_map(0)
    shift = np.where(np.arange(len(values)) < 10, 1.0, -1.0)
    np.testing.assert_array_equal(signs_together(values + shift, low + shift, high + shift), shift)


def test_without_an_interval_there_is_no_sign_and_missing_cells_do_not_count():
    nothing = np.full(200, np.nan)
    low, high = (np.concatenate([[bound], nothing]) for bound in (0.01, 0.3))
    assert signs_together(np.concatenate([[0.2], nothing]), low, high).tolist() == [1, *[0] * 200]
    assert not signs_together([0.2, 0.3], [np.nan] * 2, [np.nan] * 2).any()


def test_each_side_is_widened_for_itself():
    times = ndtri(1 - 0.05 / 4) / ndtri(0.975)
    assert signs_together([1, 1], [1 - 0.99 / times, 1 - 1.01 / times], [9, 9]).tolist() == [1, 0]


@pytest.mark.parametrize("levels", [{"level": 1}, {"joint": 0}])
def test_levels_of_signs_lie_between_0_and_1(levels):
    with pytest.raises(ValueError, match=r"Levels must lie between 0 and 1, but are .*: 0\.95 is usual"):
        signs_together([1], [0], [2], **levels)
