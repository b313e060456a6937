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


@pytest.mark.parametrize("noise", [0.0, 1e-8])
def test_a_neuron_that_only_rounding_moves_is_left_out(paired_views, noise):
    x, y = paired_views.copy()
    y[:, 4] = 0.1 + noise * np.arange(len(y)) / len(y)
    rest = np.delete(x, 4, axis=1), np.delete(y, 4, axis=1)
    assert anc(x, y) == pytest.approx(anc(*rest), rel=1e-12)
    signed, absolute = compare(np.stack([x, y]), np.ones((1, len(x))), [{}, {"absolute": True}])
    assert signed.values[0, 1] == pytest.approx(anc(*rest), rel=1e-9)
    assert absolute.values[0, 1] == pytest.approx(anc(*rest, absolute=True), rel=1e-9)


def test_views_of_constant_neurons_are_refused(paired_views):
    x, y = paired_views.copy()
    x[:, ::2] = y[:, 1::2] = 0.5
    with pytest.raises(ValueError, match="each of the 30 is constant in one language: check"):
        anc(x, y)


def test_a_neuron_is_left_out_of_resamples_over_which_it_is_constant(make_views):
    x, y = views = make_views(2, 30, 3)
    views[0, :, 1] = np.arange(30) == 7
    (scores,) = compare(views, np.ones((1, 30)), [{"absolute": False}])
    for replicate, kept in zip(scores.replicates, jackknife_weights(30) > 0, strict=True):
        assert replicate[0, 1] == pytest.approx(anc(x[kept], y[kept]), abs=tolerance("float32", 30))


def test_different_widths_are_refused(rng):
    with pytest.raises(ValueError, match="anc compares neuron k with neuron k, but x has 4 neurons and y has 5"):
        anc(rng.standard_normal((9, 4)), rng.standard_normal((9, 5)))
