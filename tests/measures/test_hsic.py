from itertools import permutations

import numpy as np
import pytest

from dlfa_core.measures import bootstrap_weights, linear_cka
from dlfa_core.measures.hsic import biased_hsic, unbiased_hsic


def normalised(views: np.ndarray) -> np.ndarray:
    views = views - views.mean(axis=1, keepdims=True)
    return views / np.sqrt(np.square(views).sum(axis=2).mean(axis=1))[:, None, None]


def by_enumeration(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    """E[K12 L12] + E[K12] E[L34] - 2 E[K12 L13] over distinct sentences with weights w, tuple by tuple."""
    k, l, everyone = x @ x.T, y @ y.T, range(len(w))  # noqa: E741

    def mean(size: int, term) -> float:
        tuples = list(permutations(everyone, size))
        mass = [np.prod(w[list(chosen)]) for chosen in tuples]
        return np.average([term(*chosen) for chosen in tuples], weights=mass)

    two = mean(2, lambda i, j: k[i, j] * l[i, j])
    three = mean(3, lambda i, j, q: k[i, j] * l[i, q])
    four = mean(4, lambda i, j, q, r: k[i, j] * l[q, r])
    return two + four - 2 * three


def test_weighted_form_equals_enumeration_over_distinct_sentences(make_views):
    views, weights = (
        make_views(2, 7, 3),
        np.array([[1, 0, 2, 3, 1, 0, 1], [1, 1, 1, 1, 1, 1, 1], [0, 2, 2, 1, 4, 1, 1]]),
    )
    found = unbiased_hsic(views, weights, dtype=np.float64)
    x, y = normalised(views)
    for replicate, w in zip(found, weights, strict=True):
        assert replicate[0, 1] == pytest.approx(by_enumeration(x, y, w), abs=1e-12)
        assert replicate[1, 0] == replicate[0, 1]
        assert replicate[0, 0] == pytest.approx(by_enumeration(x, x, w), abs=1e-12)


def test_equal_weights_give_the_value_itself_across_blocks(make_views):
    views = make_views(3, 300, 5)  # more sentences than a block of rows
    hsic = unbiased_hsic(views, np.ones((1, 300)), dtype=np.float64)[0]
    cka = hsic / np.sqrt(np.outer(np.diag(hsic), np.diag(hsic)))
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert cka[a, b] == pytest.approx(linear_cka(views[a], views[b]), abs=1e-12)


def test_float32_replicates_stay_within_1e_4_of_float64(make_views):
    views, weights = make_views(3, 400, 60, noise=3.0), bootstrap_weights(400, 20, seed=0)

    def cka(dtype: type) -> np.ndarray:
        hsic = unbiased_hsic(views, weights, dtype)
        own = np.sqrt(np.diagonal(hsic, axis1=1, axis2=2))
        return hsic / (own[:, :, None] * own[:, None])

    np.testing.assert_allclose(cka(np.float32), cka(np.float64), rtol=0, atol=1e-4)  # as documented


def test_resamples_centre_on_the_value_where_repeated_rows_do_not(rng):
    x, y = views = rng.standard_normal((2, 60, 200))
    weights = bootstrap_weights(60, 100, seed=1)
    own, cross = (unbiased_hsic(views, weights)[:, 0, b] for b in (0, 1))
    assert (cross / own).mean() == pytest.approx(linear_cka(x, y), abs=0.01)
    repeated = [linear_cka(np.repeat(x, w, axis=0), np.repeat(y, w, axis=0)) for w in weights[:10]]
    assert np.mean(repeated) > 0.3


def test_biased_form_under_zeros_and_ones_is_that_of_the_sentences_kept(make_views):
    views, keep = make_views(2, 300, 5), np.arange(300) % 3 > 0
    hsic = biased_hsic(views, keep[None].astype(float), dtype=np.float64)[0]
    expected = linear_cka(views[0, keep], views[1, keep], debiased=False)
    assert hsic[0, 1] / np.sqrt(hsic[0, 0] * hsic[1, 1]) == pytest.approx(expected, abs=1e-12)
