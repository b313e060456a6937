import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from dlfa_core.measures import MEASURES, bootstrap_weights, compare_all, interval, measure
from dlfa_core.measures.intervals import jackknife_weights
from tests.rounding import tolerance

N, D = 120, 40
CLOSE = tolerance("float32", N + D)  # replicates are sums over neurons, then over sentences
NAMES = [*MEASURES, "retrieval_csls@5", "retrieval_margin@3"]


@pytest.fixture
def views(make_views) -> np.ndarray:
    return make_views(4, N, D)


@pytest.mark.parametrize("name", NAMES)
def test_values_equal_the_small_function_pair_by_pair(name, views):
    scores = compare_all(views, [name])[name]
    for (a, b), value in zip(scores.pairs, scores.values, strict=True):
        assert value == pytest.approx(measure(name)(views[a], views[b]), abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_asking_for_all_changes_no_number(name, views):
    weights = bootstrap_weights(120, 15, seed=0)
    together, alone = compare_all(views, NAMES, weights)[name], compare_all(views, [name], weights)[name]
    np.testing.assert_array_equal(together.pairs, alone.pairs)
    for field in ("values", "replicates", "null_mean", "null_sd"):
        np.testing.assert_allclose(getattr(together, field), getattr(alone, field), rtol=0, atol=CLOSE)


@pytest.mark.parametrize("name", NAMES)
def test_pairs_come_both_ways_unless_symmetric(name, views):
    scores = compare_all(views, [name], bootstrap_weights(120, 15, seed=0))[name]
    n_pairs = 6 if measure(name).symmetric else 12
    assert scores.measure == name
    assert len({tuple(pair) for pair in scores.pairs}) == len(scores.pairs) == n_pairs
    assert scores.values.shape == scores.null_mean.shape == scores.null_sd.shape == (n_pairs,)
    assert scores.replicates.shape == (15 if scores.method in ("share", "spread") else 20, n_pairs)


CLOSENESS = {"unrelated": 0.0, "alike": 1.0, "nearly equal": 300.0}


@pytest.mark.parametrize("closeness", CLOSENESS)
@pytest.mark.parametrize("name", NAMES)
def test_intervals_are_open_hold_their_values_and_stay_within_the_range(name, closeness, rng):
    own = rng.standard_normal((3, N, D))
    views = CLOSENESS[closeness] * rng.standard_normal((N, D)) + own
    scores = compare_all(views, [name], bootstrap_weights(N, 60, seed=0))[name]
    lowest, highest = measure(name).range
    for (low, high), value in ((scores.intervals(), scores.values), (scores.mean_interval(), scores.values.mean())):
        assert (np.asarray(low) < high).all()
        assert (low <= value).all()
        assert (value <= high).all()
        assert (lowest <= np.asarray(low)).all()
        assert (np.asarray(high) <= highest + CLOSE).all()


@pytest.mark.parametrize("name", ["cka", "cka_biased", "svcca", "pwcca", "anc", "anc_abs", "cosine_parallel"])
def test_what_no_other_sample_would_change_has_no_interval(name, views):
    equal = np.stack([views[0], views[0]])
    low, high = compare_all(equal, [name], bootstrap_weights(N, 60, seed=0))[name].intervals()
    np.testing.assert_allclose([low, high], 1, atol=CLOSE)


def test_without_weights_intervals_are_not_numbers(views):
    scores = compare_all(views, ["cka"])["cka"]
    assert np.isnan(scores.intervals()).all()
    assert np.isnan(scores.mean_interval()).all()


def test_the_interval_of_a_mean_is_that_of_the_mean_replicates(views):
    scores = compare_all(views, ["cka"], bootstrap_weights(N, 60, seed=0))["cka"]
    expected = interval(scores.values.mean(), scores.replicates.mean(axis=1), "jackknife")
    assert scores.mean_interval() == pytest.approx(expected)


@pytest.mark.parametrize("name", NAMES)
def test_without_weights_there_are_no_replicates(name, views):
    assert len(compare_all(views, [name])[name].replicates) == 0


def test_threads_change_no_number(views):
    weights = bootstrap_weights(120, 15, seed=0)
    found = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            found.append(compare_all(views, ["cka", "retrieval_csls"], weights))
    for name in ("cka", "retrieval_csls"):
        np.testing.assert_allclose(found[0][name].replicates, found[1][name].replicates, rtol=0, atol=CLOSE)


def test_replicates_of_pairs_share_their_resamples(make_views):
    x, y = make_views(2, 100, 10)
    scores = compare_all(np.stack([x, y, x]), ["cka"], bootstrap_weights(100, 15, seed=0))["cka"]
    np.testing.assert_allclose(scores.replicates[:, 0], scores.replicates[:, 2], rtol=0, atol=CLOSE)  # x, y and y, x


def test_scores_come_in_the_order_asked_for(views):
    assert list(compare_all(views, ["retrieval_csls", "anc", "cka", "anc"])) == ["retrieval_csls", "anc", "cka"]


def test_unknown_measure_lists_near_matches(views):
    with pytest.raises(ValueError, match="did you mean cka"):
        compare_all(views, ["ckaa"])


@pytest.mark.parametrize("shape", [(20, 5), (1, 20, 5)])
def test_fewer_than_two_views_are_refused(shape):
    with pytest.raises(ValueError, match="at least two views as one array"):
        compare_all(np.zeros(shape), ["cka"])


def test_weights_of_another_corpus_are_refused(views):
    with pytest.raises(ValueError, match=r"\(resamples, 120\), but have shape \(9, 50\)"):
        compare_all(views, ["cka"], bootstrap_weights(50, 9, seed=0))


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_weights_must_be_finite_and_not_negative(views, bad):
    with pytest.raises(ValueError, match="weights must be finite and not negative"):
        compare_all(views, ["cka"], np.full((2, 120), bad))


def test_a_resample_of_equal_sentences_has_no_cka(views):
    kept = jackknife_weights(N)[0] > 0
    views[:, kept] = views[:, kept][:, :1]
    with pytest.raises(ValueError, match="CKA is undefined where all different sentences are equally far apart"):
        compare_all(views, ["cka"], np.ones((1, N)))


def test_a_bad_view_is_named(views):
    views[2, 5, 3] = np.nan
    with pytest.raises(ValueError, match=r"compare_all needs finite numbers, but view 2 holds nan at row 5, column 3"):
        compare_all(views, ["cka"])
    views[2] = 1
    with pytest.raises(ValueError, match=r"all 120 rows of view 2 are equal"):
        compare_all(views, ["cka"])
