import numpy as np
import pytest
from scipy import stats

from dlfa_core.measures import equivalence_p_values


def test_it_is_the_larger_of_two_one_sided_t_tests(rng):
    sample = 0.2 + rng.normal(size=(12, 5))
    margin = 0.6
    one_sided = [
        stats.ttest_1samp(sample, margin, alternative="less").pvalue,
        stats.ttest_1samp(sample, -margin, alternative="greater").pvalue,
    ]
    found = equivalence_p_values(sample.mean(axis=0), stats.sem(sample), margin, 11)
    np.testing.assert_allclose(found, np.max(one_sided, axis=0), atol=1e-12)


def test_no_difference_found_shows_no_equality():
    assert equivalence_p_values(0.0, 0.05, 0.02) > 0.05
    assert equivalence_p_values(0.0, 0.005, 0.02) < 0.001


@pytest.mark.parametrize(
    ("error", "margin", "message"),
    [(0.1, -1, "A margin of equivalence must be above 0, but is -1"), (0.0, 1, "Standard errors must be above 0")],
)
def test_what_cannot_be_tested_is_refused(error, margin, message):
    with pytest.raises(ValueError, match=message):
        equivalence_p_values(0.0, error, margin)
