"""Learnt subwords."""

from pathlib import Path

import pytest

from dlfa_core.models.vocabulary import SPECIAL, cased_tokenizer, learn_vocabulary, read_tokenizer

REAL = Path(__file__).parents[3] / "shared" / "data" / "mbert-cased-vocab"
TEXTS = ["the cat sees the dog", "Die Katze sieht den Hund", "猫看见狗", "बिल्ली कुत्ते को देखती है"] * 5


def test_words_seen_often_become_one_subword():
    tokenizer = cased_tokenizer(learn_vocabulary(TEXTS, 200))
    assert tokenizer.tokenize("the cat") == ["the", "cat"]


def test_case_and_accents_are_kept():
    tokenizer = cased_tokenizer(learn_vocabulary([*TEXTS, *["Élan élan"] * 5], 300))
    assert tokenizer.tokenize("Élan") != tokenizer.tokenize("élan")


def test_chinese_is_cut_into_characters():
    assert cased_tokenizer(learn_vocabulary(TEXTS, 200)).tokenize("猫看见狗") == list("猫看见狗")


def test_the_same_texts_give_the_same_subwords_with_the_same_ids():
    first = learn_vocabulary(TEXTS, 200)
    assert all(learn_vocabulary(TEXTS, 200) == first for _ in range(5))


def test_special_tokens_come_first():
    assert tuple(learn_vocabulary(TEXTS, 200)[: len(SPECIAL)]) == SPECIAL


def test_a_tokenizer_is_read_back_as_it_was(tmp_path):
    tokenizer = cased_tokenizer(learn_vocabulary(TEXTS, 200))
    tokenizer.save_pretrained(tmp_path)
    assert read_tokenizer(tmp_path)(TEXTS).input_ids == tokenizer(TEXTS).input_ids


def test_too_small_a_vocabulary_is_refused_with_the_size_that_is_needed():
    with pytest.raises(ValueError, match="vocabulary of 12 subwords is too small"):
        learn_vocabulary(TEXTS, 12)


def test_missing_special_tokens_are_named():
    with pytest.raises(ValueError, match=r"lacks \[CLS\], \[SEP\]"):
        cased_tokenizer(["[PAD]", "[UNK]", "[MASK]", "cat"])


@pytest.mark.skipif(not REAL.exists(), reason="needs the vocabulary of multilingual BERT")
def test_the_real_vocabulary_cuts_as_multilingual_bert_does():
    tokenizer = cased_tokenizer((REAL / "vocab.txt").read_text(encoding="utf-8").splitlines())
    lines = (REAL / "expected-ids.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for _, _, text, ids in (line.split("\t") for line in lines):
        assert tokenizer(text).input_ids == [int(index) for index in ids.split()]
