"""Means over a few trainings: two variances, each with its own degrees of freedom."""

import numpy as np
import pytest
from scipy import stats

from dlfa_core.measures.trainings import ROUNDING, mean_over_trainings

RESAMPLES = 300


def still(values, resamples=RESAMPLES):
    """Replicates (R, S, ...) of examples that make no difference."""
    return np.broadcast_to(values, (resamples, *np.shape(values)))


@pytest.fixture
def mean(rng):
    """Five trainings of 2 x 3 configurations."""
    values = 0.03 + 0.03 * rng.normal(size=(5, 2, 3))
    return mean_over_trainings(values, values + 0.02 * rng.normal(size=(RESAMPLES, 1, 2, 3)))


@pytest.mark.parametrize("seeds", [2, 3, 8])
def test_where_only_trainings_differ_it_is_the_t_test(rng, seeds):
    values = 0.5 + 0.1 * rng.normal(size=(seeds, 4))
    found, other = mean_over_trainings(values, still(values)), stats.ttest_1samp(values, 0.45)
    np.testing.assert_allclose(found.p_values(0.45), other.pvalue, atol=1e-9)
    np.testing.assert_allclose(found.intervals(0.9), other.confidence_interval(0.9), atol=1e-9)


def test_where_only_examples_differ_it_is_the_normal_interval(rng):
    values = np.full((3, 4), 0.5)
    replicates = values + 0.02 * rng.normal(size=(20_000, 1, 4))
    low, high = mean_over_trainings(values, replicates).intervals()
    np.testing.assert_allclose(high - low, 2 * 1.96 * 0.02, rtol=0.03)


def test_the_standard_error_is_that_of_drawing_everything_anew_and_no_smaller(rng):
    """Second route: the mean itself, 400 times; what a training alone gets wrong counts in both variances."""
    n, seeds = 200, 4
    weights = rng.multinomial(n, np.full(n, 1 / n), size=200) / n

    def drawn():
        hits = rng.normal(size=(n, 1)) + 2 * rng.normal(size=(n, seeds)) + 0.1 * rng.normal(size=seeds)
        return mean_over_trainings(hits.mean(axis=0), weights @ hits)

    found = [drawn() for _ in range(400)]
    own, examples, seeds_alone = 4 / (n * seeds), 1 / n, 0.01 / seeds
    estimated = np.mean([each.standard_errors**2 for each in found])
    assert estimated == pytest.approx(examples + seeds_alone + 2 * own, rel=0.1)
    assert np.var([each.values for each in found]) == pytest.approx(examples + seeds_alone + own, rel=0.25)


def test_an_interval_of_level_one_minus_p_ends_at_the_null(mean):
    p = mean.p_values(0.01)
    for index in np.ndindex(p.shape):
        low, high = (bound[index] for bound in mean.intervals(1 - p[index]))
        assert min(abs(low - 0.01), abs(high - 0.01)) < 1e-6


def test_equivalence_is_the_ninety_percent_interval_within_the_margin(mean):
    low, high = mean.intervals(0.9)
    for margin in np.linspace(0.01, 0.2, 60):
        inside = (low > -margin) & (high < margin)
        np.testing.assert_array_equal(mean.equivalence_p_values(margin) < 0.05, inside)


def test_bounds_enclose_the_value_and_stay_inside_the_range(mean):
    low, high = mean.intervals()
    assert (low < mean.values).all()
    assert (mean.values < high).all()
    low, high = mean.intervals(0.999, inside=(0.0, 0.05))
    assert low.min() == 0.0
    assert high.max() == 0.05


def test_fewer_seeds_make_it_wider(rng):
    values = np.array([0.1, 0.2, 0.3])
    few = mean_over_trainings(values, still(values))
    many = mean_over_trainings(np.tile(values, 4), still(np.tile(values, 4)))
    assert np.ptp(few.intervals()) > 3 * np.ptp(many.intervals())


def test_what_never_moves_is_known():
    values = np.array([[0.0, 0.4]] * 3) + np.array([[0.0], [ROUNDING / 10], [0.0]])
    found = mean_over_trainings(values, still(values))
    assert found.p_values().tolist() == [1.0, pytest.approx(0.0, abs=1e-12)]
    np.testing.assert_allclose(found.intervals(), [[0.0, 0.4]] * 2, atol=1e-12)


@pytest.mark.parametrize(
    ("seeds", "resamples", "message"),
    [(1, 200, "One training says nothing about how far others"), (3, 0, "Without resamples of the examples")],
)
def test_it_says_why_there_is_no_interval(seeds, resamples, message):
    found = mean_over_trainings(np.full((seeds, 2), 0.5), np.full((resamples, seeds, 2), 0.5))
    assert message in found.untested
    assert found.values.tolist() == [0.5, 0.5]
    for nothing in (*found.intervals(), found.p_values(), found.equivalence_p_values(0.1), found.standard_errors):
        assert np.isnan(nothing).all()


def test_where_there_is_an_interval_nothing_is_said(mean):
    assert mean.untested == ""


@pytest.mark.parametrize("shape", [(9, 2, 4), (9, 4), (9, 3, 5)])
def test_shapes_must_match(shape):
    with pytest.raises(ValueError, match=r"shaped \(3, 4\) and their replicates .* before any mean over seeds"):
        mean_over_trainings(np.zeros((3, 4)), np.zeros(shape))


def test_levels_and_margins_are_checked(mean):
    with pytest.raises(ValueError, match=r"level must lie between 0 and 1, but is 95"):
        mean.intervals(95)
    with pytest.raises(ValueError, match=r"A margin of equivalence must be above 0, but is 0"):
        mean.equivalence_p_values(0)
