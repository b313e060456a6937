"""Intervals that stay honest for the value that was picked."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import false_discovery_control

from dlfa_core.measures import LargestOfTrainings, interval, mean_over_trainings, signs, simultaneous_intervals


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


def trained(k, seeds=3, spread=0.02, examples=0.01, correlation=0.0, seed=0):
    """Means over trainings whose truth is 0."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(seeds, k)) * spread
    return mean_over_trainings(values, values + examples * replicates(k, 300, correlation, seed)[:, None])


@pytest.mark.parametrize("seeds", [3, 8])
@pytest.mark.parametrize("k", [1, 11])
def test_no_interval_is_narrower_than_that_of_its_value_alone(k, seeds):
    mean = trained(k, seeds)
    widths, alone = np.ptp(LargestOfTrainings(mean).intervals(), axis=0), np.ptp(mean.intervals(), axis=0)
    assert (widths > alone - 1e-12).all()
    assert (LargestOfTrainings(mean).p_values() >= mean.p_values()).all()
    if k == 1:
        np.testing.assert_allclose(widths, alone, rtol=0.1)


def test_values_that_no_seed_moves_have_the_width_of_the_closed_form():
    """Second route: where all variance is the examples', that of independent normal values."""
    k, values = 11, np.zeros((3, 11))
    mean = mean_over_trainings(values, values + replicates(k)[:, None])
    _, high = LargestOfTrainings(mean).intervals()
    np.testing.assert_allclose(high, ndtri((1 + 0.95 ** (1 / k)) / 2), rtol=0.05)


def test_corrected_p_values_agree_with_the_intervals():
    for seed in range(20):
        largest = LargestOfTrainings(trained(11, seeds=8, seed=seed))
        low, high = largest.intervals(0.7)
        np.testing.assert_array_equal(largest.p_values() < 0.3, (low > 0) | (high < 0))


def test_a_family_is_called_less_often_than_each_value():
    each, family = 0, 0
    for seed in range(100):
        mean = trained(11, seed=seed)
        each += (mean.p_values() < 0.05).any()
        family += (signs(mean) != 0).any()
    assert family <= 8
    assert each > 2 * family


def test_signs_of_real_differences_are_found_whatever_the_shape():
    values = np.array([[0.0, 0.3, -0.3]] * 4)[:, None].repeat(2, axis=1)
    drawn = values + 0.01 * np.random.default_rng(0).normal(size=(300, 1, 2, 3))
    mean = mean_over_trainings(values + 0.01 * np.random.default_rng(1).normal(size=values.shape), drawn)
    for correction in ("max_t", "bh", "by"):
        assert signs(mean, correction).tolist() == [[0, 1, -1]] * 2


def test_false_discoveries_are_scipys():
    mean = trained(6, seeds=8, seed=4)
    for method in ("bh", "by"):
        corrected = false_discovery_control(mean.p_values(), method=method)
        np.testing.assert_array_equal(signs(mean, method, level=0.5) != 0, corrected <= 0.5)


def test_one_training_has_no_signs():
    mean = trained(4, seeds=1)
    assert mean.untested
    assert not signs(mean).any()
    assert np.isnan(LargestOfTrainings(mean).intervals()).all()
    assert np.isnan(LargestOfTrainings(mean).p_values()).all()


def test_what_never_moved_is_known_beside_what_did():
    values = np.array([[0.2, 0.0, 0.1], [0.2, 0.0, 0.12], [0.2, 0.0, 0.08]])
    largest = LargestOfTrainings(mean_over_trainings(values, np.stack([values] * 9)))
    low, high = largest.intervals(inside=(0, 1))
    np.testing.assert_allclose((low[:2], high[:2]), [[0.2, 0.0]] * 2)
    assert low[2] < 0.1 < high[2]
    assert largest.p_values()[:2] == pytest.approx([1 / 2001, 1.0])


def test_unknown_corrections_and_levels_are_refused():
    with pytest.raises(ValueError, match="correction must be max_t, bh or by, but is 'bonferroni'"):
        signs(trained(2), "bonferroni")
    with pytest.raises(ValueError, match="level must lie between 0 and 1, but is 2"):
        signs(trained(2), level=2)
