from itertools import permutations

import numpy as np
import pytest

from dlfa_core.measures import MEASURES, compare_all, measure
from dlfa_core.measures.nulls import debiased_cka_sd, matching_sd
from tests.rounding import tolerance

CLOSE = tolerance("float32", 6 + 3)  # sums over three neurons, then over six sentences
EXACT = [name for name in MEASURES if name not in ("anc_abs", "svcca", "pwcca")]


def test_matching_moments_equal_all_permutations_of_any_matrix(rng):
    c = rng.standard_normal((6, 6))
    sums = [c[range(6), list(order)].sum() for order in permutations(range(6))]
    rest = c - c.mean(axis=0) - c.mean(axis=1)[:, None] + c.mean()
    assert matching_sd((rest**2).sum(), 6) == pytest.approx(np.std(sums), abs=1e-12)


@pytest.mark.parametrize("name", [*EXACT, "retrieval_csls@2"])
def test_moments_equal_all_permutations_of_six_sentences(name, make_views):
    x, y = views = make_views(2, 6, 3)
    scores = compare_all(views, [name])[name]
    shuffled = [measure(name)(x, y[list(order)]) for order in permutations(range(6))]
    assert scores.null_mean[0] == pytest.approx(np.mean(shuffled), abs=CLOSE)
    assert scores.null_sd[0] == pytest.approx(np.std(shuffled), abs=CLOSE)


@pytest.mark.parametrize("name", ["cka", "anc", "anc_abs", "svcca", "pwcca", "cosine_gap", "retrieval_centred"])
def test_moments_agree_with_seeded_shuffling(name, make_views, rng):
    x, y = views = make_views(2, 120, 25)
    scores = compare_all(views, [name])[name]
    shuffled = [measure(name)(x, rng.permutation(y)) for _ in range(200)]
    spread = np.std(shuffled)
    shuffles = 20 if name in ("svcca", "pwcca") else np.inf  # what the moments themselves rest on
    assert scores.null_mean[0] == pytest.approx(np.mean(shuffled), abs=4 * spread * np.sqrt(1 / 200 + 1 / shuffles))
    assert scores.null_sd[0] == pytest.approx(spread, rel=0.2 if shuffles > 20 else 0.6)


def test_debiased_null_holds_for_any_data(rng):
    for views in (rng.standard_normal((2, 30, 3)), rng.pareto(1.5, (2, 30, 50))):
        assert compare_all(views, ["cka"])["cka"].null_sd[0] == pytest.approx(debiased_cka_sd(30))
    assert debiased_cka_sd(30) == pytest.approx(np.sqrt(2 / (30 * 27)))
