import numpy as np
import pytest

from dlfa_core.measures import holm


def test_it_is_the_smallest_level_at_which_the_steps_reject(rng):
    """Second route: go down the ordered values and stop at the first above level / (how many are left)."""
    p = rng.random(8) ** 3
    corrected = holm(p)
    for level in np.linspace(0.001, 0.999, 300):
        rejected = np.zeros(8, dtype=bool)
        for step, index in enumerate(np.argsort(p)):
            if p[index] > level / (8 - step):
                break
            rejected[index] = True
        np.testing.assert_array_equal(corrected <= level, rejected)


def test_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.5]), [0.04, 0.09, 0.09, 0.5])


def test_tests_that_were_not_made_count_for_none():
    np.testing.assert_allclose(holm([np.nan, 0.02, 0.03]), [np.nan, 0.04, 0.04])
    assert holm([]).shape == (0,)


@pytest.mark.parametrize("p", [[0.1, 1.1], [-0.1], [[0.1]]])
def test_only_a_row_of_p_values_is_corrected(p):
    with pytest.raises(ValueError, match=r"holm corrects a row of p values in \[0, 1\], but got"):
        holm(p)
