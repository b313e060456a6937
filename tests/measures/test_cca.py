import numpy as np
import pytest
from scipy.linalg import subspace_angles

from dlfa_core.measures import pwcca, svcca
from dlfa_core.measures.cca import compare
from dlfa_core.measures.intervals import jackknife_weights


def leading(view: np.ndarray, k: int) -> np.ndarray:
    """The k leading singular directions, (n, k), by a full decomposition."""
    return np.linalg.svd(view - view.mean(axis=0), full_matrices=False)[0][:, :k]


def test_svcca_equals_the_cosines_of_subspace_angles(paired_views):
    x, y = paired_views
    expected = np.cos(subspace_angles(leading(x, 20), leading(y, 20))).mean()
    assert svcca(x, y) == pytest.approx(expected, abs=1e-9)
    wide_x, wide_y = x[:50] @ np.eye(30, 60), y[:50]  # more neurons than sentences
    expected = np.cos(subspace_angles(leading(wide_x, 20), leading(wide_y, 20))).mean()
    assert svcca(wide_x, wide_y) == pytest.approx(expected, abs=1e-9)


def test_pwcca_equals_the_eigenvalue_route(make_views):
    x, y = make_views(2, 120, 6)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    squares, vectors = np.linalg.eig(np.linalg.solve(x.T @ x, x.T @ y) @ np.linalg.solve(y.T @ y, y.T @ x))
    variates = x @ vectors.real
    variates /= np.linalg.norm(variates, axis=0)
    weights = np.abs(variates.T @ x).sum(axis=1)
    expected = np.average(np.sqrt(squares.real), weights=weights)
    assert pwcca(x, y, n_components=6) == pytest.approx(expected, abs=1e-9)


def test_share_of_variance_keeps_as_many_directions_as_reach_it(rng):
    x = leading(rng.standard_normal((60, 4)), 4) * [10, 5, 1, 0.1]
    y = rng.permutation(x)  # the same spectrum: 79 %, 99.2 %, 99.99 %, all
    for share, size in ((0.7, 1), (0.99, 2), (0.995, 3), (0.99999, 4)):
        assert svcca(x, y, n_components=share) == svcca(x, y, n_components=size)


def test_one_neuron_gives_the_absolute_correlation():
    x, y = np.array([1, 2, 3, 4.0])[:, None], np.array([-1, -3, -2, -4.0])[:, None]
    assert svcca(x, y) == pytest.approx(0.8)
    assert pwcca(x, y) == pytest.approx(0.8)


def test_replicates_leave_groups_out_in_fixed_directions(make_views):
    x, y = views = make_views(2, 90, 25)
    svcca_scores, pwcca_scores = compare(views, np.ones((1, 90)), [{"weighted": False}, {"weighted": True}])
    for replicate, kept in zip(svcca_scores.replicates, jackknife_weights(90) > 0, strict=True):
        left, right = (leading(view, 20)[kept] for view in (x, y))
        left, right = left - left.mean(axis=0), right - right.mean(axis=0)
        expected = np.cos(subspace_angles(left, right)).mean()
        assert replicate[0, 1] == replicate[1, 0] == pytest.approx(expected, abs=1e-9)
    assert pwcca_scores.replicates[:, 0, 1].mean() == pytest.approx(pwcca_scores.values[0, 1], abs=0.02)


def test_weighted_replicates_equal_a_refit_where_nothing_is_cut(rng):
    x, y = views = rng.standard_normal((90, 5)) + rng.standard_normal((2, 90, 5))
    (scores,) = compare(views, np.ones((1, 90)), [{"weighted": True}])
    for replicate, kept in zip(scores.replicates, jackknife_weights(90) > 0, strict=True):
        assert replicate[0, 1] == pytest.approx(pwcca(x[kept], y[kept], n_components=5), abs=1e-9)


def test_too_many_directions_are_refused_with_their_numbers(rng):
    x, y = rng.standard_normal((2, 40, 60))
    with pytest.raises(ValueError, match="svcca keeps 20 and 20 directions but compares 40 sentences"):
        svcca(x, y)
    with pytest.raises(ValueError, match=r"pwcca keeps \d+ and \d+ directions but compares 40 sentences"):
        pwcca(x, y)
    with pytest.raises(ValueError, match="svcca keeps 20 and 20 directions but compares 39 sentences"):
        compare(rng.standard_normal((2, 42, 60)), np.ones((1, 42)), [{"weighted": False}])


@pytest.mark.parametrize("n_components", [0, -1])
def test_no_directions_are_refused(paired_views, n_components):
    with pytest.raises(ValueError, match=f"n_components is {n_components}: give a number of directions"):
        svcca(*paired_views, n_components=n_components)
