import numpy as np
import pytest

from dlfa_core.measures import correlation_over_languages


def test_it_is_fishers_z_in_closed_form(rng):
    x = rng.normal(size=15)
    y = x + rng.normal(size=15)
    found = correlation_over_languages(x, y)
    value = np.corrcoef(x, y)[0, 1]
    reach = 1.959964 / np.sqrt(12)
    np.testing.assert_allclose(found, [value, *np.tanh(np.arctanh(value) + np.array([-reach, reach])), 15], rtol=1e-5)
    assert -1 <= found.low < found.value < found.high <= 1


def test_languages_without_a_number_are_left_out():
    found = correlation_over_languages([1, 2, 3, 4, np.nan], [2, 1, 4, 3, 9])
    assert found.n == 4
    assert found.value == pytest.approx(0.6)


def test_a_line_is_its_own_interval():
    assert correlation_over_languages([1, 2, 3, 4], [2, 4, 6, 8])[:3] == pytest.approx((1, 1, 1))


@pytest.mark.parametrize(("x", "known"), [([1, 2, 3], True), ([1, 2], False), ([5, 5, 5, 5], False)])
def test_too_few_or_equal_languages_have_no_interval(x, known):
    found = correlation_over_languages(x, np.arange(len(x)) ** 2)
    assert np.isnan(found.low)
    assert np.isnan(found.high)
    assert np.isfinite(found.value) == known
    assert found.n == len(x)


def test_languages_must_match():
    with pytest.raises(ValueError, match=r"x is shaped \(3,\) and y \(2,\): give two numbers of each"):
        correlation_over_languages([1, 2, 3], [1, 2])
