import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlfa_core.measures.differences import difference_intervals


def normal_intervals(values, deviations):
    reach = stats.norm.ppf(0.975) * np.asarray(deviations)
    return np.stack([values, values - reach, values + reach], axis=-1)


def test_of_normal_intervals_it_is_the_normal_one():
    value, low, high = difference_intervals(
        normal_intervals(np.array(0.5), 0.03), normal_intervals(np.array(0.3), 0.04)
    )
    np.testing.assert_allclose([value, low, high], [0.2, 0.2 - 1.959964 * 0.05, 0.2 + 1.959964 * 0.05], rtol=1e-6)


def test_many_at_once_are_widened_by_bonferroni():
    one, other = normal_intervals(np.zeros(13), 0.03), normal_intervals(np.zeros(13), 0.04)
    _, low, high = difference_intervals(one, other, 13)
    np.testing.assert_allclose(high, stats.norm.ppf(1 - 0.025 / 13) * 0.05, rtol=1e-6)
    np.testing.assert_allclose(low, -high)


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.integers(1, 20))
def test_it_encloses_the_value_and_turns_round(numbers, together):
    one, other = (np.sort(numbers[start : start + 3])[[1, 0, 2]] for start in (0, 3))
    value, low, high = difference_intervals(one, other, together)
    back, back_low, back_high = difference_intervals(other, one, together)
    assert low <= value <= high
    np.testing.assert_allclose([back, back_low, back_high], [-value, -high, -low])


@pytest.mark.parametrize(("shared", "least", "most"), [(0.0, 0.93, 0.97), (0.5, 0.97, 1.0)])
def test_it_covers_what_it_says_and_more_where_two_share_their_texts(rng, shared, least, most):
    """Shares of 200 texts, by Wilson's interval: of two models whose mistakes are apart, or half of them in common."""
    n, draws, truth = 200, 4000, (0.7, 0.6)
    common = rng.random((draws, n)) < shared
    together = rng.random((draws, n))
    right = [np.where(common, together, rng.random((draws, n))) < share for share in truth]
    shares = [
        np.array([(k / n, *stats.binomtest(int(k), n).proportion_ci(method="wilson")) for k in counts])[inverse]
        for counts, inverse in (np.unique(each.sum(1), return_inverse=True) for each in right)
    ]
    _, low, high = difference_intervals(*shares)
    assert least <= ((low <= 0.1) & (high >= 0.1)).mean() <= most


@pytest.mark.parametrize(
    ("first", "together", "said"),
    [
        ([0.5, 0.4], 1, r"first has the shape \(2,\): its last axis must be value, low end, high end"),
        ([0.5, 0.6, 0.7], 1, r"first has the value 0.5 outside of its interval \[0.6, 0.7\]"),
        ([0.5, 0.4, 0.6], 0, "together=0 intervals hold nothing: give 1 or more"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused(first, together, said):
    with pytest.raises(ValueError, match=said):
        difference_intervals(first, [0.5, 0.4, 0.6], together)


def test_a_missing_end_is_missing_in_the_difference():
    value, low, high = difference_intervals([0.5, np.nan, np.nan], [0.3, 0.2, 0.4])
    assert value == pytest.approx(0.2)
    assert np.isnan([low, high]).all()
