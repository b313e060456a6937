"""How large a model is, told from its files."""

import json
from pathlib import Path

import huggingface_hub
import pytest
from transformers import AutoModel, AutoModelForMaskedLM

from dlfa_core.models import source
from dlfa_core.models.size import n_blocks, n_parameters
from tests.models.tiny import FAMILIES, save_checkpoint


@pytest.mark.parametrize("family", FAMILIES)
def test_parameters_and_blocks_are_those_of_the_model_that_is_loaded(family, tmp_path):
    folder = save_checkpoint(tmp_path / family, family)
    assert n_parameters(folder) == AutoModel.from_pretrained(folder).num_parameters()
    assert n_blocks(folder) == 3


def test_a_tied_head_adds_what_is_stored_of_it(tmp_path):
    folder = save_checkpoint(tmp_path / "model", model_class=AutoModelForMaskedLM)
    assert n_parameters(folder) == AutoModelForMaskedLM.from_pretrained(folder).num_parameters()


def test_shards_are_added_up(tmp_path):
    whole = n_parameters(save_checkpoint(tmp_path / "whole"))
    model = AutoModel.from_pretrained(tmp_path / "whole")
    model.save_pretrained(tmp_path / "shards", max_shard_size="5KB")
    assert len(list((tmp_path / "shards").glob("model-*.safetensors"))) > 1
    assert n_parameters(tmp_path / "shards") == whole


@pytest.mark.parametrize("content", [b"", b"no weights", b"\x02\0\0\0\0\0\0\0[]", b"\x01\0\0\0\0\0\0\0{"])
def test_of_damaged_weights_nothing_is_said(content, tmp_path):
    folder = Path(save_checkpoint(tmp_path / "model"))
    (folder / "model.safetensors").write_bytes(content)
    assert n_parameters(folder) is None


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"num_hidden_layers": "many"}'])
def test_of_a_configuration_without_depth_nothing_is_said(config, tmp_path):
    (tmp_path / "config.json").write_text(config)
    assert n_blocks(tmp_path) is None


@pytest.mark.parametrize("name", ["/no/such/folder", "owner/not-here", "no/such*model*"])
def test_what_is_not_on_this_machine_is_not_asked_for(name, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: None)
    monkeypatch.setattr(huggingface_hub, "model_info", None)
    assert n_parameters(name) is None
    assert n_blocks(name) is None


def test_a_cached_hub_model_is_measured(tmp_path, monkeypatch):
    folder = Path(save_checkpoint(tmp_path / "model"))
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_: str(folder / "config.json"))
    assert n_parameters("owner/model") == n_parameters(folder)
    assert n_blocks("owner/model") == 3


def test_the_full_name_of_a_model_does_not_depend_on_how_it_is_called(tmp_path, monkeypatch):
    folder = save_checkpoint(tmp_path / "model")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    names = [str(folder), f" {folder}/ ", "./model", "model", "~/model"]
    assert {source.full_name(name) for name in names} == {str(folder)}
    assert source.full_name("LaBSE") == "sentence-transformers/LaBSE"
    assert source.full_name("xlm-roberta-base") == "xlm-roberta-base"
    (tmp_path / "demo").mkdir()
    assert source.full_name("demo") == "demo"


def test_bundled_encoders_are_what_ships_and_stands_on_nothing_else(monkeypatch):
    before = source.bundled_encoders()
    assert before[0] == "demo"
    assert not set(before) & source.TASK_MODELS.keys()
    monkeypatch.setitem(source.BUNDLED, "second", Path("second"))
    assert source.bundled_encoders() == (*before, "second")
    for task_model in source.bundled_task_models():
        encoder = source.TASK_MODELS[task_model]
        assert json.loads((source.BUNDLED[task_model] / "config.json").read_text())["encoder_name"] == encoder
