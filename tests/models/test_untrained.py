"""The same architecture and tokenizer with random weights: the null of what pre-training did."""

import json
import shutil

import numpy as np
import pytest
import torch
from huggingface_hub import constants

from dlfa_core import models
from dlfa_core.models import (
    DlfaForSequenceClassification,
    Encoder,
    ModelError,
    fingerprint,
    load_config,
    locate,
    source,
)
from dlfa_core.models.continuing import continue_from
from dlfa_core.models.task_loading import load_task_model
from tests.models.test_source import COMMIT, put_in_cache

TEXTS = ["the cat sees", "a dog walks home"]


def read(name, dtype="float32"):
    return Encoder.from_pretrained(name, device="cpu", dtype=dtype)


def test_architecture_and_tokenizer_are_those_of_the_model_and_the_weights_are_not(checkpoint):
    trained, untrained = read(checkpoint), read(f"untrained:{checkpoint}")
    assert untrained.model.config.to_diff_dict() == trained.model.config.to_diff_dict()
    assert untrained.tokenizer(TEXTS)["input_ids"] == trained.tokenizer(TEXTS)["input_ids"]
    ours, theirs = untrained.model.state_dict(), trained.model.state_dict()
    assert {key: weight.shape for key, weight in ours.items()} == {key: weight.shape for key, weight in theirs.items()}
    assert not any(torch.equal(ours[key], theirs[key]) for key in ours if key.endswith("weight"))
    assert untrained.n_states == load_config(f"untrained:{checkpoint}").num_hidden_layers + 1


def test_weights_are_always_the_same_whatever_was_drawn_before(checkpoints):
    name = f"untrained:{checkpoints['bert']}"
    first = read(name).model.state_dict()
    torch.manual_seed(7)
    drawn = torch.random.get_rng_state()
    second = read(name).model.state_dict()
    assert torch.equal(torch.random.get_rng_state(), drawn)
    for key, weight in first.items():
        assert torch.equal(weight, second[key]), key


def test_weights_are_spread_as_pretraining_would_begin(checkpoints):
    model = read(f"untrained:{checkpoints['bert']}").model
    weight = model.encoder.layer[0].intermediate.dense.weight
    assert weight.std().item() == pytest.approx(model.config.initializer_range, rel=0.15)
    assert not any(bias.any() for name, bias in model.named_parameters() if name.endswith("bias"))


def test_a_narrower_dtype_rounds_the_same_weights(checkpoints):
    name = f"untrained:{checkpoints['bert']}"
    wide, narrow = read(name).model.state_dict(), read(name, "bfloat16").model.state_dict()
    assert all(torch.equal(wide[key].to(weight.dtype), weight) for key, weight in narrow.items())


def test_it_needs_no_weights(checkpoints, tmp_path):
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "model")
    before = read(f"untrained:{folder}").encode(TEXTS).vectors
    for path in folder.glob("model*"):
        path.unlink()
    np.testing.assert_array_equal(read(f"untrained:{folder}").encode(TEXTS).vectors, before)
    with pytest.raises(ModelError, match="has no weights"):
        read(folder)


def test_its_fingerprint_follows_configuration_and_tokenizer_alone(checkpoints, tmp_path):
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "model")
    mark = fingerprint(f"untrained:{folder}")
    assert mark == fingerprint(f"untrained:{checkpoints['bert']}") == fingerprint(f" untrained: {folder}")
    assert mark.startswith("untrained-0:sha256:")
    assert mark.rpartition(":")[2] != fingerprint(folder).rpartition(":")[2]
    (folder / "model.safetensors").write_bytes(b"others")
    assert fingerprint(f"untrained:{folder}") == mark
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "hidden_dropout_prob": 0.3}))
    assert fingerprint(f"untrained:{folder}") != mark


def test_a_hub_model_is_called_by_its_commit_and_read_without_its_weights(checkpoints, monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    put_in_cache(tmp_path / "hub", "sentence-transformers/LaBSE", checkpoints["bert"])
    for path in (tmp_path / "hub").rglob("model*.safetensors"):
        path.unlink()
    assert models.full_name("untrained:LaBSE") == "untrained:sentence-transformers/LaBSE"
    assert fingerprint("untrained:LaBSE") == f"untrained-0:commit:{COMMIT}"
    assert read("untrained:LaBSE").n_states == 4


def test_a_folder_has_one_full_name(checkpoints, monkeypatch):
    monkeypatch.chdir(checkpoints["bert"].parent)
    assert (
        models.full_name("untrained:bert/") == models.full_name("untrained: bert") == f"untrained:{checkpoints['bert']}"
    )
    assert models.full_name("untrained:demo") == "untrained:demo"


def test_its_size_is_that_of_the_model(checkpoints):
    name = f"untrained:{checkpoints['bert']}"
    assert (models.n_blocks(name), models.n_parameters(name)) == (3, models.n_parameters(checkpoints["bert"]))


@pytest.mark.parametrize("name", ["untrained:", "untrained: ", "untrained:untrained:demo"])
@pytest.mark.parametrize("ask", [read, fingerprint, source.folder_at_hand])
def test_a_name_without_a_model_is_explained(name, ask):
    with pytest.raises(ModelError, match=r"does not say whose architecture: write 'untrained:' once, then 'demo', a"):
        ask(name)


def test_a_model_that_is_not_there_is_named(checkpoints, tmp_path):
    with pytest.raises(ModelError, match="There is no folder '/no/such/model'"):
        read("untrained:/no/such/model")
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="has no tokenizer"):
        read(f"untrained:{folder}")


@pytest.mark.parametrize("ask", [locate, continue_from, load_task_model])
def test_what_goes_on_from_trained_weights_refuses_it(ask, checkpoints):
    with pytest.raises(ModelError, match="has random weights, which can be read but hold nothing to go on from"):
        ask(f"untrained:{checkpoints['bert']}")


def test_a_compact_task_model_on_it_opens_again(checkpoints, tmp_path):
    name = f"untrained:{checkpoints['bert']}"
    model = DlfaForSequenceClassification.from_encoder(name, ["a", "b"], fusion="dlfa", layer=1, frozen_blocks=3)
    model.save_pretrained(tmp_path / "task", compact=True)
    again, tokenizer = load_task_model(tmp_path / "task")
    batch = tokenizer(TEXTS, return_tensors="pt", padding=True)
    with torch.inference_mode():
        torch.testing.assert_close(again(**batch).logits, model(**batch).logits, atol=1e-2, rtol=0)
