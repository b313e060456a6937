"""Folders that cannot be used, told from their files, without torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dlfa_core.models import Encoder, ModelError, check_at_hand
from dlfa_core.models.checking import SUPPORTED
from tests.models.tiny import FAMILIES, save_checkpoint


def spoilt(folder: Path, **config) -> str:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))
    return str(folder)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_supported_family_passes(family, tmp_path):
    folder = save_checkpoint(tmp_path / "model", family)
    check_at_hand(str(folder))
    check_at_hand(f"untrained:{folder}")


@pytest.mark.parametrize("name", ["demo", "untrained:demo", "xlm-roberta-base"])
def test_what_ships_and_what_is_on_the_hub_passes(name):
    check_at_hand(name)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"is_encoder_decoder": True}, "an encoder-decoder model"),
        ({"is_decoder": True}, "set up as a decoder"),
    ],
)
def test_what_is_refused_beforehand_is_refused_in_the_same_words_when_it_is_loaded(config, said, tmp_path):
    name = spoilt(save_checkpoint(tmp_path / "model"), **config)
    with pytest.raises(ModelError, match=said) as early:
        check_at_hand(name)
    with pytest.raises(ModelError) as late:
        Encoder.from_pretrained(name)
    assert str(early.value) == str(late.value)
    assert SUPPORTED in str(early.value)


def test_a_model_that_writes_text_is_refused(tmp_path):
    name = spoilt(save_checkpoint(tmp_path / "model"), model_type="llama", architectures=["LlamaForCausalLM"])
    with pytest.raises(ModelError, match=r"\(llama\) is no masked language model"):
        check_at_hand(name)


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_configuration_that_says_nothing_is_refused(content, tmp_path):
    folder = save_checkpoint(tmp_path / "model")
    (folder / "config.json").write_text(content)
    with pytest.raises(ModelError, match=r"The configuration of .* cannot be read"):
        check_at_hand(str(folder))


@pytest.mark.parametrize(("missing", "said"), [("tokenizer.json", "no tokenizer"), ("model.safetensors", "no weights")])
def test_a_folder_that_lacks_a_part_is_refused(missing, said, tmp_path):
    folder = save_checkpoint(tmp_path / "model")
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=said):
        check_at_hand(str(folder))


def test_looking_needs_no_torch():
    code = (
        "import sys; from dlfa_core.models import check_at_hand; check_at_hand('demo'); "
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
