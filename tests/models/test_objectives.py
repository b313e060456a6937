"""What training asks of the model."""

import math

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM

from dlfa_core.models.objectives import (
    IGNORED,
    lower_part,
    mask_tokens,
    masked_language_loss,
    read_masked,
    sentence_means,
    translation_ranking_loss,
    valence_loss,
)
from tests.rounding import tolerance

VOCABULARY, MASK, FIRST = 200, 4, 5
# Sums over 16 dimensions, 8 of a head, 50 tokens and 32 inner dimensions in 4 blocks, then over the vocabulary.
CLOSE = tolerance("float32", 4 * (8 * 16 + 8 + 2 * 50 + 32) + VOCABULARY)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32
    )
    return BertForMaskedLM(config).eval()


@pytest.fixture
def ids():
    return torch.randint(FIRST, VOCABULARY, (64, 50), generator=torch.Generator().manual_seed(1))


def hide(ids, special, rate, seed=0):
    return mask_tokens(ids, special, MASK, FIRST, VOCABULARY, rate, torch.Generator().manual_seed(seed))


def test_tokens_are_hidden_in_the_shares_of_bert(ids):
    masked = hide(ids, torch.zeros_like(ids, dtype=torch.bool), 0.15)
    asked = masked.labels != IGNORED
    assert asked.float().mean().item() == pytest.approx(0.15, abs=0.02)
    assert (masked.ids[asked] == MASK).float().mean().item() == pytest.approx(0.8, abs=0.06)
    assert (masked.ids[asked] == ids[asked]).float().mean().item() == pytest.approx(0.1, abs=0.05)


def test_what_is_not_asked_never_changes(ids):
    special = torch.rand(ids.shape, generator=torch.Generator().manual_seed(2)) < 0.3
    masked = hide(ids, special, 0.5)
    untouched = masked.labels == IGNORED
    assert untouched[special].all()
    assert torch.equal(masked.ids[untouched], ids[untouched])
    assert torch.equal(masked.labels[~untouched], ids[~untouched])


def test_rate_zero_hides_nothing_and_costs_nothing(ids, model):
    masked = hide(ids[:2], torch.zeros(2, 50, dtype=torch.bool), 0.0)
    assert torch.equal(masked.ids, ids[:2])
    assert masked_language_loss(model, read_masked(model, masked, torch.ones_like(ids[:2]))).item() == 0


def test_the_loss_is_the_one_that_transformers_computes(ids, model):
    masked = hide(ids[:4], torch.zeros(4, 50, dtype=torch.bool), 0.2)
    attention = torch.ones_like(ids[:4])
    expected = model(masked.ids, attention_mask=attention, labels=masked.labels).loss
    loss = masked_language_loss(model, read_masked(model, masked, attention))
    assert loss.item() == pytest.approx(expected.item(), rel=0, abs=CLOSE)


def test_the_lower_part_is_the_model_up_to_that_block(ids, model):
    attention = torch.ones_like(ids[:3])
    expected = model.bert(ids[:3], attention_mask=attention, output_hidden_states=True).hidden_states[2]
    part = lower_part(model, 2).eval()
    assert torch.allclose(part(ids[:3], attention_mask=attention).last_hidden_state, expected, rtol=0, atol=CLOSE)
    assert part.encoder.layer[1].output.dense.weight is model.bert.encoder.layer[1].output.dense.weight


def test_a_sentence_mean_leaves_special_tokens_out(ids, model):
    special = torch.zeros(3, 50, dtype=torch.bool)
    special[:, [0, 49]] = True
    part = lower_part(model, 2).eval()
    states = part(ids[:3], attention_mask=torch.ones_like(ids[:3])).last_hidden_state
    means = sentence_means(part, ids[:3], torch.ones_like(ids[:3]), special)
    assert torch.allclose(means, states[:, 1:49].mean(1), rtol=0, atol=CLOSE)


def test_ranking_costs_nothing_when_translations_are_alone_alike_and_log_n_when_all_are():
    apart = torch.eye(8)
    assert translation_ranking_loss(apart, apart).item() < 1e-6
    assert translation_ranking_loss(torch.ones(8, 4), torch.ones(8, 4)).item() == pytest.approx(math.log(8))


def test_ranking_is_the_same_from_either_side():
    one, other = torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(3))
    assert translation_ranking_loss(one, other).item() == pytest.approx(translation_ranking_loss(other, one).item())


def grouped(ids, groups, rate, group_rate, seed=0):
    special = torch.zeros_like(ids, dtype=torch.bool)
    generator = torch.Generator().manual_seed(seed)
    return mask_tokens(ids, special, MASK, FIRST, VOCABULARY, rate, generator, groups, group_rate)


@pytest.fixture
def groups(ids):
    """Words of three tokens, 1 to 5, with a token of its own behind each."""
    row = torch.tensor([0 if position % 4 == 3 else position // 4 % 5 + 1 for position in range(ids.shape[1])])
    return row.expand_as(ids)


def test_words_are_hidden_whole_with_one_fate(ids, groups):
    masked = grouped(ids, groups, 0.15, 0.5)
    asked = (masked.labels != IGNORED)[:, :48].reshape(64, 12, 4)[..., :3]
    assert (asked.all(-1) == asked.any(-1)).all()
    assert asked.float().mean().item() == pytest.approx(0.5, abs=0.05)
    hidden = (masked.ids == MASK)[:, :48].reshape(64, 12, 4)[..., :3]
    assert (hidden.all(-1) == hidden.any(-1)).all()


def test_other_tokens_are_hidden_as_they_are_without_words(ids, groups):
    plain, marked = hide(ids, torch.zeros_like(ids, dtype=torch.bool), 0.15), grouped(ids, groups, 0.15, 0.9)
    alone = groups == 0
    assert torch.equal(plain.ids[alone], marked.ids[alone])
    assert torch.equal(plain.labels[alone], marked.labels[alone])


def test_valences_by_regression_and_by_classes_agree_with_torch():
    head, means = torch.nn.Linear(4, 1), torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    target = torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0, 1.0])
    by_hand = sum((head(mean).item() - value.item()) ** 2 for mean, value in zip(means, target, strict=True)) / 6
    assert valence_loss(head, means, target).item() == pytest.approx(by_hand, rel=1e-5)
    classes = torch.nn.Linear(4, 3)
    gold = torch.tensor([0, 1, 2, 0, 1, 2])
    shares = classes(means).softmax(-1)[torch.arange(6), gold]
    assert valence_loss(classes, means, gold).item() == pytest.approx(-shares.log().mean().item(), rel=1e-5)
