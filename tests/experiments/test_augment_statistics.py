"""How often the statistics of `augment` claim what is not so, by simulation; and by second routes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlfa_core.experiments.augment.two_by_two import ARMS, EFFECTS, fisher_interval, holm, p_values, pearson

FUSIONS = ("last", "dlfa")
COVERED = np.concatenate([np.zeros(9), np.linspace(0.4, 0.75, 10)])  # 9 languages held out, as in the bundled result


def p_under_the_null(runs, examples, noise, rng):
    """Return p (runs, effects) where nothing differs but by chance: 3 seeds, and models that vary with `noise` logits.

    Examples are as hard for all models; a model is as good by chance, and its heads are, besides; what hits is drawn.
    """
    hard = rng.normal(0, 1, (runs, 1, 1, 1, examples))
    model = rng.normal(0, noise, (runs, len(ARMS), 1, 3, 1))
    head = rng.normal(0, noise, (runs, len(ARMS), len(FUSIONS), 3, 1))
    hits = rng.random((runs, len(ARMS), len(FUSIONS), 3, examples)) < 1 / (1 + np.exp(-(hard + model + head)))
    weights = np.array([[cells.get((a, f), 0) for a in ARMS for f in FUSIONS] for cells in EFFECTS.values()])
    cells = hits.reshape(runs, len(ARMS) * len(FUSIONS), 3, examples)
    by_example = np.einsum("ec,xcsn->xsen", weights, cells, optimize=True)
    drawn = rng.multinomial(examples, np.full(examples, 1 / examples), size=200) / examples
    replicates = np.einsum("rn,xsen->rsxe", drawn, by_example, optimize=True)
    return p_values(by_example.mean(axis=-1).swapaxes(0, 1), replicates)


@pytest.mark.parametrize("noise", [0.0, 0.15, 1.0])
def test_p_is_below_5_percent_hardly_more_often_than_that(noise):
    p = p_under_the_null(300, 60, noise, np.random.default_rng(7))
    assert (p < 0.05).mean() <= 0.06  # over all effects; each by itself is a matter of 300 runs
    assert 0.4 < np.quantile(p, 0.5) < 0.75


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.05, 0.15, 0.4, 1.0])
def test_p_of_every_effect_is_below_5_percent_in_at_most_6(noise):
    p = np.concatenate([p_under_the_null(250, 87, noise, np.random.default_rng([11, part])) for part in range(4)])
    assert len(p) == 1000
    assert ((p < 0.05).mean(axis=0) <= 0.06).all()


@pytest.mark.slow
def test_the_lexicon_is_hardly_ever_said_to_gain_or_lose_once_all_effects_are_corrected():
    p = p_under_the_null(250, 87, 0.4, np.random.default_rng(13))
    assert np.mean([(holm(row) < 0.05).any() for row in p]) <= 0.06


def test_an_effect_as_large_as_ten_of_its_errors_is_found():
    rng = np.random.default_rng(0)
    by_seed = 0.2 + rng.normal(0, 0.01, (3, 50))
    assert (p_values(by_seed, by_seed + rng.normal(0, 0.02, (200, 1, 50))) < 0.05).all()


def test_where_examples_play_no_part_p_is_that_of_a_t_test_over_seeds():
    by_seed = np.random.default_rng(1).normal(0.05, 0.1, (3, 20))
    replicates = np.broadcast_to(by_seed, (100, 3, 20))
    np.testing.assert_allclose(p_values(by_seed, replicates), stats.ttest_1samp(by_seed, 0).pvalue, rtol=1e-6)


def test_where_seeds_agree_p_is_that_of_the_examples():
    by_seed = np.full((3, 1), 0.02)
    replicates = np.random.default_rng(1).normal(0.02, 0.01, (2000, 1, 1)).repeat(3, axis=1)
    expected = 2 * stats.t.sf(0.02 / replicates[:, 0, 0].std(ddof=1), 1999)
    np.testing.assert_allclose(p_values(by_seed, replicates), expected, rtol=1e-6)


def test_p_is_where_the_interval_of_both_ends_at_0():
    rng = np.random.default_rng(2)
    by_seed, replicates = rng.normal(0.1, 0.03, (4, 1)), rng.normal(0.1, 0.05, (60, 4, 1))
    p = p_values(by_seed, replicates)[0]
    parts = (
        replicates.mean(axis=1).std(ddof=1) * stats.t.isf(p / 2, 59),
        by_seed.std(ddof=1) / 2 * stats.t.isf(p / 2, 3),
    )
    assert np.hypot(*parts) == pytest.approx(by_seed.mean())


@pytest.mark.parametrize("shape", [(3, 0), (1, 100)])
def test_without_resamples_and_with_one_seed_there_is_no_p(shape):
    seeds, resamples = shape
    assert np.isnan(p_values(np.ones((seeds, 2)), np.ones((resamples, seeds, 2)))).all()


def test_effects_that_never_differ_from_0_have_p_1():
    assert p_values(np.zeros((3, 2)), np.zeros((50, 3, 2))).tolist() == pytest.approx([1.0, 1.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_holms_p_rejects_what_holms_steps_reject(p):
    p = np.array(p)
    corrected = holm(p)
    for level in (0.01, 0.05, 0.3):
        rejected = np.zeros(len(p), dtype=bool)
        for step, index in enumerate(np.argsort(p, kind="stable")):
            if not p[index] * (len(p) - step) <= level:
                break
            rejected[index] = True
        assert ((corrected <= level) == rejected).all()


def test_holms_p_leaves_out_what_has_none():
    np.testing.assert_allclose(holm(np.array([0.01, np.nan, 0.04])), [0.02, np.nan, 0.04])
    assert np.isnan(holm(np.full(2, np.nan))).all()


@pytest.mark.parametrize("covered", [COVERED, COVERED[9:]], ids=["19 languages", "10 covered ones"])
@pytest.mark.parametrize("kind", ["even", "heavy tails", "covered ones vary more"])
def test_gains_are_hardly_ever_said_to_follow_coverage_when_they_do_not(covered, kind):
    rng = np.random.default_rng(3)
    gains = rng.standard_t(3, (1000, len(covered))) if kind == "heavy tails" else rng.normal(size=(1000, len(covered)))
    gains *= np.where(covered > 0, 2, 1) if kind == "covered ones vary more" else 1
    intervals = np.array([fisher_interval(pearson(row, covered), len(covered)) for row in gains])
    assert (intervals[:, 0] > 0).mean() + (intervals[:, 1] < 0).mean() <= 0.06


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.6])
def test_intervals_of_a_correlation_cover_the_true_one(correlation):
    rng = np.random.default_rng(4)
    pairs = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], (1000, 15))
    intervals = np.array([fisher_interval(pearson(*one.T), 15) for one in pairs])
    assert ((intervals[:, 0] <= correlation) & (correlation <= intervals[:, 1])).mean() >= 0.94


def test_a_perfect_correlation_has_an_interval():
    low, high = fisher_interval(1.0, 6)
    assert 0.9 < low < high <= 1
    assert pearson(np.ones(4), np.arange(4.0)) == 0.0
