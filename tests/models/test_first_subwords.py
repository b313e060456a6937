"""A word's label is read at its first subword with a character of it."""

import pytest

from dlfa_core import models
from dlfa_core.data.tasks import TaggedSet
from dlfa_core.models import read_examples
from dlfa_core.models.first_subwords import first_subwords, word_marks
from tests.models.tiny import tiny_tokenizer

SENTENCES = (
    ("This", "book", ",", "ubiquity", "."),
    ("これ", "は", "不快", "だ", "。"),
    ("这样", "的", "处理", "也", "衍生", "。"),
    ("이", "압력은", "이라며", "!"),
    ("สวัสดี", "ครับ"),
)


@pytest.fixture(scope="module")
def tokenizer():
    return models.load_tokenizer("demo")


def test_the_subword_read_is_the_first_with_a_character_of_the_word(tokenizer):
    """Second route: the texts of the subwords, without the mark."""
    alone = 0
    for words in SENTENCES:
        encoding = tokenizer([list(words)], is_split_into_words=True).encodings[0]
        chosen = first_subwords(encoding.word_ids, encoding.ids, word_marks(tokenizer))
        assert [encoding.word_ids[position] for position in chosen] == list(range(len(words)))
        for number, position in enumerate(chosen):
            own = [index for index, word in enumerate(encoding.word_ids) if word == number]
            assert position == next(index for index in own if encoding.tokens[index].lstrip("▁"))
            alone += position != own[0]
    assert alone > 10


def test_tagged_sentences_are_read_there(tokenizer):
    gold = tuple(("X",) * len(words) for words in SENTENCES)
    ids = tuple(map(str, range(len(SENTENCES))))
    examples = TaggedSet(language="jpn", split="test", ids=ids, words=SENTENCES, gold=gold, labels=("X",))
    readings = read_examples(tokenizer, examples, 64)
    read = [tokenizer.convert_ids_to_tokens(reading.ids[reading.positions].tolist()) for reading in readings]
    assert all(token != "▁" for tokens in read for token in tokens)
    assert [len(tokens) for tokens in read] == [len(words) for words in SENTENCES]


def test_a_word_that_is_nothing_but_the_mark_keeps_it():
    marks = frozenset({7})
    assert first_subwords([None, 0, 1, 1, 1, 2, None], [0, 7, 7, 5, 6, 9, 2], marks).tolist() == [1, 3, 5]
    assert first_subwords([0, 0, 1], [7, 7, 4], marks).tolist() == [0, 2]


def test_without_marks_it_is_the_first(tokenizer):
    word_ids = [None, 0, 0, 1, 2, 2, 2, None]
    assert first_subwords(word_ids, list(range(8)), frozenset()).tolist() == [1, 3, 4]
    assert word_marks(tiny_tokenizer()) == frozenset()
    assert word_marks(tokenizer) == {tokenizer.convert_tokens_to_ids("▁")}
