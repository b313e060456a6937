import numpy as np
import pytest
from scipy.stats import pearsonr

from dlfa_core.measures import anc
from dlfa_core.measures.intervals import jackknife_weights
from dlfa_core.measures.neurons import compare
from tests.rounding import tolerance


def test_equals_pearson_neuron_by_neuron(paired_views):
    x, y = paired_views
    y = y * np.where(np.arange(30) % 3, 1, -1)  # some neurons turned around
    r = np.array([pearsonr(x[:, k], y[:, k]).statistic for k in range(30)])
    assert anc(x, y) == pytest.approx(r.mean(), abs=1e-12)
    assert anc(x, y, absolute=True) == pytest.approx(np.abs(r).mean(), abs=1e-12)


def test_two_neurons_by_hand():
    x, y = np.array([[1, 1], [2, 2], [3, 3.0]]), np.array([[2, 3], [4, 2], [6, 1.0]])
    assert anc(x, y) == pytest.approx(0, abs=1e-12)  # correlations 1 and -1
    assert anc(x, y, absolute=True) == pytest.approx(1)


@pytest.mark.parametrize("absolute", [False, True])
def test_replicates_leave_groups_out(make_views, absolute):
    x, y = views = make_views(2, 50, 8, noise=4.0)
    (scores,) = compare(views, np.ones((1, 50)), [{"absolute": absolute}])
    for replicate, kept in zip(scores.replicates, jackknife_weights(50) > 0, strict=True):
        expected = anc(x[kept], y[kept], absolute)
        assert replicate[0, 1] == pytest.approx(expected, abs=tolerance("float32", 50))
    assert scores.method == ("jackknife" if absolute else "corrected")


def test_a_constant_neuron_is_named(paired_views):
    x, y = paired_views.copy()
    y[:, 4] = 0.1
    with pytest.raises(ValueError, match=r"neuron 4 is constant in one language \(1 such neurons in all\)"):
        anc(x, y)


def test_a_neuron_constant_over_a_resample_is_refused(make_views):
    views = make_views(2, 30, 3)
    views[0, :, 1] = np.arange(30) == 7
    with pytest.raises(ValueError, match="A neuron is constant over a resample"):
        compare(views, np.ones((1, 30)), [{"absolute": False}])


def test_different_widths_are_refused(rng):
    with pytest.raises(ValueError, match="anc compares neuron k with neuron k, but x has 4 neurons and y has 5"):
        anc(rng.standard_normal((9, 4)), rng.standard_normal((9, 5)))
