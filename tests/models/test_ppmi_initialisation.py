"""The start: translations are alike before training, at every layer."""

import numpy as np
import pytest
import torch

from dlfa_core.data.pools import Pool
from dlfa_core.models.ppmi_initialisation import (
    SHIFT,
    SUBWORD_SCALE,
    USAGE_LENGTH,
    meaning_vectors,
    start_from,
    start_vectors,
)

SUBWORDS, SENTENCES, WIDTH = 120, 300, 16


@pytest.fixture(scope="module")
def sentences():
    """Subwords 10 to 59 are words of one language; subword p + 50 is the translation of p."""
    rng = np.random.default_rng(0)
    rows = [rng.choice(np.arange(10, 60), size=6, replace=False) for _ in range(SENTENCES)]
    return [[row.tolist(), (row + 50).tolist()] for row in rows]


@pytest.fixture(scope="module")
def texts(sentences):
    """The same sentences, each word of them behind one of the subwords 1 to 5 or 6 to 9, which say nothing.

    Words of one half have the one kind before them, words of the other half the other.
    """
    chance = np.random.default_rng(1)
    pools = {}
    for language in range(2):
        words = np.array([row[language] for row in sentences])
        half = (words - 10 - 50 * language) < 25
        helpers = np.where(half, chance.integers(1, 6, words.shape), chance.integers(6, 10, words.shape))
        pools[f"language {language}"] = [Pool.of(np.stack([helpers, words], 2).reshape(len(words), -1).tolist())]
    return pools


@pytest.fixture(scope="module")
def vectors(sentences, texts):
    return start_vectors(sentences, texts, SUBWORDS, WIDTH)


def test_a_word_is_closest_to_its_translation(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = (unit[10:60] @ unit[60:110].T).argmax(axis=1)
    assert np.array_equal(nearest, np.arange(50))


def test_the_decomposition_equals_a_full_one():
    """Second route: a dense matrix and numpy's SVD give the same inner products where nothing is cut off."""
    topics = np.arange(10, 60).reshape(10, 5)
    sentences = [[topics[i % 10].tolist(), (topics[i % 10] + 50).tolist()] for i in range(60)]
    counts = np.zeros((SUBWORDS, 60))
    for column, row in enumerate(sentences):
        counts[np.concatenate(row), column] = 1
    joint = counts / counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(joint / (joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True))) - np.log(SHIFT)
    left, strength, _ = np.linalg.svd(np.nan_to_num(information, neginf=0, nan=0).clip(0), full_matrices=False)
    content = left[10:110, :WIDTH] * np.sqrt(strength[:WIDTH])
    found = meaning_vectors(sentences, SUBWORDS, WIDTH)[10:110]
    assert found @ found.T == pytest.approx(content @ content.T, abs=1e-6)


def test_all_vectors_have_one_length_so_that_a_layer_norm_keeps_what_they_say_apart(vectors):
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths == pytest.approx(lengths[0], rel=1e-5)


def test_vectors_have_the_scale_that_is_promised(vectors):
    assert np.sqrt(np.mean(vectors**2)) == pytest.approx(SUBWORD_SCALE, rel=1e-5)


def test_subwords_that_mean_nothing_lie_close_together_but_their_use_tells_them_apart(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    silent, informative = unit[1:10] @ unit[1:10].T, unit[10:60] @ unit[10:60].T
    assert silent.min() > 1 - 2 * USAGE_LENGTH**2 - 1e-6  # two lengths of use in opposite directions
    assert silent.min() > informative.mean() + 0.1
    same, other = silent[:5, :5].min(), silent[:5, 5:].max()
    assert same > other


def test_sentences_without_anything_to_tell_have_vectors_all_the_same():
    sentences = [[[1, 2], [3, 4]]] * (WIDTH + 1)
    vectors = start_vectors(sentences, {"one": [Pool.of([[1, 2]])]}, WIDTH + 5, WIDTH)
    assert np.isfinite(vectors).all()
    assert np.sqrt(np.mean(vectors**2)) == pytest.approx(SUBWORD_SCALE, rel=1e-5)


def test_every_layer_of_the_untrained_model_still_knows_the_translations(vectors):
    model = start_from(vectors, np.ones(SUBWORDS), num_hidden_layers=6, num_attention_heads=2, intermediate_size=32)
    words = torch.arange(10, 60)[:, None]
    with torch.inference_mode():
        here, there = (model.bert(ids, output_hidden_states=True).hidden_states for ids in (words, words + 50))
    for one, other in zip(here, there, strict=True):
        one, other = (
            torch.nn.functional.normalize(state[:, 0] - state[:, 0].mean(0), dim=-1) for state in (one, other)
        )
        assert ((one @ other.T).argmax(1) == torch.arange(50)).float().mean() > 0.95


def test_the_decoder_begins_at_the_share_of_each_subword(vectors):
    counts = np.arange(SUBWORDS)
    model = start_from(vectors, counts, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    bias = model.cls.predictions.decoder.bias.detach().numpy()
    assert np.exp(bias) == pytest.approx((counts + 1) / (counts + 1).sum(), rel=1e-5)


def test_too_few_sentences_are_refused():
    with pytest.raises(ValueError, match="3 aligned sentences and 120 subwords cannot span 16 dimensions"):
        start_vectors([[[1], [2]]] * 3, {}, SUBWORDS, 16)
