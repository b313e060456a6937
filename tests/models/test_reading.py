"""Texts as an encoder reads them, whoever asks: for vectors, for a task, or for words."""

import numpy as np
import pytest
import torch

from dlfa_core.data.tasks import SentenceSet, TaggedSet
from dlfa_core.models import read_examples
from dlfa_core.models.reading import Reading, check_text, pad, special_tokens, tokenise
from dlfa_core.models.word_reading import read_given, read_words
from tests.models.tiny import tiny_tokenizer

TEXTS = ["the cat sees a dog", "dog", "zzz cat"]
SECONDS = ["home", "the dog sees", "cat"]
ABOUT = {"language": "eng", "split": "train", "ids": ("a", "b", "c"), "labels": ("X", "Y"), "licence": "none"}


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


def plain(tokenizer, texts=TEXTS, max_length=40, **settings):
    return [Reading.of(encoding, tokenizer) for encoding in tokenise(tokenizer, texts, max_length, **settings)]


def same(one, other):
    """They hold the same subwords; `other` may know more of them."""
    arrays = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("ids", "types", "own"))
    return arrays and (one.truncated, one.unknown) == (other.truncated, other.unknown)


@pytest.mark.parametrize("max_length", [40, 5])
@pytest.mark.parametrize("seconds", [None, SECONDS], ids=["texts", "pairs"])
def test_a_task_and_words_are_read_from_the_same_subwords(tokenizer, seconds, max_length):
    expected = plain(tokenizer, max_length=max_length, seconds=seconds)
    examples = SentenceSet(texts=tuple(TEXTS), seconds=seconds and tuple(seconds), gold=("X", "Y", "X"), **ABOUT)
    labelled = read_examples(tokenizer, examples, max_length)
    words = read_words(tokenizer, TEXTS if seconds is None else list(zip(TEXTS, seconds, strict=True)), max_length)
    for reading, of_task, of_words in zip(expected, labelled, words, strict=True):
        assert same(reading, of_task)
        assert same(reading, of_words)
        assert len(reading) == len(of_words.tokens) <= max_length
        own = [subword for word in of_words.words for subword in word.subwords]
        assert sorted(own) == np.flatnonzero(reading.own).tolist()  # each subword of a text belongs to one word
        assert set(of_words.segments) == ({0} if seconds is None else {0, 1})


def test_given_words_are_read_as_a_tagger_reads_them(tokenizer):
    sentences = [tuple(text.split()) for text in TEXTS]
    examples = TaggedSet(words=tuple(sentences), gold=tuple(("X",) * len(words) for words in sentences), **ABOUT)
    both = read_examples(tokenizer, examples, 40), read_given(tokenizer, sentences, 40)
    for tagged, of_words in zip(*both, strict=True):
        assert same(tagged, of_words)
        assert tagged.positions.tolist() == [word.subwords[0] for word in of_words.words]


def test_texts_and_pairs_may_be_mixed(tokenizer):
    mixed = [TEXTS[0], (TEXTS[1], SECONDS[1]), TEXTS[2]]
    together = read_words(tokenizer, mixed, 40)
    for text, reading in zip(mixed, together, strict=True):
        (alone,) = read_words(tokenizer, [text], 40)
        assert same(alone, reading)
        assert (alone.text, alone.words, alone.segments) == (reading.text, reading.words, reading.segments)
    assert read_words(tokenizer, [], 40) == []


def test_what_was_cut_and_what_is_unknown_is_told(tokenizer):
    first, second, third = plain(tokenizer, max_length=5)
    assert (first.truncated, second.truncated) == (True, False)
    assert third.unknown == (third.ids[third.own] == tokenizer.unk_token_id).sum()
    words = read_words(tokenizer, TEXTS[:1], 5)[0]
    assert 0 < len(words.read) < len(words.words)


def test_readings_stand_side_by_side_with_padding_at_the_end(tokenizer):
    readings = plain(tokenizer, seconds=SECONDS)
    batch = pad(readings, 7)
    assert batch.ids.shape == (3, max(map(len, readings)))
    for row, reading in enumerate(readings):
        n = len(reading)
        for name in ("ids", "types", "own"):
            assert getattr(batch, name)[row, :n].tolist() == getattr(reading, name).tolist()
        assert batch.mask[row].tolist() == [1] * n + [0] * (batch.mask.shape[1] - n)
        assert (batch.ids[row, n:] == 7).all()
        assert not batch.own[row, n:].any()
    twice = batch.take(torch.tensor([2, 2]))
    assert torch.equal(twice.own[0], batch.own[2])
    assert torch.equal(twice.types[1], batch.types[2])


def test_what_cannot_be_read_is_said(tokenizer):
    with pytest.raises(ValueError, match=r"Text 3 is None \(NoneType\): drop it or write it as a string"):
        check_text(3, None)
    with pytest.raises(ValueError, match=r"Text 0 \('.*'\) holds half a character: read its file as UTF-8"):
        read_words(tokenizer, ["half \ud83d"], 40)
    with pytest.raises(
        ValueError, match="max_length=3 leaves no room for text beside 3 special tokens: use at least 4"
    ):
        special_tokens(tokenizer, 3, pair=True)
    assert special_tokens(tokenizer, 3) == 2
