import numpy as np
import pytest
from scipy.stats import norm, t

from dlfa_core.measures import bootstrap_weights, interval
from dlfa_core.measures.intervals import bounds, deviations, interval_or_nan, jackknife_weights, possible_weights


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
    reach = t.ppf(0.95, 399) * x.std(ddof=1) / np.sqrt(400)
    assert (low, high) == pytest.approx((x.mean() - reach, x.mean() + reach))


def test_bootstrap_interval_takes_percentiles_per_value():
    replicates = np.stack([np.arange(101.0), np.arange(101.0) * 10], axis=1)
    low, high = interval([50, 500], replicates, "bootstrap", level=0.9)
    np.testing.assert_allclose([low, high], [[5, 50], [95, 950]])


@pytest.mark.parametrize("value", [-5.0, 0.0, 3.0, 50.0, 99.5, 100.0, 120.0])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_a_bootstrap_interval_holds_its_value_wherever_the_replicates_lie(value, level):
    low, high = interval(value, np.arange(101.0), "bootstrap", level=level)
    assert low <= value <= high
    assert min(value, 0) <= low <= 100  # reaches no farther than the replicates, or than the value itself
    assert 0 <= high <= max(value, 100)


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


def test_a_bias_that_the_jackknife_finds_moves_the_corrected_interval(rng):
    x = rng.standard_normal(200)
    kept = jackknife_weights(200, n_groups=200)
    left_out = np.array([np.average((x - np.average(x, weights=w)) ** 2, weights=w) for w in kept])
    low, high = interval(x.var(), left_out, "corrected")
    assert (low + high) / 2 == pytest.approx(x.var(ddof=1))  # the jackknife of a variance is exact


def test_deviations_give_the_covariance_of_a_mean(rng):
    x = rng.standard_normal((300, 2)) @ [[1, 0.7], [0, 0.5]]
    left_out = deviations(np.stack([x[w > 0].mean(axis=0) for w in jackknife_weights(300, 300)]), "jackknife")
    np.testing.assert_allclose(left_out.T @ left_out, np.cov(x.T) / 300)
    drawn = deviations(bootstrap_weights(300, 5000, seed=0) @ x / 300, "spread")
    np.testing.assert_allclose(drawn.T @ drawn, np.cov(x.T) / 300, rtol=0.1)


@pytest.mark.parametrize("hits", [0, 1, 30, 59, 60])
def test_a_share_of_independent_sentences_has_the_interval_of_agresti_and_coull(hits):
    drawn = np.random.default_rng(0).binomial(60, hits / 60, size=100_000) / 60
    low, high = interval(hits / 60, drawn, "share", n=60)
    expected = proportion_confint(hits, 60, hits / 60)
    np.testing.assert_allclose([low, high], expected, atol=0.002)


def proportion_confint(hits: int, n: int, share: float) -> tuple[float, float]:
    """Two more hits and two more misses, then Wald: the rule of thumb that the interval of a share is known by."""
    z = norm.ppf(0.975)
    middle = (hits + z**2 / 2) / (n + z**2)
    reach = z * np.sqrt(middle * (1 - middle) / (n + z**2))
    return max(middle - reach, 0), min(middle + reach, 1)


def test_a_mean_of_shares_is_surer_than_one_and_without_a_miss_is_not():
    one, many = 0.3 + 0.06 * np.linspace(-1, 1, 200), 0.3 + 0.02 * np.linspace(-1, 1, 200)
    wide, narrow = (np.ptp(interval(0.3, replicates, "share", n=60)) for replicates in (one, many))
    assert narrow < 0.5 * wide
    assert interval(1.0, np.ones(200), "share", n=60) == pytest.approx(proportion_confint(60, 60, 1.0))


def test_a_share_of_no_sentences_is_refused():
    with pytest.raises(ValueError, match="A share needs the number of sentences that it is of, but n is 0: pass n"):
        interval(0.5, np.zeros(9), "share")


@pytest.mark.parametrize("draw", [lambda n: bootstrap_weights(n, 9, seed=0), jackknife_weights])
def test_too_few_sentences_are_refused(draw):
    with pytest.raises(ValueError, match="needs at least 20 sentences or examples, but got 19"):
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
    with pytest.raises(
        ValueError, match="method must be one of bootstrap, jackknife, corrected, spread, share, but is 'normal'"
    ):
        interval(0.5, np.zeros(9), "normal")


@pytest.mark.parametrize(("n_resamples", "seed"), [(-1, 0), (10, -1)])
def test_a_bootstrap_refuses_numbers_below_0(n_resamples, seed):
    with pytest.raises(ValueError, match=rf"resamples={n_resamples} and seed={seed} must be 0 or more"):
        bootstrap_weights(30, n_resamples, seed)
