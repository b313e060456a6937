"""Smaller models with the states of the full ones."""

import json
import re
import shutil

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer

from dlfa_core.models import Choice, Encoder, ModelError, Text, continue_from, shrink
from tests.models.tiny_subwords import CHARACTERS, TEXTS, TOKENIZERS, save_subword_checkpoint, unigram

FAMILIES = list(TOKENIZERS)
GERMAN = Text("deu", lambda: TEXTS)
FEW = Choice(size=14)  # special tokens, characters, and few more


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """One folder a family, with a masked language model head; read only."""
    root = tmp_path_factory.mktemp("subwords")
    return {family: save_subword_checkpoint(root / family, family) for family in FAMILIES}


def read(folder, kind=AutoModel):
    """Model in float32 and tokenizer, and what the checkpoint lacked."""
    model, report = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    return model.eval(), AutoTokenizer.from_pretrained(folder), report


@torch.inference_mode()
def run(folder, kind=AutoModel, texts=TEXTS):
    """What a model says of texts in one padded batch, and which of its tokens are no padding."""
    model, tokenizer, _ = read(folder, kind)
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    return model(**batch, output_hidden_states=True), batch["attention_mask"].bool()


@pytest.mark.parametrize("family", FAMILIES)
def test_texts_that_lose_no_subword_keep_their_states_and_their_guesses(checkpoints, family, tmp_path):
    shrunk = shrink(checkpoints[family], [GERMAN], tmp_path / "small")
    full, mask = run(checkpoints[family], AutoModelForMaskedLM)
    small, same = run(tmp_path / "small", AutoModelForMaskedLM)
    assert torch.equal(mask, same)
    for before, after in zip(full.hidden_states, small.hidden_states, strict=True):
        torch.testing.assert_close(after[mask], before[mask])
    torch.testing.assert_close(small.logits[mask], full.logits[mask][:, shrunk.kept])
    assert shrunk.after.subwords < shrunk.before.subwords
    assert shrunk.texts.kept.equals(shrunk.texts.tokens)
    assert shrunk.texts.tokens_after.equals(shrunk.texts.tokens)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_in_characters_and_frequent_subwords_keeps_its_states_in_a_small_model(checkpoints, family, tmp_path):
    """Whatever the rest of the texts loses."""
    shrunk = shrink(checkpoints[family], [GERMAN], tmp_path / "small", FEW)
    assert shrunk.after.subwords == 14
    assert (shrunk.texts.kept < shrunk.texts.tokens).all()
    assert (shrunk.texts.tokens_after > shrunk.texts.tokens).all()
    assert shrunk.texts.unknown_after.tolist() == shrunk.texts.unknown.tolist() == [0]
    tokenizer = AutoTokenizer.from_pretrained(checkpoints[family])
    texts = [text for text in CHARACTERS if set(tokenizer(text)["input_ids"]) <= set(shrunk.kept)]
    assert texts
    (full, mask), (small, _) = (run(folder, texts=texts) for folder in (checkpoints[family], tmp_path / "small"))
    torch.testing.assert_close(small.last_hidden_state[mask], full.last_hidden_state[mask])


@pytest.mark.parametrize("family", FAMILIES)
def test_the_folder_is_plain_and_loads_without_a_word(checkpoints, family, tmp_path, capfd):
    shrink(checkpoints[family], [GERMAN], tmp_path / "small")
    assert capfd.readouterr() == ("", "")
    names = {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert {path.name for path in (tmp_path / "small").iterdir()} - {"generation_config.json"} == names
    model, tokenizer, report = read(tmp_path / "small", AutoModelForMaskedLM)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert model.config.vocab_size == len(tokenizer) == model.get_input_embeddings().num_embeddings
    assert Encoder.from_pretrained(tmp_path / "small").encode(["ab"]).vectors.shape == (4, 1, 24)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_configuration_names_the_new_ids(checkpoints, family, tmp_path):
    changed = shutil.copytree(checkpoints[family], tmp_path / "full")
    tokenizer = AutoTokenizer.from_pretrained(changed)
    content = json.loads((changed / "config.json").read_text())
    ids = {"mask_token_id": tokenizer.mask_token_id, "sep_token_id": tokenizer.sep_token_id}
    (changed / "config.json").write_text(json.dumps(content | ids | {"bos_token_id": len(tokenizer) + 1}))
    shrink(changed, [GERMAN], tmp_path / "small")
    model, smaller, _ = read(tmp_path / "small")
    assert model.config.pad_token_id == smaller.pad_token_id
    assert model.config.mask_token_id == smaller.mask_token_id != tokenizer.mask_token_id
    assert model.config.sep_token_id == smaller.sep_token_id
    assert model.config.bos_token_id is None  # the tokenizer has no such subword


@pytest.mark.parametrize(
    "first",
    [("▁x", "▁y", "<s>", "</s>", "<unk>", "<pad>"), ("<s>", "<pad>", "</s>", "<unk>")],
    ids=["moved", "as it was"],
)
def test_positions_of_roberta_follow_the_id_of_padding(first, tmp_path):
    tokenizer = unigram(first=first)
    full = save_subword_checkpoint(tmp_path / "full", "xlm-roberta", tokenizer=tokenizer)
    shrink(full, [GERMAN], tmp_path / "small")
    model, smaller, _ = read(tmp_path / "small")
    assert tokenizer.pad_token_id == (5 if "▁x" in first else 1)
    assert smaller.pad_token_id == (3 if "▁x" in first else 1)
    assert model.config.max_position_embeddings == 40 - (tokenizer.pad_token_id - smaller.pad_token_id)
    (before, mask), (after, _) = run(full), run(tmp_path / "small")
    torch.testing.assert_close(after.last_hidden_state[mask], before.last_hidden_state[mask])
    longest = "b " * 60  # up to the last position vector
    ends = [Encoder.from_pretrained(folder, dtype="float32").encode([longest]) for folder in (full, tmp_path / "small")]
    np.testing.assert_allclose(ends[1].vectors, ends[0].vectors, atol=1e-5)
    assert ends[0].truncated == ends[1].truncated == 1


@pytest.mark.parametrize("family", ["bert", "xlm-roberta"])
def test_a_pooler_is_kept_beside_the_head(family, tmp_path):
    full = save_subword_checkpoint(tmp_path / "full", family, "BertForPreTraining" if family == "bert" else "AutoModel")
    shrink(full, [GERMAN], tmp_path / "small")
    weights = load_file(tmp_path / "small" / "model.safetensors")
    assert any("pooler" in name for name in weights)
    assert any("decoder" in name or "cls" in name for name in weights) == (family == "bert")
    assert not any("seq_relationship" in name for name in weights)
    (before, _), (after, _) = run(full), run(tmp_path / "small")
    torch.testing.assert_close(after.pooler_output, before.pooler_output)


@pytest.mark.parametrize("family", ["bert", "xlm-roberta"])
def test_a_pooler_that_the_checkpoint_lacks_is_not_made_up(checkpoints, family, tmp_path):
    shrink(checkpoints[family], [GERMAN], tmp_path / "small")
    assert not any("pooler" in name for name in load_file(tmp_path / "small" / "model.safetensors"))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_decoder_of_its_own_is_cut_too(family, tmp_path):
    full = save_subword_checkpoint(tmp_path / "full", family, tie_word_embeddings=False)
    shrunk = shrink(full, [GERMAN], tmp_path / "small")
    (before, mask), (after, _) = (run(folder, AutoModelForMaskedLM) for folder in (full, tmp_path / "small"))
    torch.testing.assert_close(after.logits[mask], before.logits[mask][:, shrunk.kept])
    model = read(tmp_path / "small", AutoModelForMaskedLM)[0]
    assert not torch.equal(model.get_output_embeddings().weight, model.get_input_embeddings().weight)


def test_the_other_head_of_deberta_is_cut_too(tmp_path):
    full = save_subword_checkpoint(tmp_path / "full", "deberta-v2", legacy=False)
    shrunk = shrink(full, [GERMAN], tmp_path / "small")
    (before, mask), (after, _) = (run(folder, AutoModelForMaskedLM) for folder in (full, tmp_path / "small"))
    torch.testing.assert_close(after.logits[mask], before.logits[mask][:, shrunk.kept])


@pytest.mark.parametrize("family", FAMILIES)
def test_no_head_is_made_up_unless_it_is_asked_for(family, tmp_path):
    full = save_subword_checkpoint(tmp_path / "full", family, "AutoModel")
    shrunk = shrink(full, [GERMAN], tmp_path / "small")
    assert not shrunk.new_head
    assert read(tmp_path / "small", AutoModelForMaskedLM)[2]["missing_keys"]
    (before, mask), (after, _) = run(full), run(tmp_path / "small")
    torch.testing.assert_close(after.last_hidden_state[mask], before.last_hidden_state[mask])


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_new_head_guesses_by_input_vectors_and_frequency(family, tied, tmp_path):
    full = save_subword_checkpoint(tmp_path / "full", family, "AutoModel", tie_word_embeddings=tied)
    shrunk = shrink(full, [GERMAN], tmp_path / "small", FEW, head=True)
    assert shrunk.new_head
    model, tokenizer, report = read(tmp_path / "small", AutoModelForMaskedLM)
    assert not report["missing_keys"]
    with torch.inference_mode():
        batch = tokenizer(TEXTS[:1], return_tensors="pt")
        found = model(**batch, output_hidden_states=True)
        state = torch.nn.functional.gelu(found.hidden_states[-1])
        state = torch.nn.functional.layer_norm(state, state.shape[-1:], eps=1e-12)
        counts = np.full(len(tokenizer), 0.5)
        for text in TEXTS:
            np.add.at(counts, tokenizer(text, add_special_tokens=False)["input_ids"], 1)
        bias = torch.from_numpy(np.log(counts / counts.sum())).float()
        expected = state @ model.get_input_embeddings().weight.T + bias
    torch.testing.assert_close(found.logits, expected, atol=1e-3, rtol=1e-4)  # epsilons of the layer norms differ
    extra = sum(weight.numel() for weight in read(tmp_path / "small")[0].parameters())
    assert shrunk.before.parameters < extra + 24 * (shrunk.before.subwords + 3)


def test_training_goes_on_from_a_model_with_a_new_head(tmp_path):
    full = save_subword_checkpoint(tmp_path / "full", "bert", "AutoModel")
    with pytest.raises(ModelError, match="which masked words are predicted with"):
        continue_from(str(full))
    shrink(full, [GERMAN], tmp_path / "small", head=True)
    model, tokenizer = continue_from(str(tmp_path / "small"))
    assert sorted(tokenizer.all_special_ids) == list(range(5))
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_a_head_that_is_there_is_kept_although_a_new_one_was_asked_for(checkpoints, tmp_path):
    shrunk = shrink(checkpoints["bert"], [GERMAN], tmp_path / "small", head=True)
    assert not shrunk.new_head
    (before, mask), (after, _) = (run(f, AutoModelForMaskedLM) for f in (checkpoints["bert"], tmp_path / "small"))
    torch.testing.assert_close(after.logits[mask], before.logits[mask][:, shrunk.kept])


@pytest.mark.parametrize("family", FAMILIES)
def test_half_precision_halves_the_file_and_rounds_the_states(checkpoints, family, tmp_path):
    whole, half = (shrink(checkpoints[family], [GERMAN], tmp_path / name, half=name == "h") for name in ("w", "h"))
    assert {weight.dtype for weight in load_file(tmp_path / "h" / "model.safetensors").values()} == {torch.float16}
    assert whole.after.bytes / 2 < half.after.bytes < 0.7 * whole.after.bytes  # headers take some place
    assert whole.after.parameters == half.after.parameters
    (before, mask), (after, _) = run(tmp_path / "w"), run(tmp_path / "h")
    assert (after.last_hidden_state[mask] - before.last_hidden_state[mask]).abs().max() < 0.05


def test_weights_in_half_precision_stay_so(checkpoints, tmp_path):
    transformers.AutoModelForMaskedLM.from_pretrained(checkpoints["bert"], dtype=torch.float16).save_pretrained(
        tmp_path
    )
    AutoTokenizer.from_pretrained(checkpoints["bert"]).save_pretrained(tmp_path)
    shrink(tmp_path, [GERMAN], tmp_path / "small")
    assert {w.dtype for w in load_file(tmp_path / "small" / "model.safetensors").values()} == {torch.float16}


def test_sizes_are_those_of_model_and_files(checkpoints, tmp_path):
    shrunk = shrink(checkpoints["bert"], [GERMAN], tmp_path / "small", FEW)
    for folder, size in ((checkpoints["bert"], shrunk.before), (tmp_path / "small", shrunk.after)):
        model, tokenizer, _ = read(folder, AutoModelForMaskedLM)
        assert size.parameters == sum(weight.numel() for weight in model.parameters())
        assert size.bytes == (folder / "model.safetensors").stat().st_size
        assert size.subwords == len(tokenizer)
    assert shrunk.before.parameters - shrunk.after.parameters == 25 * (shrunk.before.subwords + 3 - 14)


def test_each_text_has_its_row(checkpoints, tmp_path):
    english = Text("eng", lambda: iter(["abc x", "cab"]), weight=0.5)
    shrunk = shrink(checkpoints["bert"], [GERMAN, english], tmp_path / "small")
    row = shrunk.texts.iloc[1]
    assert row.to_dict() == {
        "language": "eng",
        "words": 3,
        "tokens": 3,
        "kept": 3,
        "unknown": 1,
        "tokens_after": 3,
        "unknown_after": 1,
    }


def test_progress_names_languages_and_reaches_the_end(checkpoints, tmp_path):
    calls = []
    shrink(checkpoints["bert"], [GERMAN], tmp_path / "small", progress=lambda *call: calls.append(call))
    assert calls[0] == (0.0, "Counting words in German")
    assert "Cutting German into 87 subwords" in [message for _, message in calls]
    assert calls[-1] == (1.0, f"Written to {tmp_path / 'small'}")
    assert [fraction for fraction, _ in calls] == sorted(fraction for fraction, _ in calls)


def test_the_folder_of_the_model_itself_is_not_overwritten(checkpoints):
    before = (checkpoints["bert"] / "model.safetensors").read_bytes()
    with pytest.raises(ValueError, match=r"is the folder of the model itself, which would be lost: name another"):
        shrink(checkpoints["bert"], [GERMAN], checkpoints["bert"].parent / "." / "bert")
    assert (checkpoints["bert"] / "model.safetensors").read_bytes() == before


def test_texts_without_words_are_refused(checkpoints, tmp_path):
    with pytest.raises(ValueError, match="The texts are empty, and no subword can be chosen"):
        shrink(checkpoints["bert"], [Text("deu", lambda: ["", " "])], tmp_path / "small")


def test_a_size_below_special_tokens_and_characters_says_how_many_they_are(checkpoints, tmp_path):
    with pytest.raises(ValueError, match=r"size=12 is too small: .* alone are 13 subwords"):
        shrink(checkpoints["bert"], [GERMAN], tmp_path / "small", Choice(size=12))
    assert not (tmp_path / "small").exists()


def test_another_architecture_is_refused_with_the_list_of_those_supported(checkpoints, tmp_path):
    folder = shutil.copytree(checkpoints["bert"], tmp_path / "gpt")
    transformers.GPT2Config().save_pretrained(folder)
    with pytest.raises(
        ModelError, match=r"\(gpt2\) is no masked language model: choose an encoder; supported: BERT, Dis"
    ):
        shrink(folder, [GERMAN], tmp_path / "small")


def test_a_slow_tokenizer_is_refused(checkpoints, tmp_path, monkeypatch):
    monkeypatch.setattr(transformers.PreTrainedTokenizerFast, "is_fast", False)
    with pytest.raises(ModelError, match="has only a slow tokenizer"):
        shrink(checkpoints["bert"], [GERMAN], tmp_path / "small")


def test_an_id_of_padding_that_the_tokenizer_lacks_is_refused(tmp_path):
    full = save_subword_checkpoint(tmp_path / "full", pad_token_id=88)
    with pytest.raises(ModelError, match=r"has pad_token_id=88, which its tokenizer lacks: put the tokenizer"):
        shrink(full, [GERMAN], tmp_path / "small")


def test_a_damaged_head_is_named(checkpoints, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("size mismatch\nand more")

    monkeypatch.setattr(transformers.AutoModelForMaskedLM, "from_pretrained", fail)
    said = r"masked language model head of .* cannot be read (size mismatch): copy its files again"
    with pytest.raises(ModelError, match=re.escape(said).replace(r"\.\*", ".*")):
        shrink(checkpoints["bert"], [GERMAN], tmp_path / "small")
