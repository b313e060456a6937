"""The output for masked words on every state, by a second route where there is one."""

import numpy as np
import pytest
import torch
import transformers

from dlfa_core import models
from dlfa_core.models import Encoder, MaskedHead, ModelError, fused_at
from dlfa_core.models.masked_language import MaskedLanguageModel
from tests.models.masked import save_masked
from tests.models.tiny import CLOSE, FAMILIES, save_checkpoint, tiny_tokenizer

TEXTS = ["the cat sees a green hill", "a dog walks home over long hill , and then", "the cat"] * 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_masked(tmp_path_factory.mktemp("masked") / "bert")


@pytest.fixture(scope="module")
def head(folder):
    return MaskedHead.from_pretrained(folder)


def ids_of(text, family="bert"):
    return np.array(tiny_tokenizer(family)(text)["input_ids"], dtype=np.int64)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_last_state_says_what_the_model_says(family, tmp_path):
    name = save_masked(tmp_path / family, family)
    ids = ids_of(TEXTS[0], family)
    theirs = transformers.AutoModelForMaskedLM.from_pretrained(name).eval()
    with torch.inference_mode():
        logits = theirs(input_ids=torch.from_numpy(ids)[None]).logits[0, 2].log_softmax(-1)
    head = MaskedHead.from_pretrained(name)
    ours = head.log_probabilities(torch.from_numpy(head.at(ids, 2)[-1:]))[0]
    torch.testing.assert_close(ours, logits, rtol=0, atol=CLOSE)


def test_lower_states_are_read_by_the_same_output(head):
    states = torch.from_numpy(head.at(ids_of(TEXTS[0]), 3))
    by_hand = head.model.cls(states).log_softmax(-1)
    torch.testing.assert_close(head.log_probabilities(states), by_hand, rtol=0, atol=CLOSE)
    assert head.model.bert.forward.__func__ is type(head.model.bert).forward  # nothing is left in its place


def test_guesses_agree_with_all_words_in_order(head):
    states = head.at(ids_of(TEXTS[1]), 4)
    found, true = head.guesses(states, 9, 5), 9
    every = head.log_probabilities(torch.from_numpy(states)).exp().numpy()
    order = np.argsort(-every, axis=1, kind="stable")
    assert (found.probabilities.sum(axis=1) <= 1 + CLOSE).all()
    np.testing.assert_allclose(every.sum(axis=1), 1, atol=CLOSE)
    assert (found.ids == order[:, :5]).all()
    assert (found.rank == 1 + (order == true).argmax(axis=1)).all()
    np.testing.assert_allclose(found.probability, every[:, true], atol=CLOSE)


@pytest.mark.parametrize("k", [0, 1000])
def test_as_many_words_as_there_are_can_be_asked_for(head, k):
    with pytest.raises(ValueError, match=rf"{k} words are asked for, but the vocabulary has \d+: ask for 1 or more"):
        head.guesses(head.at(ids_of("the cat"), 1), 1, k)


def test_the_loss_at_the_last_layer_is_that_of_pre_training(folder, head):
    found = [losses for losses, _ in head.losses(TEXTS, seed=3)]
    last = np.concatenate([losses.losses[-1] for losses in found])
    value, n = MaskedLanguageModel.from_pretrained(folder).loss(TEXTS, seed=3)
    assert len(last) == n > 0
    assert last.mean() == pytest.approx(value, abs=CLOSE)


def test_losses_say_which_subword_of_which_sentence_was_hidden(head):
    read = head.subwords(TEXTS)
    for losses, _ in head.losses(TEXTS):
        assert all(label in read[row] for row, label in zip(losses.sentences, losses.labels, strict=True))


def test_a_model_with_random_weights_has_the_encoder_that_is_read_elsewhere(folder):
    head = MaskedHead.from_pretrained(f"untrained:{folder}")
    encoder = Encoder.from_pretrained(f"untrained:{folder}", device="cpu", dtype="float32")
    for ours, theirs in zip(head.encoder.blocks, encoder.blocks, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    assert head.model.get_output_embeddings().weight is head.model.get_input_embeddings().weight


def test_a_model_without_this_output_is_refused_and_others_are_named(tmp_path):
    name = str(save_checkpoint(tmp_path / "bare"))
    with pytest.raises(ModelError, match=r"lacks cls\.predictions.* such as demo, bert-base-multilingual-cased"):
        MaskedHead.from_pretrained(name)


def test_a_tokenizer_without_a_mask_is_refused(tmp_path):
    save_checkpoint(tmp_path / "bert", model_class=transformers.AutoModelForMaskedLM)
    with pytest.raises(ModelError, match="no token that hides a word"):
        MaskedHead.from_pretrained(str(tmp_path / "bert"))


def test_a_frozen_fusion_model_fuses_the_states_of_its_encoder(folder, head):
    model = models.DlfaForSequenceClassification.from_encoder(folder, ("a", "b"), layer=1, frozen_blocks=3)
    ids = ids_of(TEXTS[0])
    found, states = fused_at(model, ids, 2), head.at(ids, 2)
    assert found.shares
    np.testing.assert_allclose(found.last, states[-1], rtol=0, atol=CLOSE)
    row = torch.from_numpy(ids)[None]
    lower, *_, last = (states for states in head.states(row, torch.ones_like(row))[1:])
    fused = model.head.fusion(lower, last, mask=torch.ones_like(row)).hidden[0, 2]
    np.testing.assert_allclose(found.fused, fused.detach().numpy(), rtol=0, atol=CLOSE)
