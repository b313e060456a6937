import numpy as np
import pytest
from scipy.stats import norm

from dlfa_core.measures import bootstrap_weights, compare_all, interval
from dlfa_core.measures.intervals import bounds, interval_or_nan, jackknife_weights, possible_weights


def test_bootstrap_weights_are_counts_of_n_draws():
    weights = bootstrap_weights(50, 30, seed=4)
    assert weights.shape == (30, 50)
    assert (weights.sum(axis=1) == 50).all()
    assert np.array_equal(weights, bootstrap_weights(50, 30, seed=4))
    assert not np.array_equal(weights, bootstrap_weights(50, 30, seed=5))


def test_jackknife_leaves_every_sentence_out_once():
    left_out = jackknife_weights(53) == 0
    assert (left_out.sum(axis=0) == 1).all()
    assert set(left_out.sum(axis=1)) == {2, 3}


def test_jackknife_interval_of_a_mean_is_the_classical_one(rng):
    x = rng.standard_normal(400)
    left_out = [x[w > 0].mean() for w in jackknife_weights(400, n_groups=400)]
    low, high = interval(x.mean(), left_out, "jackknife", level=0.9)
    reach = norm.ppf(0.95) * x.std(ddof=1) / np.sqrt(400)
    assert (low, high) == pytest.approx((x.mean() - reach, x.mean() + reach))


def test_bootstrap_interval_takes_percentiles_per_value():
    replicates = np.stack([np.arange(101.0), np.arange(101.0) * 10], axis=1)
    low, high = interval([50, 500], replicates, "bootstrap", level=0.9)
    np.testing.assert_allclose([low, high], [[5, 50], [95, 950]])


def test_without_resamples_an_interval_is_not_a_number():
    replicates = np.stack([np.arange(101.0), np.arange(101.0) * 10], axis=1)
    values = np.array([50.0, 500.0])
    assert np.array_equal(interval_or_nan(values, replicates), interval(values, replicates, "bootstrap"))
    for few in (replicates[:0], replicates[:1]):
        assert np.isnan(interval_or_nan(values, few)).all()
        assert np.isnan(bounds(50.0, few[:, 0])).all()


def test_the_bounds_of_one_number_are_those_of_its_finite_replicates():
    replicates = np.append(np.arange(101.0), [np.nan, np.inf])
    assert bounds(50.0, replicates) == tuple(interval(50.0, np.arange(101.0), "bootstrap"))
    assert bounds(50.0, replicates, "jackknife") == tuple(interval(50.0, np.arange(101.0), "jackknife"))
    assert np.isnan(bounds(np.nan, replicates)).all()


@pytest.mark.parametrize(("n", "resamples"), [(19, 30), (20, 0), (20, 30)])
def test_few_sentences_have_no_weights(n, resamples):
    weights = possible_weights(n, resamples, 3)
    assert weights.shape == (resamples if n == 20 else 0, n)
    if len(weights):
        np.testing.assert_array_equal(weights, bootstrap_weights(n, resamples, 3))


COVERAGE = {"cka": 0.5, "anc": np.sqrt(0.5), "anc_abs": np.sqrt(0.5)}


@pytest.mark.parametrize("name", COVERAGE)
def test_intervals_cover_the_truth_about_as_often_as_they_say(name):
    rng, covered, trials = np.random.default_rng(11), 0, 200
    for trial in range(trials):
        x, noise = rng.standard_normal((2, 80, 12))
        views = np.stack([x, np.sqrt(0.5) * x + np.sqrt(0.5) * noise])  # population CKA 1/2, r = sqrt(1/2)
        scores = compare_all(views, [name], bootstrap_weights(80, 100, seed=trial))[name]
        low, high = interval(scores.values, scores.replicates, scores.method)
        covered += low[0] <= COVERAGE[name] <= high[0]
    assert 0.89 <= covered / trials <= 0.99


@pytest.mark.parametrize("draw", [lambda n: bootstrap_weights(n, 9, seed=0), jackknife_weights])
def test_too_few_sentences_are_refused(draw):
    with pytest.raises(ValueError, match="needs at least 20 sentences, but got 19"):
        draw(19)


def test_no_replicates_no_interval():
    with pytest.raises(ValueError, match="at least two replicates, but got 0: pass weights"):
        interval([0.5], np.empty((0, 1)), "bootstrap")


def test_replicates_of_other_pairs_are_refused():
    with pytest.raises(ValueError, match=r"replicates are shaped \(9, 3\) but the values \(2,\)"):
        interval([0.5, 0.6], np.zeros((9, 3)), "bootstrap")


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_is_a_share(level):
    with pytest.raises(ValueError, match=f"level must lie between 0 and 1, but is {level}"):
        interval(0.5, np.zeros(9), "bootstrap", level)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match='method must be "bootstrap" or "jackknife", but is \'normal\''):
        interval(0.5, np.zeros(9), "normal")
