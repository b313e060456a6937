import numpy as np
import pytest
from sklearn.decomposition import PCA

from dlfa_core.measures.removal import without_means, without_top_components
from tests.rounding import tolerance

CLOSE = tolerance("float32", 30, scale=20)  # sums of 30 rows that lie around 20
LABELS = np.repeat(["eng", "deu"], 15)


@pytest.fixture
def rows():
    return (np.random.default_rng(0).normal(size=(30, 6)) * np.arange(1, 7) + 20).astype(np.float32)


def test_every_language_is_centred(rows):
    found = without_means(rows, LABELS)
    for language in ("eng", "deu"):
        np.testing.assert_allclose(found[language == LABELS].mean(axis=0), 0, rtol=0, atol=CLOSE)
    assert found.dtype == np.float32


def test_means_are_taken_over_the_rows_named(rows):
    fit = np.arange(30) % 3 == 0
    found = without_means(rows, LABELS, fit)
    np.testing.assert_allclose(found[:15], rows[:15] - rows[:15][fit[:15]].mean(axis=0), rtol=0, atol=CLOSE)
    only_german = without_means(rows, LABELS, LABELS == "deu")
    np.testing.assert_allclose(only_german[:15], rows[:15] - rows[15:].mean(axis=0), rtol=0, atol=CLOSE)


def test_what_is_left_is_what_the_other_components_hold(rows):
    pca = PCA().fit(rows.astype(np.float64))
    scores = pca.transform(rows.astype(np.float64))
    scores[:, :2] = 0
    np.testing.assert_allclose(without_top_components(rows, 2), scores @ pca.components_, rtol=0, atol=CLOSE)


def test_directions_are_taken_from_the_rows_named(rows):
    fit = np.arange(30) < 20
    pca = PCA(1).fit(rows[fit].astype(np.float64))
    found = without_top_components(rows, 1, fit)
    np.testing.assert_allclose(found @ pca.components_.T, 0, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("components", [0, 6])
def test_something_must_go_and_something_stay(rows, components):
    with pytest.raises(ValueError, match=f"Of 6 dimensions, 1 to 5 top components can be removed, not {components}"):
        without_top_components(rows, components)
