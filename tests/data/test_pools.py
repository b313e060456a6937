"""Training batches: the same for the same seed and step, within their budget, true to their shares."""

import numpy as np
import pytest

from dlfa_core.data.pools import Aligned, Mixture, Pool


@pytest.fixture
def sentences():
    rng = np.random.default_rng(0)
    return [rng.integers(5, 90, size=rng.integers(1, 60)).tolist() for _ in range(400)]


def test_a_pool_gives_back_its_sentences(sentences):
    pool = Pool.of(sentences)
    assert [pool[row].tolist() for row in range(len(pool))] == sentences


def test_a_batch_is_a_function_of_seed_and_step(sentences):
    mixture = Mixture({"eng": Pool.of(sentences)})
    first, again = mixture.draw(300, seed=1, step=7), mixture.draw(300, seed=1, step=7)
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    other_step = mixture.draw(300, seed=1, step=8)
    assert [ids.tolist() for ids in first] != [ids.tolist() for ids in other_step]


@pytest.mark.parametrize("step", range(30))
def test_a_padded_batch_fits_its_token_budget(sentences, step):
    batch = Mixture({"eng": Pool.of(sentences)}, longest=40).draw(300, seed=0, step=step)
    longest = max(map(len, batch))
    assert longest <= 40
    assert len(batch) * (longest + 2) <= 300


def test_exponent_zero_draws_languages_alike_and_one_draws_them_as_the_text_is():
    pools = {"eng": Pool.of([[1, 2]] * 300), "deu": Pool.of([[3, 4]] * 100)}
    assert Mixture(pools, exponent=0.0).probabilities == pytest.approx([0.5, 0.5])
    assert Mixture(pools, exponent=1.0).probabilities == pytest.approx([0.75, 0.25])
    drawn = [ids[0] for step in range(20) for ids in Mixture(pools, exponent=1.0).draw(400, seed=0, step=step)]
    assert np.mean(np.array(drawn) == 1) == pytest.approx(0.75, abs=0.05)


def test_aligned_rows_are_distinct_and_translate_each_other():
    corpora = [
        {code: Pool.of([[base + 10 * row + k] for row in range(6)]) for k, code in enumerate(("eng", "deu", "fra"))}
        for base in (100, 500)
    ]
    left, right = Aligned(corpora).draw(9, seed=3, step=2)
    rows = [int(ids[0]) // 10 for ids in left]
    assert rows == [int(ids[0]) // 10 for ids in right]
    assert len(set(rows)) == 9
    assert all(one[0] != other[0] for one, other in zip(left, right, strict=True)), "never a language with itself"


def test_aligned_sentences_are_listed_with_every_language_whole():
    corpus = {"eng": Pool.of([[1, 2], [3]]), "deu": Pool.of([[4], [5, 6, 7]])}
    listed = [[ids.tolist() for ids in row] for row in Aligned([corpus], longest=1).sentences()]
    assert listed == [[[1, 2], [4]], [[3], [5, 6, 7]]]


def test_corpora_are_drawn_from_by_the_texts_that_they_hold():
    wide = {code: Pool.of([[1]] * 300) for code in ("eng", "deu", "fra", "spa", "ita", "por")}
    pairs = {code: Pool.of([[2]] * 300) for code in ("eng", "deu")}
    drawn = [int(ids[0]) for step in range(40) for ids in Aligned([wide, pairs]).draw(20, seed=0, step=step)[0]]
    assert np.mean(np.array(drawn) == 1) == pytest.approx(0.75, abs=0.05)


def test_the_start_listens_to_corpora_in_many_languages_where_there_are_any():
    wide = {code: Pool.of([[1]]) for code in ("eng", "deu", "fra")}
    pairs = {code: Pool.of([[2]]) for code in ("eng", "deu")}
    assert [len(row) for row in Aligned([wide, pairs]).sentences()] == [3]
    assert [len(row) for row in Aligned([pairs]).sentences()] == [2]


@pytest.mark.parametrize("step", range(5))
def test_sentences_are_drawn_from_the_locations_that_are_named(sentences, step):
    mixture = Mixture({"eng": Pool.of(sentences[:200]), "deu": Pool.of(sentences[200:])}, longest=30)
    drawn, locations = mixture.draw(300, seed=2, step=step), mixture.locations(300, seed=2, step=step)
    for ids, (language, row) in zip(drawn, locations, strict=True):
        assert ids.tolist() == sentences[row + 200 * (language == "deu")][:30]
