"""Do the intervals of the similarity measures cover the truth as often as they say?

The slow tests take one measure at a time: `pytest -m slow tests/calibration -k "anc and heavy"`. Those of the default
run are few simulations of what the intervals of earlier versions failed at, with seeds that are fixed.
"""

import numpy as np
import pytest

from dlfa_core.measures import MEASURES, bootstrap_weights, compare_all
from tests.calibration.simulations import DISTRIBUTIONS, SIZES, population, simulate, usable

FEWEST = {  # docs/calibration.md
    ("cka", "heavy", 60): 0.89,
    ("cka", "heavy", 200): 0.88,
    ("svcca", "heavy", 200): 0.9,
    ("cka", "hubs", 60): 0.87,
    ("cosine_gap", "hubs", 60): 0.91,
    ("cka", "hubs", 200): 0.88,
    ("svcca", "hubs", 200): 0.88,
}
CASES = [(m, d, n) for m in MEASURES for d in DISTRIBUTIONS for n in SIZES if usable(m, n)]


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "distribution", "n"), CASES, ids=lambda value: str(value).replace(" ", "-"))
def test_intervals_cover_the_truth_as_often_as_they_say(measure, distribution, n):
    (found,) = simulate([measure], distribution, n, simulations=1000)
    fewest = FEWEST.get((measure, distribution, n), 0.92)
    assert min(found.pairs, found.mean) > fewest, found


@pytest.mark.parametrize(
    ("measure", "distribution", "n", "simulations", "fewest"),
    [
        ("svcca", "normal", 200, 60, 0.85),  # 0.6 where its directions were held fixed
        ("pwcca", "normal", 200, 30, 0.88),
        ("anc", "heavy", 60, 150, 0.92),  # 0.8 by percentiles
        ("retrieval_csls", "close", 60, 60, 0.95),  # 0.3 by percentiles, which are those of no miss at all
    ],
)
def test_few_simulations_cover_the_truth(measure, distribution, n, simulations, fewest):
    (found,) = simulate([measure], distribution, n, simulations, seed=2)
    assert found.pairs >= fewest, found


def test_the_truth_in_closed_form_is_what_large_samples_come_to():
    for name, distribution in DISTRIBUTIONS.items():
        views = distribution.draw(np.random.default_rng(3), 3000)
        found = compare_all(views, ["cka", "anc"])
        for measure in ("cka", "anc"):
            np.testing.assert_allclose(found[measure].values, population(measure, name), atol=0.04)


def test_intervals_are_no_wider_than_the_normal_ones_by_more_than_a_quarter():
    views = DISTRIBUTIONS["normal"].draw(np.random.default_rng(4), 400)
    found = compare_all(views, ["retrieval_centred"], bootstrap_weights(400, 200, seed=0))["retrieval_centred"]
    (low, high), share = found.intervals(), found.values
    assert (high - low < 1.25 * 3.92 * np.sqrt(share * (1 - share) / 400)).all()
