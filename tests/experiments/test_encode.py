import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlfa_core import models
from dlfa_core.experiments import encode
from dlfa_core.figures.sentences import summary
from dlfa_core.runtime import store
from tests.models.tiny import CLOSE, save_checkpoint


@pytest.fixture
def spec(model, corpus):
    return encode.Spec(model=model, corpus=corpus, dtype="float32")


def test_the_vectors_are_those_of_the_encoder(spec):
    result = encode.run(spec)
    texts = ["the cat sees home", "the cat sees over long hill"]
    expected = models.Encoder.from_pretrained(spec.model, dtype="float32").encode(texts)
    np.testing.assert_allclose(result.vectors[:, :2], expected.vectors, rtol=0, atol=CLOSE)
    assert result.vectors.shape == (4, 36, 24)
    assert result.subwords[:2].tolist() == [4, 6]
    assert (result.truncated, result.dtype) == (0, "float32")


def test_a_stored_encoding_is_mapped_and_equal_to_a_fresh_one(spec):
    stored = store.fetch(encode, spec)
    np.testing.assert_array_equal(stored.vectors, encode.run(spec).vectors)  # the same batches
    assert not stored.vectors.flags.writeable


def test_a_limit_keeps_the_same_sentences_in_every_language(spec):
    rows = []
    for language in ("eng", "deu"):
        whole = encode.run(replace(spec, language=language)).vectors[0]
        part = encode.run(replace(spec, language=language, limit=10)).vectors[0]
        rows.append([int(np.flatnonzero(np.isclose(whole, row, rtol=0, atol=CLOSE).all(axis=1))[0]) for row in part])
    assert rows[0] == rows[1]
    assert len(rows[0]) == 10


def test_a_language_goes_by_code_or_name(spec):
    by_code, by_name = (encode.run(replace(spec, language=name)).vectors for name in ("deu", "German"))
    np.testing.assert_array_equal(by_code, by_name)  # the same batches


def test_truncated_and_unknown_subwords_are_counted(spec):
    result = encode.run(replace(spec, max_length=5))
    assert result.truncated == 36
    assert set(result.subwords) == {3}
    whole = encode.run(spec)
    assert whole.truncated == whole.unknown.sum() == 0


def test_progress_names_the_language_and_reaches_the_end(spec):
    calls = []
    encode.run(replace(spec, language="hin"), lambda fraction, message: calls.append((fraction, message)))
    assert calls[0] == (0.0, f"Loading the model {spec.model}")
    assert calls[-1] == (1.0, "Encoding Hindi")


def test_an_absent_language_is_named_with_the_present_ones(spec):
    with pytest.raises(ValueError, match=r"no sentences in Tamil \(tam\). Choose from eng, deu, hin"):
        encode.run(replace(spec, language="tam"))


def test_a_sentence_without_subwords_is_named_by_its_row(spec, tmp_path):
    tokenizer = Path(spec.model) / "tokenizer.json"
    settings = json.loads(tokenizer.read_text(encoding="utf-8"))
    settings["normalizer"] = {"type": "Replace", "pattern": {"String": "\ufffd"}, "content": ""}
    tokenizer.write_text(json.dumps(settings), encoding="utf-8")
    table = tmp_path / "broken.tsv"
    table.write_text("id\teng\tdeu\na\tthe cat\tcat\nb\t\ufffd\tdog\n", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"Row b of broken cannot be read in English. The text '\ufffd' gives no subwords"
    ):
        encode.run(replace(spec, corpus=f"table:{table}"))


def test_the_key_follows_the_sentences(spec):
    before = store.key_of(encode, spec)
    path = Path(spec.corpus.removeprefix("table:"))
    path.write_text(path.read_text(encoding="utf-8").replace("dog", "cat"), encoding="utf-8")
    assert store.key_of(encode, spec) != before


def test_the_key_follows_the_model(spec):
    before = store.key_of(encode, spec)
    config = Path(spec.model) / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"layer_norm_eps": 1e-3}))
    assert store.key_of(encode, spec) != before


def test_a_changed_model_is_loaded_anew(spec, tmp_path):
    before = encode.run(spec).vectors
    save_checkpoint(Path(spec.model), num_hidden_layers=2)
    assert len(before) == 4
    assert len(encode.run(spec).vectors) == 3


def test_the_summary_says_what_was_encoded():
    result = encode.Result(np.zeros((13, 240, 768)), np.array([10, 30]), np.array([1, 0]), 2, "float32")
    assert summary("encode", result) == (
        "240 sentences, 2 of them cut, 13 states of 768 dimensions, 2.5% of the subwords unknown."
    )
