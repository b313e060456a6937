"""Multilingual BERT at its full size, with random weights and its real vocabulary, made small for five languages."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertConfig, BertForPreTraining, BertTokenizer

from dlfa_core.data import open_corpus
from dlfa_core.experiments import shrink

VOCABULARY = Path(__file__).parents[3] / "shared" / "data" / "mbert-cased-vocab"
LANGUAGES = ("eng", "deu", "swh", "hin", "tha")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not VOCABULARY.is_dir(), reason=f"needs the vocabulary in {VOCABULARY}"),
]


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mbert")
    torch.manual_seed(0)
    BertForPreTraining(BertConfig(vocab_size=119547)).save_pretrained(folder)
    vocabulary = str(VOCABULARY / "vocab.txt")
    BertTokenizer(vocab=vocabulary, do_lower_case=False, model_max_length=512).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def small(full, tmp_path_factory):
    """The result, and the folder of the smaller model."""
    out = tmp_path_factory.mktemp("small")
    return shrink.run(shrink.Spec(out=str(out), model=str(full), corpora=("sample",), languages=LANGUAGES)), out


@torch.inference_mode()
def read(folder, texts):
    """Ids, states and guesses of a padded batch."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForMaskedLM.from_pretrained(folder).eval()
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    found = model(**batch, output_hidden_states=True)
    return batch["input_ids"], batch["attention_mask"].bool(), torch.stack(found.hidden_states), found.logits


def test_texts_of_the_five_languages_have_the_same_states(full, small):
    result, out = small
    corpus = open_corpus("sample")
    texts = [corpus[language][row] for language in LANGUAGES for row in (0, 100)]
    ids, mask, states, logits = read(full, texts)
    new_ids, new_mask, new_states, new_logits = read(out, texts)
    assert torch.equal(torch.from_numpy(result.kept)[new_ids], ids)
    assert torch.equal(mask, new_mask)
    # float32: sums over 768 and 3,072 numbers, twelve blocks long
    torch.testing.assert_close(new_states[:, mask], states[:, mask], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(new_logits[mask], logits[mask][:, result.kept], atol=1e-4, rtol=1e-4)


def test_every_sentence_of_the_five_languages_is_cut_as_before(full, small):
    result, out = small
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (full, out))
    corpus = open_corpus("sample")
    for language in LANGUAGES:
        texts = list(corpus[language])
        for old, new in zip(before(texts)["input_ids"], after(texts)["input_ids"], strict=True):
            assert result.kept[new].tolist() == old


def test_the_model_is_less_than_half_as_large(small):
    result, _ = small
    sizes = result.sizes.set_index("size")
    assert sizes.loc["subwords", "before"] == 119547
    assert sizes.loc["parameters", "after"] < 0.55 * sizes.loc["parameters", "before"]
    assert sizes.loc["bytes", "after"] < 0.55 * sizes.loc["bytes", "before"]
    assert result.languages["kept"].tolist() == [1.0] * 5
    assert np.allclose(result.languages["fertility_after"], result.languages["fertility_before"])
    assert sorted(result.languages["language"]) == sorted(LANGUAGES)
