"""Models to go on training from."""

import json

import pytest
import torch
import transformers

from dlfa_core.models import ModelError, continue_from
from tests.models.tiny import save_checkpoint, tiny_tokenizer


def with_mask(folder):
    """A tiny checkpoint with its head, whose tokenizer knows [MASK]."""
    save_checkpoint(folder, model_class=transformers.AutoModelForMaskedLM)
    tokenizer = tiny_tokenizer()
    tokenizer.mask_token = "##s"  # any subword will do
    tokenizer.save_pretrained(folder)
    return folder


def test_a_model_comes_with_its_head_in_float32_and_without_dropout(tmp_path):
    model, tokenizer = continue_from(str(with_mask(tmp_path / "bert")))
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert not [module for module in model.modules() if isinstance(module, torch.nn.Dropout) and module.p]
    again = transformers.BertForMaskedLM.from_pretrained(tmp_path / "bert")
    assert torch.equal(model.cls.predictions.bias, again.cls.predictions.bias)
    assert tokenizer.mask_token_id is not None


def test_another_architecture_is_refused(tmp_path):
    with pytest.raises(ModelError, match="is of the type distilbert: choose 'demo'"):
        continue_from(str(save_checkpoint(tmp_path / "distil", "distilbert")))


def test_a_checkpoint_without_its_head_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"lacks cls\.predictions.* which masked words are predicted with"):
        continue_from(str(save_checkpoint(tmp_path / "bare")))


def test_a_tokenizer_without_a_mask_is_refused(tmp_path):
    save_checkpoint(tmp_path / "bert", model_class=transformers.AutoModelForMaskedLM)
    with pytest.raises(ModelError, match="no token that hides a word"):
        continue_from(str(tmp_path / "bert"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("config.json", "{", "configuration of .* cannot be read"), ("model.safetensors", "x", "weights of .* cannot be")],
)
def test_damaged_files_are_named(tmp_path, name, content, said):
    folder = with_mask(tmp_path / "bert")
    (folder / name).write_text(content if name != "config.json" else json.dumps({"model_type": "none"}))
    with pytest.raises(ModelError, match=said):
        continue_from(str(folder))


def test_blocks_that_the_config_lacks_are_not_left_out_silently(tmp_path):
    folder = with_mask(tmp_path / "bert")
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**settings, "num_hidden_layers": 2}))
    with pytest.raises(
        ModelError, match=r"16 weight arrays that have no place in the 2 blocks .* bert.encoder.layer.2."
    ):
        continue_from(str(folder))
