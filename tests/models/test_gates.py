"""Gates word by word, against the module itself and against one sentence at a time."""

import numpy as np
import pytest
import torch
from transformers import BertForTokenClassification

from dlfa_core.models import FUSIONS, ModelError, load_task_model
from dlfa_core.models.gates import QUANTILES, GateReader
from tests.models.tiny import CLOSE, save_checkpoint, tiny_tokenizer
from tests.models.tiny_fusion import TAGS, save_fusion

TEXTS = ["the cat sees a dog .", "Haus", "दom घर, 家 and then the long green hill walks home !", "cats dog", ""]
SPLIT = [["the", "cats", "see", "."], ["घर", "家家"]]


def reader_of(folder):
    return GateReader(folder, *load_task_model(folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_fusion(tmp_path_factory.mktemp("fusion") / "pos")


@pytest.fixture
def reader(folder):
    return reader_of(folder)


def by_word(reader, readings, name, **settings):
    """(sentence, word) -> the values of that word."""
    found = {}
    for look in reader.batches(readings, **settings):
        for row, word, value in zip(look.rows[look.sentence], look.word, getattr(look, name), strict=True):
            found[int(row), int(word)] = value
    return found


def alone(reader, reading):
    """What the model's own forward says of one sentence."""
    ids = torch.from_numpy(reading.ids)[None]
    with torch.inference_mode():
        return reader.model(ids, torch.ones_like(ids), output_gates=True)


def test_gates_are_those_of_the_models_own_forward(reader):
    readings = reader.running(TEXTS, 64)
    found = by_word(reader, readings, "gate")
    for row, reading in enumerate(readings):
        gate = alone(reader, reading).gate[0].numpy()
        for number in reading.read:
            expected = gate[list(reading.words[number].subwords)].mean(axis=0)
            np.testing.assert_allclose(found.pop((row, number)), expected, rtol=0, atol=CLOSE)
    assert not found


@pytest.mark.parametrize("weight", ["literal", "gate"])
def test_weights_and_changes_are_those_of_the_fusion(tmp_path, weight):
    reader = reader_of(save_fusion(tmp_path / "model", weight=weight))
    readings = reader.running(TEXTS, 64)
    weights, changes = (by_word(reader, readings, name) for name in ("weight", "change"))
    for row, reading in enumerate(readings):
        ids = torch.from_numpy(reading.ids)[None]
        with torch.inference_mode():
            lower, last = reader.model.states(ids, torch.ones_like(ids))
        fused = alone(reader, reading).weight[0]
        moved = (fused * (lower - last)[0]).norm(dim=-1) / last[0].norm(dim=-1)
        for number in reading.read:
            own = list(reading.words[number].subwords)
            assert weights[row, number] == pytest.approx(fused[own].mean().item(), abs=CLOSE)
            assert changes[row, number] == pytest.approx(moved[own].mean().item(), abs=CLOSE)


@pytest.mark.parametrize("name", ["gate", "change", "local_logits", "quantiles"])
def test_a_sentence_does_not_depend_on_its_batch(reader, name):
    readings = reader.running(TEXTS, 64)
    together, apart = (by_word(reader, readings, name, batch_tokens=budget) for budget in (10_000, 1))
    assert together.keys() == apart.keys()
    for key, value in together.items():
        np.testing.assert_allclose(value, apart[key], rtol=0, atol=CLOSE)


def test_both_branches_add_up_to_the_gate(reader):
    (reading,) = reader.running(TEXTS[:1], 64)  # each word is one subword
    (look,) = reader.batches([reading])
    logits = look.local_logits + look.global_logits[look.sentence]
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), look.gate, rtol=0, atol=CLOSE)


def test_quantiles_are_over_the_dimensions_of_a_word(reader):
    (look,) = reader.batches(reader.running(TEXTS[:1], 64))
    np.testing.assert_allclose(look.quantiles, np.quantile(look.gate, QUANTILES, axis=1).T, rtol=0, atol=CLOSE)


def test_squeeze_and_excitation_has_one_gate_a_sentence_and_nothing_local(tmp_path):
    reader = reader_of(save_fusion(tmp_path / "se", fusion="se"))
    (look,) = reader.batches(reader.running(TEXTS[:1], 64))
    assert (look.local_logits == 0).all()
    np.testing.assert_allclose(look.gate, np.broadcast_to(look.gate[0], look.gate.shape), rtol=0, atol=CLOSE)


def test_the_control_on_the_last_state_alone_has_gates_but_no_layer_and_no_weight(tmp_path):
    reader = reader_of(save_fusion(tmp_path / "extra", fusion="extra"))
    (look,) = reader.batches(reader.running(TEXTS[:1], 64))
    assert reader.layer is None
    assert np.isnan(look.weight).all()
    assert ((look.gate > 0) & (look.gate < 1)).all()


@pytest.mark.parametrize("name", [name for name, fusion in FUSIONS.items() if fusion.gated])
def test_of_several_gates_the_one_that_mixes_into_the_last_layer_is_looked_at(name, tmp_path):
    reader = reader_of(save_fusion(tmp_path / name, fusion=name, weight="gate"))
    readings = reader.running(TEXTS, 64)
    found, changes = (by_word(reader, readings, name) for name in ("gate", "change"))
    local, shared = by_word(reader, readings, "local_logits"), {}
    for look in reader.batches(readings):
        shared |= dict(zip(look.rows.tolist(), look.global_logits, strict=True))
    for row, reading in enumerate(readings):
        gate = alone(reader, reading).gate[0].numpy()
        for number in reading.read:
            own = list(reading.words[number].subwords)
            np.testing.assert_allclose(found[row, number], gate[own].mean(axis=0), rtol=0, atol=CLOSE)
            if len(own) == 1:
                voted = 1 / (1 + np.exp(-local[row, number] - shared[row]))
                np.testing.assert_allclose(found[row, number], voted, rtol=0, atol=CLOSE)
            assert changes[row, number] > 0
    assert bool(FUSIONS[name].gate_shown) == (name in ("dlfa_two", "iterated", "dlfa_all"))


def test_labels_are_those_of_each_words_first_subword(reader):
    readings = reader.split(SPLIT, 64)
    labels = by_word(reader, readings, "label")
    for row, reading in enumerate(readings):
        best = alone(reader, reading).logits[0].argmax(-1)
        assert [labels[row, k] for k in range(len(SPLIT[row]))] == [best[w.subwords[0]].item() for w in reading.words]
    assert reader.labels == TAGS


def test_a_model_that_labels_sentences_gives_words_no_label(tmp_path):
    reader = reader_of(save_fusion(tmp_path / "sentiment", tagger=False))
    (look,) = reader.batches(reader.running(TEXTS[:1], 64))
    assert (look.label == -1).all()


def test_given_words_keep_their_subwords_to_themselves(reader):
    for reading, words in zip(reader.split(SPLIT, 64), SPLIT, strict=True):
        assert [word.text for word in reading.words] == words
        assert [subword for word in reading.words for subword in word.subwords] == list(np.flatnonzero(reading.own))


def test_what_is_cut_off_is_said_and_not_read(reader):
    (reading,) = reader.running(TEXTS[2:3], 6)
    assert reading.truncated
    assert len(reading.read) < len(reading.words)


def test_pooled_states_are_means_over_a_sentences_own_subwords(reader):
    (reading,) = reader.running(TEXTS[:1], 64)
    (look,) = reader.batches([reading])
    ids = torch.from_numpy(reading.ids)[None]
    with torch.inference_mode():
        states = reader.model.states(ids, torch.ones_like(ids))
    expected = [state[0, 1:-1].mean(0).numpy() for state in states]
    np.testing.assert_allclose(look.pooled[:, 0], expected, rtol=0, atol=CLOSE)


def test_a_fusion_without_a_gate_is_refused_with_those_that_have_one(tmp_path):
    with pytest.raises(ModelError, match=r"fuses by average, which has no gate: choose .* one of dlfa, se, extra"):
        reader_of(save_fusion(tmp_path / "average", fusion="average"))


def test_a_plain_checkpoint_is_refused(tmp_path):
    folder = save_checkpoint(tmp_path / "plain", model_class=BertForTokenClassification)
    with pytest.raises(ModelError, match=r"is a plain bert checkpoint without a fusion, so it has no gates"):
        GateReader(str(folder), BertForTokenClassification.from_pretrained(folder), tiny_tokenizer())


def test_a_length_without_room_for_text_is_refused(reader):
    with pytest.raises(ValueError, match=r"max_length=2 leaves no room for text beside 2 special tokens"):
        reader.running(TEXTS, 2)
