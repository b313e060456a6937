"""Batches and the masked-language-model loss of a training, by a second route."""

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM

from dlfa_core.models import MaskedLanguageModel, Pretraining, PretrainingRecipe, Step, cased_tokenizer
from dlfa_core.models.masked_language import mean_loss
from dlfa_core.models.masked_rows import RowBuilder

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
SUBWORDS = [*SPECIAL, *(f"w{number}" for number in range(40))]


@pytest.fixture(scope="module")
def training():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(SUBWORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    recipe = PretrainingRecipe(steps=4, lr=1e-3, mask_rate=0.5, rank_layer=1, rank_weight=1.0, seed=3)
    return Pretraining(BertForMaskedLM(config), cased_tokenizer(SUBWORDS, 64), recipe)


@pytest.fixture(scope="module")
def sentences():
    rng = np.random.default_rng(0)
    return [rng.integers(5, len(SUBWORDS), size=rng.integers(3, 30)).astype(np.int32) for _ in range(50)]


def test_rows_stand_between_special_tokens(training):
    batch = training.prepare(Step([np.array([7, 8, 9]), np.array([10])], False, [np.array([5])], [np.array([6])]), 0)
    assert batch.rows.ids.tolist() == [[2, 7, 8, 9, 3], [2, 10, 3, 0, 0]]
    assert batch.rows.attention.tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert batch.rows.special.tolist() == [[True, False, False, False, True], [True, False, True, True, True]]
    assert batch.rows.types.tolist() == [[0] * 5] * 2
    assert batch.translations.ids.tolist() == [[2, 5, 3], [2, 6, 3]]
    assert batch.n_tokens == 5 + 3 + 6


def test_a_sentence_beside_its_translation_is_told_apart_by_type(training):
    pairs = [(np.array([7, 8]), np.array([9])), (np.array([10]), np.array([11]))]
    rows = training.prepare(Step(pairs, True, [np.array([5])], [np.array([6])]), 0).rows
    assert rows.ids.tolist() == [[2, 7, 8, 3, 9, 3], [2, 10, 3, 11, 3, 0]]
    assert rows.types.tolist() == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0]]


def test_what_is_masked_is_a_function_of_seed_and_step(training, sentences):
    step = Step(sentences, False, sentences[:2], sentences[2:4])
    first, again, other = (training.prepare(step, number).masked for number in (1, 1, 2))
    assert torch.equal(first.ids, again.ids)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.labels, other.labels)


def test_the_loss_is_the_mean_over_masked_tokens_of_one_sentence_at_a_time(training, sentences, monkeypatch):
    """Second route: keep what was masked, then read every sentence alone with the whole model."""
    kept = []
    mask = RowBuilder.masked
    monkeypatch.setattr(RowBuilder, "masked", lambda self, *given: kept.append(mask(self, *given)) or kept[-1])
    value, n = mean_loss(training.model.eval(), training.builder, sentences, tokens=100)
    assert len(kept) > 5, "several batches"
    model, losses = training.model.eval(), []
    with torch.no_grad():
        for masked in kept:
            for ids, labels in zip(masked.ids, masked.labels, strict=True):
                length = int((ids != 0).sum())
                logits = model(ids[None, :length]).logits[0]
                asked = labels[:length] >= 0
                losses += functional.cross_entropy(logits[asked], labels[:length][asked], reduction="none").tolist()
    assert n == len(losses)
    assert value == pytest.approx(np.mean(losses), rel=1e-5)
    assert 0.1 < n / sum(map(len, sentences)) < 0.2


def test_sentences_of_no_token_have_no_loss(training):
    value, n = training.evaluate([])
    assert (n, np.isnan(value)) == (0, True)


def test_batches_of_an_evaluation_fit_their_budget(training, sentences, monkeypatch):
    shapes = []
    build = RowBuilder.sentences
    monkeypatch.setattr(RowBuilder, "sentences", lambda self, given: shapes.append(given) or build(self, given))
    mean_loss(training.model.eval(), training.builder, sentences, tokens=100)
    assert sum(map(len, shapes)) == len(sentences)
    assert all(len(part) * (max(map(len, part)) + 2) <= 100 for part in shapes)


@pytest.fixture(scope="module")
def asked(training):
    return MaskedLanguageModel(training.model.eval(), training.tokenizer)


def test_the_loss_of_texts_is_that_of_their_subwords(asked, training, sentences):
    texts = [" ".join(SUBWORDS[number] for number in ids) for ids in sentences]
    assert asked.loss(texts) == training.evaluate(sentences)


def test_a_gap_is_filled_with_what_the_model_finds_likeliest(asked):
    filled = asked.fill("w1 w2 [MASK] w4", k=3)
    logits = asked.model(torch.tensor([[2, 6, 7, 4, 9, 3]])).logits[0, 3]
    best = logits.softmax(-1).topk(3)
    assert [word for word, _ in filled] == [SUBWORDS[number] for number in best.indices]
    assert [share for _, share in filled] == pytest.approx(best.values.tolist(), rel=1e-5)


@pytest.mark.parametrize(("text", "gaps"), [("w1 w2", 0), ("[MASK] w1 [MASK]", 2)])
def test_a_text_needs_one_gap(asked, text, gaps):
    with pytest.raises(ValueError, match=rf"has {gaps} gaps: write \[MASK\] in one place"):
        asked.fill(text)
