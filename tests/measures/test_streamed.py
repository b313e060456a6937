"""Sums over parts of the sentences give what the measures give of all at once."""

import numpy as np
import pytest

from dlfa_core.measures import compare_all
from dlfa_core.measures.streamed import STREAMED, Sums


@pytest.fixture
def views():
    """Three languages, anisotropic as encoders are; one neuron is constant in one of them."""
    rng = np.random.default_rng(0)
    meaning = rng.normal(size=(90, 12))
    views = 5 + np.stack([meaning @ rng.normal(size=(12, 12)) + rng.normal(size=(90, 12)) for _ in range(3)])
    views[1, :, 4] = 2.5
    return views.astype(np.float32)


@pytest.mark.parametrize("name", STREAMED)
@pytest.mark.parametrize("cuts", [[], [30], [1, 2, 89], list(range(10, 90, 10))])
def test_parts_add_up_to_the_measure_of_all(views, name, cuts):
    parts = [Sums.of(part) for part in np.split(views, cuts, axis=1)]
    whole = Sums.of(views[:, :0])
    for part in parts:
        whole.add(part)
    found = STREAMED[name](whole)
    np.testing.assert_allclose(STREAMED[name](sum(parts[1:], start=parts[0])), found, atol=1e-12)
    (score,) = compare_all(views, [name], None).values()
    expected = np.full((3, 3), np.nan)
    for pair, value in zip(score.pairs, score.values, strict=True):
        expected[tuple(pair)] = value
    known = ~np.isnan(expected)
    assert known.sum() >= 3
    np.testing.assert_allclose(found[known], expected[known], atol=2e-6)


def test_what_is_taken_away_leaves_the_rest(views):
    whole, part, rest = (Sums.of(views[:, rows]) for rows in (slice(None), slice(0, 40), slice(40, None)))
    for score in STREAMED.values():
        np.testing.assert_allclose(score(whole - part), score(rest), atol=1e-9)


@pytest.mark.parametrize(("name", "n"), [("cka", 3), ("anc", 2), ("cosine_gap", 1)])
def test_too_few_sentences_are_refused(views, name, n):
    with pytest.raises(ValueError, match=str(n)):
        STREAMED[name](Sums.of(views[:, :n]))


def test_a_vector_of_zeros_has_no_cosine(views):
    views[0, 3] = 0
    with pytest.raises(ValueError, match="cosine"):
        Sums.of(views)


def test_neurons_that_are_all_constant_in_one_language_say_nothing(views):
    views[1] = 2.5
    with pytest.raises(ValueError, match="each is constant in one language"):
        Sums.of(views).anc()
