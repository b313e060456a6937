"""A random checkpoint of mBERT's shape with its real vocabulary: 178 million weights, 119,547 subwords."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

from dlfa_core.models import Encoder

VOCABULARY = Path(__file__).parents[3] / "shared" / "data" / "mbert-cased-vocab"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not VOCABULARY.is_dir(), reason=f"needs the vocabulary in {VOCABULARY}"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mbert")
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=119547)).save_pretrained(folder)
    vocabulary = str(VOCABULARY / "vocab.txt")
    BertTokenizer(vocab=vocabulary, do_lower_case=False, model_max_length=512).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def sentences():
    """(language, text, ids) of 204 sentences in 17 languages."""
    lines = (VOCABULARY / "expected-ids.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return [(row[0], row[2], [int(number) for number in row[3].split()]) for row in rows]


def test_subwords_equal_the_reference_ids(folder, sentences):
    encoder = Encoder.from_pretrained(folder, device="cpu", dtype="float32")
    assert len(sentences) == 204
    for _, text, ids in sentences:
        assert encoder.tokenizer(text)["input_ids"] == ids


@pytest.mark.parametrize(("dtype", "least"), [("float32", 0.9999), ("bfloat16", 0.999)])
def test_states_equal_those_of_transformers(folder, sentences, dtype, least):
    texts = [text for _, text, _ in sentences[::12]]  # one a language
    encoder = Encoder.from_pretrained(folder, device="cpu", dtype=dtype)
    vectors = encoder.encode(texts).vectors
    model = BertModel.from_pretrained(folder).eval()
    for row, (_, _, ids) in enumerate(sentences[::12]):
        with torch.inference_mode():
            states = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        expected = np.stack([state[0, 1:-1].mean(0).numpy() for state in states])
        assert vectors[:, row].shape == expected.shape == (13, 768)
        assert cosine(vectors[:, row], expected).min() >= least


def cosine(x, y):
    return (x * y).sum(-1) / (np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1))
