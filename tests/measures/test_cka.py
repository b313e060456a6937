import numpy as np
import pytest
from sklearn.metrics.pairwise import linear_kernel
from sklearn.preprocessing import KernelCenterer

from dlfa_core.measures import linear_cka
from dlfa_core.measures.cka import squared_cross_norms


def hsic_1(x: np.ndarray, y: np.ndarray) -> float:
    """The formula of Song et al., on Gram matrices of vectors as they come."""
    k, l, n = x @ x.T, y @ y.T, len(x)  # noqa: E741
    np.fill_diagonal(k, 0)
    np.fill_diagonal(l, 0)
    ones = np.ones(n)
    product = (ones @ k @ ones) * (ones @ l @ ones) / ((n - 1) * (n - 2))
    return (np.trace(k @ l) + product - 2 / (n - 2) * (ones @ k @ l @ ones)) / (n * (n - 3))


@pytest.mark.parametrize(("n", "d"), [(12, 30), (200, 30)])  # through sentences, through neurons
def test_debiased_form_equals_hsic_1_on_either_route(n, d, make_views):
    x, y = make_views(2, n, d)
    expected = hsic_1(x, y) / np.sqrt(hsic_1(x, x) * hsic_1(y, y))
    assert linear_cka(x, y) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("n", "d"), [(12, 30), (200, 30)])
def test_biased_form_equals_centred_kernel_alignment(n, d, make_views):
    x, y = make_views(2, n, d)
    k, l = (KernelCenterer().fit_transform(linear_kernel(view)) for view in (x, y))  # noqa: E741
    expected = np.vdot(k, l) / (np.linalg.norm(k) * np.linalg.norm(l))
    assert linear_cka(x, y, debiased=False) == pytest.approx(expected, abs=1e-9)


def test_four_sentences_on_a_line_by_hand():
    x, y = np.array([-1, 1, -1, 1.0])[:, None], np.array([-1, 1, 1, -1.0])[:, None]
    # tr KL = -4, both sums of entries -4, 1'KL1 = 4: -4 + 16/6 - 4; with itself 12 + 16/6 - 4
    assert linear_cka(x, y) == pytest.approx((-4 + 16 / 6 - 4) / (12 + 16 / 6 - 4))
    assert linear_cka(x, y, debiased=False) == pytest.approx(0)


def test_biased_form_of_one_neuron_is_the_squared_correlation():
    x, y = np.array([1, 2, 3, 4.0])[:, None], np.array([1, 3, 2, 4.0])[:, None]
    assert linear_cka(x, y, debiased=False) == pytest.approx(0.8**2)


def test_only_the_biased_form_sees_likeness_in_independent_data(rng):
    x, y = rng.standard_normal((2, 100, 768))
    assert abs(linear_cka(x, y)) < 0.05
    assert linear_cka(x, y, debiased=False) == pytest.approx(0.88, abs=0.01)


def test_widths_may_differ(rng):
    x, y = rng.standard_normal((50, 6)), rng.standard_normal((50, 4))
    assert linear_cka(np.hstack([x, 0 * x]), y) == pytest.approx(linear_cka(x, y))


def test_huge_and_tiny_activations_do_not_overflow(paired_views):
    x, y = paired_views
    assert linear_cka(1e150 * x, 1e-150 * y) == pytest.approx(linear_cka(x, y))


@pytest.mark.parametrize(("n", "d"), [(300, 8), (300, 200), (8, 300)])
def test_cross_norms_of_all_views_equal_one_pair_at_a_time(n, d, make_views):
    views = make_views(3, n, d)
    expected = [[np.linalg.norm(x.T @ y) ** 2 for y in views] for x in views]
    np.testing.assert_allclose(squared_cross_norms(views), expected, rtol=1e-12)


def test_fewer_than_four_sentences_are_refused(rng):
    with pytest.raises(ValueError, match="linear_cka needs at least 4 sentences, but got 3"):
        linear_cka(*rng.standard_normal((2, 3, 5)))


def test_sentences_all_equally_far_apart_are_refused(rng):
    with pytest.raises(ValueError, match="CKA is undefined where all different sentences are equally far apart"):
        linear_cka(np.eye(6), rng.standard_normal((6, 6)))
