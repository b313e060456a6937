import numpy as np
import pytest
from scipy.linalg import subspace_angles

from dlfa_core.measures import bootstrap_weights, pwcca, svcca
from dlfa_core.measures.cca import compare


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


@pytest.mark.parametrize("weighted", [False, True])
def test_replicates_equal_a_refit_of_repeated_rows(make_views, weighted):
    x, y = views = make_views(2, 120, 25)
    weights = bootstrap_weights(120, 25, seed=0)
    (scores,) = compare(views, weights.astype(float), [{"weighted": weighted}])
    assert len(scores.replicates) == 20
    for replicate, w in zip(scores.replicates, weights, strict=False):
        expected = (pwcca if weighted else svcca)(np.repeat(x, w, axis=0), np.repeat(y, w, axis=0))
        assert replicate[0, 1] == pytest.approx(expected, abs=1e-9)


def test_the_leading_hundred_directions_are_enough_to_refit_twenty(rng):
    scale = np.arange(1, 201) ** -0.7
    meaning, own = rng.standard_normal((300, 200)), rng.standard_normal((2, 300, 200))
    views = (meaning + 0.6 * own) * scale
    weights = bootstrap_weights(300, 20, seed=0)
    (scores,) = compare(views, weights.astype(float), [{"weighted": False}])
    exact = [svcca(*(np.repeat(view, w, axis=0) for view in views)) for w in weights]
    assert scores.replicates[:, 0, 1].std() == pytest.approx(np.std(exact), rel=0.1)


def test_too_many_directions_are_refused_with_their_numbers(rng):
    x, y = rng.standard_normal((2, 40, 60))
    with pytest.raises(ValueError, match="svcca keeps 20 and 20 directions but compares 40 sentences"):
        svcca(x, y)
    with pytest.raises(ValueError, match=r"pwcca keeps \d+ and \d+ directions but compares 40 sentences"):
        pwcca(x, y)
    with pytest.raises(ValueError, match="svcca keeps 20 and 20 directions but compares 40 sentences"):
        compare(rng.standard_normal((2, 40, 60)), np.ones((1, 40)), [{"weighted": False}])


@pytest.mark.parametrize("n_components", [0, -1])
def test_no_directions_are_refused(paired_views, n_components):
    with pytest.raises(ValueError, match=f"n_components is {n_components}: give a number of directions"):
        svcca(*paired_views, n_components=n_components)
