import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ortho_group

from dlfa_core.measures import DEFAULT_MEASURES, MEASURES, linear_cka, measure, sample_warning, svcca

N_NEURONS = 30
SHEAR = np.eye(N_NEURONS) + np.triu(np.full((N_NEURONS, N_NEURONS), 0.3), 1)
ROTATION = ortho_group.rvs(N_NEURONS, random_state=3)
STEP = np.random.default_rng(5).standard_normal(N_NEURONS)
TRANSFORMS = {
    "rotation": lambda x: x @ ROTATION,
    "scaling": lambda x: 5.0 * x,
    "shift": lambda x: x + STEP,
    "shear": lambda x: x @ SHEAR,
}


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("name", MEASURES)
def test_invariant_to_exactly_what_it_declares(name, transform, paired_views):
    x, y = paired_views
    drift = abs(MEASURES[name](TRANSFORMS[transform](x), y) - MEASURES[name](x, y))
    assert (drift < 1e-9) == (transform in MEASURES[name].invariant_to)


@pytest.mark.parametrize("name", MEASURES)
def test_symmetric_exactly_if_declared(name, paired_views):
    x, y = paired_views
    assert (abs(MEASURES[name](x, y) - MEASURES[name](y, x)) < 1e-12) == MEASURES[name].symmetric


@pytest.mark.parametrize("name", MEASURES)
def test_stays_in_its_declared_range(name, make_views):
    low, high = MEASURES[name].range
    for noise in (0.0, 1.0, 100.0):
        x, y = make_views(2, 80, 30, noise=noise)
        assert low <= MEASURES[name](x, y) <= high + 1e-12


@pytest.mark.parametrize("name", [name for name in MEASURES if "cosine_" not in name])
def test_a_view_agrees_fully_with_itself(name, paired_views):
    assert MEASURES[name](paired_views[0], paired_views[0]) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_says_how_to_read_it(name):
    listed = MEASURES[name]
    assert listed.name == name
    assert listed.reads.endswith(".")
    assert listed.label
    assert listed.source


def test_default_measures_are_listed():
    assert set(DEFAULT_MEASURES) <= set(MEASURES)


def test_top_k_suffix_asks_for_the_k_best(paired_views):
    x, y = paired_views
    top_1, top_5, top_all = (measure(f"retrieval_csls@{k}")(x, y) for k in (1, 5, 80))
    assert top_1 == MEASURES["retrieval_csls"](x, y)
    assert top_1 < top_5 < top_all == 1
    assert measure("retrieval_csls@5").label == "Retrieval, CSLS, top 5"


def test_unknown_measure_lists_near_matches():
    with pytest.raises(ValueError, match=r"Unknown measure 'retrieval_cls': did you mean retrieval_csls"):
        measure("retrieval_cls")


def test_measure_like_no_other_lists_all():
    with pytest.raises(ValueError, match=r"Unknown measure 'zzz': choose from cka, cka_biased, "):
        measure("zzz")


@pytest.mark.parametrize("name", ["cka@5", "retrieval_csls@", "retrieval_csls@0", "retrieval_csls@x"])
def test_top_k_needs_a_ranking_and_a_whole_k(name):
    with pytest.raises(ValueError, match=r"only retrieval measures take @k, with a whole k from 1 on"):
        measure(name)


def test_sample_warning_tells_the_score_of_unrelated_data(rng):
    x, y = rng.standard_normal((2, 100, 768))
    assert "up to 0.88 for unrelated data" in sample_warning("cka_biased", 100, 768)
    assert linear_cka(x, y, debiased=False) == pytest.approx(0.88, abs=0.01)
    assert "about 0.08 for unrelated data" in sample_warning("anc_abs", 100, 768)
    assert MEASURES["anc_abs"](x, y) == pytest.approx(0.08, abs=0.01)


def test_sample_warning_matches_the_null_of_canonical_correlations(rng):
    x, y = rng.standard_normal((2, 100, 64))
    assert "at n = 100" in sample_warning("svcca", 100, 64)
    assert "at n = 100 and d = 64" in sample_warning("pwcca", 100, 64)
    assert svcca(x, y) > 0.3


@pytest.mark.parametrize("name", MEASURES)
def test_no_warning_where_n_is_large_or_the_measure_unbiased(name):
    assert sample_warning(name, 100_000, 768) is None
    if name not in ("cka_biased", "svcca", "pwcca", "anc_abs"):
        assert sample_warning(name, 30, 768) is None


def calibrated():
    """The coverage of every measure in `docs/calibration.md`: {measure: shares of single pairs and of their means}."""
    page = (Path(__file__).parents[2] / "docs" / "calibration.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in page.splitlines() if line.startswith("|")
    ]
    found = {}
    for name, *rest in rows:
        if name in MEASURES:  # other tables are of other statistics
            found.setdefault(name, []).extend(map(float, rest[3:5]))
    return found


@pytest.mark.parametrize("name", sorted(calibrated()))
def test_a_measure_says_so_where_its_intervals_cover_less_than_they_say(name):
    """The page shows what stands in the registry, the simulations what is true."""
    least = min(calibrated()[name])
    said = MEASURES[name].coverage
    assert (least >= 0.935) or said, f"{name} covers {least} in one of the simulations"
    shares = [int(found) for found in re.findall(r"cover (\d+)(?: to \d+)? %", said)]
    assert all(share == pytest.approx(100 * least, abs=1) for share in shares)
