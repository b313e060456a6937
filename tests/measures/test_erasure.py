"""Comprehensiveness and sufficiency, by hand and by their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.measures.erasure import SHARES, erasures, first_words, probability_drops

SCORES = st.lists(st.floats(-3, 3), min_size=1, max_size=30).map(np.array)


@given(SCORES, st.floats(0.01, 1))
def test_the_first_words_are_the_highest_and_as_many_as_asked(scores, share):
    chosen = first_words(scores, share)
    assert max(1, share * len(scores) - 1e-6) <= chosen.sum() < share * len(scores) + 1
    if not chosen.all():
        assert scores[chosen].min() >= scores[~chosen].max()


def test_of_equal_words_the_first_in_the_text_is_taken():
    assert first_words([1.0, 2.0, 2.0, 0.0], 0.25).tolist() == [False, True, False, False]


@given(SCORES)
def test_what_is_left_out_is_what_stands_alone(scores):
    kept = erasures(np.vstack([scores, -scores]), draws=3)
    assert kept.shape == (2, len(SHARES), 5, len(scores))
    assert (kept[0] != kept[1]).all()
    np.testing.assert_array_equal(kept[1, 1, 0], first_words(scores, SHARES[1]))
    np.testing.assert_array_equal(kept[1, 2, 1], first_words(-scores, SHARES[2]))


def test_random_rankings_are_the_same_for_every_system():
    few, many = (erasures(np.zeros((k, 12)), draws=4, seed=2) for k in (1, 3))
    np.testing.assert_array_equal(few[:, :, 1:], many[:, :, 3:])
    assert (erasures(np.zeros((1, 12)), draws=4, seed=3)[:, :, 1:] != few[:, :, 1:]).any()


def test_falls_in_an_additive_model_are_sums_of_what_is_erased():
    """p(text) = 0.1 * words kept, but word 3 weighs five times as much; the second system is deaf."""
    weights = np.array([0.1, 0.1, 0.1, 0.5])
    kept = erasures(np.array([[0, 0, 0, 1.0], [1.0, 0, 0, 0]]), draws=500, shares=(0.25, 0.5))
    heard = kept @ weights
    own, random = probability_drops([0.8, 0.4], np.stack([heard, np.full_like(heard, 0.4)], axis=-1))
    np.testing.assert_allclose(own[:, :, 0], [[0.5, 0.6], [0.3, 0.2]])
    np.testing.assert_allclose(own[:, :, 1], 0)
    np.testing.assert_allclose(random[:, :, 0], [[0.2, 0.4], [0.6, 0.4]], atol=0.03)


def test_without_draws_there_is_no_control():
    own, random = probability_drops([0.5], np.full((2, 3, 1, 1), 0.5))
    assert (own == 0).all()
    assert np.isnan(random).all()


@pytest.mark.parametrize(
    ("scores", "share", "message"),
    [([], 0.5, "at least one word"), ([1.0, np.nan], 0.5, "a score for each"), ([1.0], 0, "share=0 of the words")],
)
def test_what_is_no_ranking_is_refused(scores, share, message):
    with pytest.raises(ValueError, match=message):
        first_words(scores, share)
