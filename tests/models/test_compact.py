"""Checkpoints that lack what their encoder has, and classifiers by their name."""

import shutil

import pytest
import torch
import transformers
from safetensors.torch import load_file

from dlfa_core.models import (
    DlfaForSequenceClassification,
    DlfaForTokenClassification,
    ModelError,
    load_task_model,
    source,
)
from tests.models.tiny import CLOSE, save_checkpoint, tiny_tokenizer

IDS = torch.tensor([[2, 7, 8, 9, 10, 3]])


@pytest.fixture
def encoder(tmp_path):
    return str(save_checkpoint(tmp_path / "encoder"))


def trained(encoder, kind=DlfaForTokenClassification, **settings):
    """A model after a step on everything that is not frozen."""
    torch.manual_seed(0)
    model = kind.from_encoder(encoder, ["X", "Y"], layer=1, **settings).train()
    labels = IDS % 2 if kind is DlfaForTokenClassification else IDS[:, 0] % 2
    model(IDS, labels=labels).loss.backward()
    torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1).step()
    return model.eval()


def assert_same(model, other):
    """Weights are read bit by bit; answers may round otherwise, as products do by where weights lie in memory."""
    assert model.state_dict().keys() == other.state_dict().keys()
    for name, weight in other.state_dict().items():
        assert torch.equal(model.state_dict()[name], weight), name
    torch.testing.assert_close(model(IDS).logits, other(IDS).logits, atol=CLOSE, rtol=0)


@pytest.mark.parametrize("frozen", [0, 2, 3])
@pytest.mark.parametrize("kind", [DlfaForTokenClassification, DlfaForSequenceClassification])
def test_a_compact_checkpoint_gives_the_model_back_bit_by_bit(encoder, kind, frozen, tmp_path):
    model = trained(encoder, kind, frozen_blocks=frozen)
    model.save_pretrained(tmp_path / "compact", compact=True)
    assert_same(kind.from_pretrained(tmp_path / "compact"), model)


@pytest.mark.parametrize(("frozen", "blocks"), [(3, set()), (2, {"2"}), (1, {"1", "2"})])
def test_it_holds_the_head_and_the_blocks_that_were_trained(encoder, frozen, blocks, tmp_path):
    trained(encoder, frozen_blocks=frozen).save_pretrained(tmp_path, compact=True)
    names = load_file(tmp_path / "model.safetensors").keys()
    assert {name.split(".")[3] for name in names if name.startswith("encoder.")} == blocks
    assert any(name.startswith("head.fusion") for name in names)


def test_half_precision_rounds_matrices_and_keeps_vectors(encoder, tmp_path):
    model = trained(encoder, frozen_blocks=2)
    model.save_pretrained(tmp_path, compact=True, half=True)
    assert {w.dtype for w in load_file(tmp_path / "model.safetensors").values() if w.ndim == 1} == {torch.float32}
    loaded = DlfaForTokenClassification.from_pretrained(tmp_path)
    for name, weight in model.state_dict().items():
        own = name.startswith("head.") or ".2." in name
        expected = weight.half().float() if own and weight.ndim > 1 else weight
        assert torch.equal(loaded.state_dict()[name], expected), name
    assert loaded.dtype == torch.float32


def test_saving_a_compact_model_whole_needs_its_encoder_no_longer(encoder, tmp_path):
    trained(encoder, frozen_blocks=3).save_pretrained(tmp_path / "compact", compact=True)
    model = DlfaForTokenClassification.from_pretrained(tmp_path / "compact")
    model.save_pretrained(tmp_path / "whole")
    shutil.rmtree(encoder)
    assert_same(DlfaForTokenClassification.from_pretrained(tmp_path / "whole"), model)


def test_an_encoder_that_is_another_one_now_is_refused(encoder, tmp_path):
    model = trained(encoder, frozen_blocks=3)
    model.save_pretrained(tmp_path / "compact", compact=True)
    save_checkpoint(encoder, vocab_size=99)
    with pytest.raises(
        ModelError, match=r"made with another encoder .* \(fingerprint sha256:.*…, here sha256:.*…\): get"
    ):
        DlfaForTokenClassification.from_pretrained(tmp_path / "compact")
    with pytest.raises(ModelError, match="made with another encoder"):
        model.save_pretrained(tmp_path / "again", compact=True)


def test_an_encoder_that_moved_is_found_by_its_new_folder(encoder, tmp_path):
    model = trained(encoder, frozen_blocks=3)
    model.save_pretrained(tmp_path / "compact", compact=True)
    moved = shutil.move(encoder, tmp_path / "moved")
    with pytest.raises(ModelError, match="There is no folder"):
        DlfaForTokenClassification.from_pretrained(tmp_path / "compact")
    assert_same(DlfaForTokenClassification.from_pretrained(tmp_path / "compact", encoder_path=moved), model)


def test_a_checkpoint_that_lost_weights_is_not_filled_up(encoder, tmp_path):
    trained(encoder, frozen_blocks=3).save_pretrained(tmp_path, compact=True)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"encoder_borrowed": 53', '"encoder_borrowed": 9'))
    with pytest.raises(ModelError, match="do not fit a DlfaForTokenClassification: missing keys encoder"):
        DlfaForTokenClassification.from_pretrained(tmp_path)


def test_the_card_says_what_is_left_out(encoder, tmp_path):
    trained(encoder, frozen_blocks=3).save_pretrained(tmp_path, compact=True)
    card = (tmp_path / "README.md").read_text(encoding="utf-8").splitlines()
    assert "- Frozen: the whole encoder" in card
    assert any(line.startswith("- Left out: 53 weight arrays that the encoder has") for line in card)


@pytest.mark.parametrize("kind", [DlfaForTokenClassification, DlfaForSequenceClassification])
@pytest.mark.parametrize("compact", [True, False])
def test_a_fusion_model_is_loaded_with_its_tokenizer(encoder, kind, compact, tmp_path):
    saved = trained(encoder, kind, frozen_blocks=2)
    saved.save_pretrained(tmp_path / "task", compact=compact)
    if not compact:
        tiny_tokenizer().save_pretrained(tmp_path / "task")
    model, tokenizer = load_task_model(str(tmp_path / "task"))
    assert type(model) is kind
    assert not model.training
    assert tokenizer("the cat").input_ids == tiny_tokenizer()("the cat").input_ids
    assert_same(model, saved)


@pytest.mark.parametrize("plain", [transformers.BertForSequenceClassification, transformers.BertForTokenClassification])
def test_a_plain_checkpoint_is_loaded_as_what_it_was_saved_as(plain, tmp_path):
    folder = save_checkpoint(tmp_path / "plain", model_class=plain)
    model, tokenizer = load_task_model(str(folder))
    assert type(model) is plain
    assert_same(model, plain.from_pretrained(folder))
    assert tokenizer.is_fast


def test_a_bundled_name_means_its_folder(encoder, monkeypatch, tmp_path):
    saved = trained(encoder, frozen_blocks=3)
    saved.save_pretrained(tmp_path / "task", compact=True)
    monkeypatch.setitem(source.BUNDLED, "demo-pos", tmp_path / "task")
    assert_same(load_task_model("demo-pos")[0], saved)
    assert_same(DlfaForTokenClassification.from_pretrained("demo-pos"), saved)


def refusal(name):
    with pytest.raises(ModelError) as error:
        load_task_model(str(name))
    return str(error.value)


def test_what_cannot_classify_is_refused_with_a_reason(encoder, monkeypatch, tmp_path):
    assert "has no classification head (it was saved as BertModel): choose a model" in refusal(encoder)
    monkeypatch.setitem(source.BUNDLED, "demo-pos", tmp_path / "nowhere")
    assert "The bundled model 'demo-pos' is missing: restore the folder" in refusal("demo-pos")
    trained(encoder).save_pretrained(tmp_path / "bare")
    assert "has no tokenizer in" in refusal(tmp_path / "bare")
    trained(encoder, frozen_blocks=3).save_pretrained(tmp_path / "weightless", compact=True)
    (tmp_path / "weightless" / "model.safetensors").unlink()
    assert "has no weights in" in refusal(tmp_path / "weightless")


def test_a_plain_checkpoint_without_its_classifier_is_refused(encoder, tmp_path):
    config = (tmp_path / "encoder" / "config.json").read_text()
    (tmp_path / "encoder" / "config.json").write_text(config.replace("BertModel", "BertForTokenClassification"))
    assert "lacks 2 weight arrays, classifier.bias first" in refusal(encoder)
