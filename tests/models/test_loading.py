import codecs
import json
import pickle
import re
import shutil

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from dlfa_core.models import Encoder, ModelError, load_config, load_task_model
from dlfa_core.models.hardware import choose_device, choose_dtype
from dlfa_core.models.loading import first_line
from tests.models.tiny import CLOSE, FAMILIES, save_checkpoint, tiny_tokenizer


@pytest.fixture
def folder(checkpoints, tmp_path):
    """A copy of the BERT checkpoint that a test may damage."""
    return shutil.copytree(checkpoints["bert"], tmp_path / "model")


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def refusal(name):
    with pytest.raises(ModelError) as caught:
        Encoder.from_pretrained(name, device="cpu", dtype="float32")
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_configuration_says_what_the_encoder_is_without_its_weights(folder):
    encoder = Encoder.from_pretrained(folder, device="cpu")
    (folder / "model.safetensors").write_bytes(b"none that are read")
    config = load_config(folder)
    assert (config.num_hidden_layers + 1, config.hidden_size) == (encoder.n_states, encoder.hidden_size)
    change_config(folder, is_decoder=True)
    with pytest.raises(ModelError, match="set up as a decoder"):
        load_config(folder)


def test_bin_weights_give_the_same_states(folder):
    """Weights bit by bit; states but for rounding, as products round by where weights lie in memory."""
    before = Encoder.from_pretrained(folder, device="cpu", dtype="float32")
    weights = transformers.AutoModel.from_pretrained(folder).state_dict()
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    after = Encoder.from_pretrained(folder, device="cpu", dtype="float32")
    for name, weight in before.model.state_dict().items():
        assert torch.equal(after.model.state_dict()[name], weight), name
    ours, theirs = (encoder.encode(["the cat"]).vectors for encoder in (before, after))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_masked_language_model_loads_although_it_has_no_pooler(family, tmp_path):
    folder = save_checkpoint(tmp_path, family, transformers.AutoModelForMaskedLM)
    assert Encoder.from_pretrained(folder).n_states == 4


def test_another_encoder_loads_when_its_blocks_stand_in_one_list(tmp_path):
    save_checkpoint(tmp_path)
    config = transformers.ElectraConfig(
        vocab_size=40, embedding_size=16, hidden_size=24, num_hidden_layers=2, num_attention_heads=4
    )
    model = transformers.ElectraModel(config).eval()
    model.save_pretrained(tmp_path)
    encoder = Encoder.from_pretrained(tmp_path, dtype="float32")
    ids = torch.tensor([encoder.tokenizer("the cat")["input_ids"]])
    expected = model(ids, output_hidden_states=True).hidden_states
    vectors = encoder.encode(["the cat"], special_tokens=True).vectors
    for state, reference in zip(vectors, expected, strict=True):
        torch.testing.assert_close(torch.from_numpy(state[0]), reference[0].mean(0).detach(), atol=CLOSE, rtol=0)


def test_nothing_is_printed_while_loading(checkpoint, capfd):
    Encoder.from_pretrained(checkpoint)
    assert capfd.readouterr() == ("", "")


def test_a_folder_without_weights_says_which_files_are_read(folder):
    (folder / "model.safetensors").rename(folder / "tf_model.h5")
    assert "has no weights" in refusal(folder)
    assert "it needs model.safetensors or pytorch_model.bin" in refusal(folder)


def test_a_pointer_in_the_place_of_weights_is_named(folder):
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 9\n")
    assert "model.safetensors of " in refusal(folder)
    assert "is a pointer of Git LFS and not the weights themselves: run `git lfs pull`" in refusal(folder)


def test_a_shard_that_is_not_there_is_named(folder):
    path = folder / "model.safetensors"
    weights = load_file(path)
    path.rename(folder / "model-00001-of-00002.safetensors")
    shards = {name: f"model-0000{1 + row % 2}-of-00002.safetensors" for row, name in enumerate(weights)}
    index = {"metadata": {}, "weight_map": shards}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "model-00002-of-00002.safetensors): a file in its folder is damaged or incomplete" in refusal(folder)


def test_a_folder_without_tokenizer_says_how_to_save_one(folder):
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer" in refusal(folder)
    assert "tokenizer.save_pretrained(folder)" in refusal(folder)


def test_a_broken_tokenizer_says_to_copy_it_again(folder):
    (folder / "tokenizer.json").write_text("{")
    assert "copy its files again" in refusal(folder)


def test_the_tokenizer_of_a_larger_model_is_refused(folder):
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(["zebra"])
    tokenizer.save_pretrained(folder)
    assert "subwords but the model knows only" in refusal(folder)
    assert "put the tokenizer that the model was trained with beside it" in refusal(folder)


@pytest.mark.parametrize("keep", [0, 4, 0.5, 0.99])
def test_truncated_safetensors_are_called_damaged(folder, keep):
    path = folder / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    assert "cannot be read" in refusal(folder)
    assert "damaged or incomplete; copy or download it again" in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", pickle.dumps({"weight": 1}, protocol=2)])
def test_broken_bin_weights_are_called_damaged(folder, content):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(content)
    assert "damaged or incomplete; copy or download it again" in refusal(folder)
    assert "weights_only" not in refusal(folder)


class Harmful:
    def __reduce__(self):
        return print, ("code from a checkpoint ran",)


@pytest.mark.parametrize("zipped", [True, False])
def test_bin_weights_that_would_run_code_are_refused_without_advice_to_run_it(folder, capsys, zipped):
    (folder / "model.safetensors").unlink()
    torch.save(
        {"weight": Harmful()}, folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped, pickle_protocol=2
    )
    said = refusal(folder)
    assert "where a checkpoint has arrays, a file of theirs has print, and reading it could run any code" in said
    assert "in safetensors, from a source that you trust" in said
    assert "weights_only" not in said
    assert "you have two options" not in said
    assert "ran" not in capsys.readouterr().out


def test_no_advice_of_torch_is_repeated():
    error = pickle.UnpicklingError("Weights only load failed. Re-running with `weights_only` set to `False` will do")
    assert "weights_only" not in first_line(error)
    assert first_line(ValueError("One.\nTwo.")) == "One"


def test_weights_of_another_width_name_both_shapes(folder):
    change_config(folder, hidden_size=32)
    assert "embeddings.LayerNorm.bias of shape (32,) and not (24,)" in refusal(folder)
    assert "use the config.json that was saved with the weights" in refusal(folder)


def test_blocks_that_the_checkpoint_lacks_are_not_made_up(folder):
    change_config(folder, num_hidden_layers=4)
    assert "lacks 16 of 71 weight arrays, encoder.layer.3." in refusal(folder)
    assert "use a complete checkpoint" in refusal(folder)


@pytest.mark.parametrize("saved_as", [transformers.AutoModel, transformers.AutoModelForMaskedLM])
@pytest.mark.parametrize(
    ("family", "first"),
    [
        ("bert", "encoder.layer.2.attention.output.LayerNorm.bias"),
        ("distilbert", "transformer.layer.2.attention.k_lin.bias"),
        ("xlm-roberta", "encoder.layer.2.attention.output.LayerNorm.bias"),
        ("deberta-v2", "encoder.layer.2.attention.output.LayerNorm.bias"),
    ],
)
def test_blocks_that_the_config_lacks_are_not_left_out_silently(tmp_path, family, first, saved_as):
    save_checkpoint(tmp_path, family, saved_as)
    change_config(tmp_path, num_hidden_layers=2, n_layers=2)
    said = refusal(tmp_path)
    assert re.search(
        rf"has 16 weight arrays that have no place in the 2 blocks of its config.json, [a-z.]*{first}", said
    )
    assert "use the config.json that was saved with the weights" in said


def rewrite(folder, change):
    """Write the weights anew, each name and array as `change` gives them."""
    path = folder / "model.safetensors"
    weights = dict(change(name, weight) for name, weight in load_file(path).items())
    save_file(weights, path, metadata={"format": "pt"})


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."])
@pytest.mark.parametrize("saved_as", [transformers.AutoModel, transformers.AutoModelForMaskedLM])
@pytest.mark.parametrize("safe", [True, False])
def test_what_wrappers_put_before_the_names_of_weights_is_passed_over(tmp_path, prefix, saved_as, safe):
    save_checkpoint(tmp_path, "bert", saved_as)
    plain = Encoder.from_pretrained(tmp_path, device="cpu", dtype="float32").model.state_dict()
    rewrite(tmp_path, lambda name, weight: (prefix + name, weight))
    if not safe:
        path = tmp_path / "model.safetensors"
        torch.save(load_file(path), tmp_path / "pytorch_model.bin")
        path.unlink()
    wrapped = Encoder.from_pretrained(tmp_path, device="cpu", dtype="float32").model.state_dict()
    for name, weight in plain.items():
        assert name.startswith("pooler.") or torch.equal(wrapped[name], weight), name


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["embeddings.word_embeddings.weight", "encoder.layer.1.output.dense.weight"])
def test_weights_that_are_no_numbers_are_named(folder, name, value):
    def spoil(other, weight):
        if other == name:
            weight[-1, -2:] = value  # of the embeddings, a subword that no check reads
        return other, weight

    rewrite(folder, spoil)
    assert re.search(
        rf"not all numbers: 2 of [\d,]+ values of {name} are NaN or infinite in float32. Use", refusal(folder)
    )


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.float8_e4m3fn])
def test_weights_of_8_bits_are_refused(folder, dtype):
    name = "encoder.layer.0.output.dense.weight"
    rewrite(folder, lambda other, weight: (other, (weight * 10).to(dtype) if other == name else weight))
    assert re.search(
        rf"rounded to 8 bits \({name} is [IUF]8.*\), .*: use the checkpoint that they were made from", refusal(folder)
    )


def test_weights_that_are_too_large_for_the_dtype_are_named(folder):
    rewrite(
        folder, lambda name, weight: (name, weight * 1e6 if name == "encoder.layer.0.output.dense.bias" else weight)
    )
    with pytest.raises(ModelError, match=r"encoder.layer.0.output.dense.bias are NaN or infinite in float16.* a dtype"):
        Encoder.from_pretrained(folder, device="cpu", dtype="float16")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_byte_order_mark_in_json_is_named(folder, name):
    (folder / name).write_bytes(codecs.BOM_UTF8 + (folder / name).read_bytes())
    assert f"{name} of " in refusal(folder)
    assert "begins with a byte order mark, which JSON does not allow" in refusal(folder)


@pytest.mark.parametrize("changes", [{"model_type": "nosuch"}, {"model_type": None}])
def test_an_unknown_configuration_lists_what_is_supported(folder, changes):
    change_config(folder, **changes)
    assert "configuration" in refusal(folder)
    assert "supported: BERT, DistilBERT, RoBERTa and XLM-R, DeBERTa-v2" in refusal(folder)


def test_a_config_that_is_no_json_says_so(folder):
    (folder / "config.json").write_text("{")
    assert "is not a valid JSON file" in refusal(folder)


@pytest.mark.parametrize(
    ("config", "what"),
    [
        (transformers.BartConfig(), "(bart) is an encoder-decoder model"),
        (transformers.T5Config(), "(t5) is an encoder-decoder model"),
        (transformers.GPT2Config(), "(gpt2) is no masked language model"),
        (transformers.ViTConfig(), "(vit) is no masked language model"),
        (transformers.BertConfig(is_decoder=True), "(bert) is set up as a decoder"),
    ],
)
def test_other_architectures_are_refused_with_the_list_of_supported_ones(folder, config, what):
    config.save_pretrained(folder)
    assert what in refusal(folder)
    assert "choose an encoder; supported: BERT, DistilBERT, RoBERTa and XLM-R, DeBERTa-v2 (mDeBERTa)" in refusal(folder)


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (
            lambda: transformers.AlbertModel(
                transformers.AlbertConfig(
                    vocab_size=40,
                    embedding_size=16,
                    hidden_size=24,
                    num_attention_heads=4,
                    num_hidden_layers=2,
                )
            ),
            "a model without one list of blocks",
        ),
        (
            lambda: transformers.LongformerModel(
                transformers.LongformerConfig(
                    vocab_size=40,
                    hidden_size=24,
                    num_attention_heads=4,
                    num_hidden_layers=2,
                    intermediate_size=40,
                    attention_window=[8, 8],
                )
            ),
            "a model that changes its length or width between layers",
        ),
        (
            lambda: transformers.FNetModel(
                transformers.FNetConfig(
                    vocab_size=40,
                    hidden_size=24,
                    num_hidden_layers=2,
                    intermediate_size=40,
                    tpu_short_seq_length=40,
                )
            ),
            "a model that reads padding as text",
        ),
    ],
)
def test_encoders_whose_states_cannot_be_followed_are_refused(folder, model, what):
    model().save_pretrained(folder)
    assert what in refusal(folder)


def test_half_the_memory_in_half_precision(checkpoints):
    encoder = Encoder.from_pretrained(checkpoints["bert"], device="cpu", dtype="float16")
    assert encoder.model.dtype == torch.float16


@pytest.mark.parametrize(
    ("features", "dtype"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_auto_takes_bfloat16_only_where_the_processor_has_it(monkeypatch, features, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features)
    assert choose_dtype("auto", torch.device("cpu")) == dtype


@pytest.mark.parametrize(("capability", "dtype"), [((7, 5), torch.float32), ((8, 0), torch.bfloat16)])
def test_auto_takes_bfloat16_on_cuda_from_ampere_on(monkeypatch, capability, dtype):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert choose_dtype("auto", torch.device("cuda")) == dtype


@pytest.mark.parametrize(("cuda", "mps", "chosen"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")])
def test_auto_prefers_cuda_to_mps_to_the_processor(monkeypatch, cuda, mps, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device().type == chosen


def test_mps_computes_in_float32():
    assert choose_dtype("auto", torch.device("mps")) == torch.float32


def test_an_absent_device_lists_those_present(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"device='cuda:1' is not available here: use 'auto' or one of cpu\."):
        choose_device("cuda:1")


def test_an_unknown_dtype_lists_those_known():
    with pytest.raises(ValueError, match=r"dtype='int8' is unknown: use one of auto, float32, bfloat16, float16"):
        choose_dtype("int8", torch.device("cpu"))


def test_an_encoder_that_fails_on_three_tokens_is_refused(folder, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("needs images\nand more")

    monkeypatch.setattr(transformers.BertModel, "forward", fail)
    assert "a model that cannot be read layer by layer (needs images)" in refusal(folder)


def test_a_slow_tokenizer_says_what_to_save(folder, monkeypatch):
    monkeypatch.setattr(transformers.PreTrainedTokenizerFast, "is_fast", False)
    assert "has only a slow tokenizer" in refusal(folder)
    assert "save a tokenizer.json beside the weights" in refusal(folder)


@pytest.mark.parametrize(
    ("file", "key"), [("tokenizer_config.json", "model_max_length"), ("config.json", "max_position_embeddings")]
)
def test_a_longest_text_that_is_no_number_is_refused(folder, file, key):
    path = folder / file
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: "long"}))
    with pytest.raises(ModelError, match=rf"{key} of {file}|cannot be read"):
        Encoder.from_pretrained(str(folder), "cpu")


def test_more_blocks_than_any_encoder_has_are_refused_at_once(folder):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"num_hidden_layers": 2**63}))
    with pytest.raises(ModelError, match=r"states 9,223,372,036,854,775,808 blocks"):
        Encoder.from_pretrained(str(folder), "cpu")


def test_a_class_that_is_no_name_is_refused(folder):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"architectures": [["x"]]}))
    with pytest.raises(ModelError, match=r"no classification head|cannot be read"):
        load_task_model(str(folder))
