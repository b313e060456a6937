"""Words and their subwords, in many scripts and for any way of cutting a text."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from dlfa_core.data import open_corpus
from dlfa_core.data.words import Word, count_words, kind_of, membership, word_spans, words_given, words_of

DEMO = Path(__file__).parents[2] / "assets" / "encoder" / "tokenizer.json"
CUT = {
    "English": ("Don't stop at 3.14!", ["Don't", "stop", "at", "3.14", "!"]),
    "French": ("L’été, déjà ?", ["L’été", ",", "déjà", "?"]),
    "marks of their own": ("e\u0301te\u0301 i\u0307", ["e\u0301te\u0301", "i\u0307"]),
    "Arabic": ("القِطارُ متأخّرٌ، أليس كذلك؟", ["القِطارُ", "متأخّرٌ", "،", "أليس", "كذلك", "؟"]),
    "Persian, with joiners": ("می‌خواهم کتاب‌ها را.", ["می‌خواهم", "کتاب‌ها", "را", "."]),
    "Hebrew": ("צה\"ל וג'ירפה.", ['צה"ל', "וג'ירפה", "."]),
    "Hindi": ("क्षत्रिय फिर आया।", ["क्षत्रिय", "फिर", "आया", "।"]),
    "Tamil": ("சூப் நல்லது.", ["சூப்", "நல்லது", "."]),
    "Korean": ("국은 정말 맛있었어요.", ["국은", "정말", "맛있었어요", "."]),
    "Chinese": ("我奶奶，好。", ["我", "奶", "奶", "，", "好", "。"]),
    "Japanese": ("スープは最高。", ["スープ", "は", "最", "高", "。"]),
    "Thai": ("เมื่อคุณทำที่นา", ["เมื่", "อ", "คุ", "ณ", "ทำ", "ที่", "นา"]),
    "Khmer": ("កម្ពុជា", ["ក", "ម្ពុ", "ជា"]),
    "emoji": ("👩‍👩‍👧🇫🇷🇩🇪👍🏽❤️!", ["👩‍👩‍👧", "🇫🇷", "🇩🇪", "👍🏽", "❤️", "!"]),
    "two scripts": ("BERT模型 v2", ["BERT", "模", "型", "v2"]),
    "nothing to see": (" \n\u200b\u200f\t", []),
    "nothing": ("", []),
}
TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [text for text, _ in CUT.values()]
)


@pytest.fixture(scope="module")
def wordpiece():
    return Tokenizer.from_file(str(DEMO))


def sentencepiece():
    """Subwords of one or two characters, every word preceded by a mark that takes the place of the space."""
    subwords = [("▁", -1.0), ("<unk>", -9.0), ("奶奶", -1.0), ("你好", -1.0), (".", -2.0), ("he", -1.0), ("l", -2.0)]
    tokenizer = Tokenizer(models.Unigram(subwords, unk_id=1))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def bytelevel():
    """Every byte a subword: an emoji is four subwords that all stand on one character."""
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer = Tokenizer(models.BPE({letter: index for index, letter in enumerate(sorted(alphabet))}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return tokenizer


@st.composite
def cut_texts(draw):
    """A text and subwords of it that leave nothing out."""
    text = draw(TEXTS)
    inner = draw(st.sets(st.integers(1, max(len(text) - 1, 1)), max_size=12))
    edges = [0, *sorted(edge for edge in inner if edge < len(text)), len(text)]
    return text, list(pairwise(edges))


@pytest.mark.parametrize("kind", CUT)
def test_words_are_cut_as_their_script_asks(kind):
    text, expected = CUT[kind]
    assert [text[start:stop] for start, stop in word_spans(text)] == expected


@given(TEXTS)
def test_spans_are_in_order_and_hold_all_that_can_be_seen(text):
    spans = word_spans(text)
    assert all(start < stop for start, stop in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    inside = {index for start, stop in spans for index in range(start, stop)}
    assert all(index in inside or not char.isalnum() for index, char in enumerate(text))
    assert not any(text[start].isspace() or text[stop - 1].isspace() for start, stop in spans)


@pytest.mark.parametrize("language", open_corpus("sample").languages)
def test_words_are_counted_as_they_are_cut(language):
    """Thai vowel signs make the difference."""
    texts = open_corpus("sample")[language]
    counted, cut = sum(map(count_words, texts)), sum(len(word_spans(text)) for text in texts)
    assert cut <= counted <= (1.02 * cut if language == "tha" else cut)


@given(cut_texts())
def test_every_subword_belongs_to_exactly_one_word(cut):
    text, offsets = cut
    words = words_of(text, offsets)
    if words:
        assert sorted(subword for word in words for subword in word.subwords) == list(range(len(offsets)))


@given(cut_texts())
def test_words_hold_their_text_and_no_two_share_a_subword_that_crosses_them(cut):
    text, offsets = cut
    words = words_of(text, offsets)
    assert all(word.text == text[word.start : word.stop] for word in words)
    for word in words:
        for start, stop in (offsets[subword] for subword in word.subwords):
            assert all(other is word or stop <= other.start or other.stop <= start for other in words)


@given(TEXTS)
def test_one_subword_for_the_whole_text_is_one_word(text):
    assert len(words_of(text, [(0, len(text))])) == bool(word_spans(text))


@pytest.mark.parametrize("kind", CUT)
@pytest.mark.parametrize("make", [sentencepiece, bytelevel])
def test_no_subword_of_another_tokenizer_is_lost(kind, make):
    text, _ = CUT[kind]
    encoding = make().encode(text)
    words = words_of(text, encoding.offsets)
    assert sorted(subword for word in words for subword in word.subwords) == (
        list(range(len(encoding))) if words else []
    )


@pytest.mark.parametrize("kind", sorted(CUT.keys() - {"Thai", "Khmer", "Japanese", "Chinese", "two scripts", "emoji"}))
def test_wordpieces_never_join_words_between_spaces(kind, wordpiece):
    text, expected = CUT[kind]
    encoding = wordpiece.encode(text)
    words = words_of(text, encoding.offsets, encoding.special_tokens_mask)
    assert [word.text for word in words] == expected


def test_special_tokens_stand_apart(wordpiece):
    encoding = wordpiece.encode("Hello, world!")
    words = words_of("Hello, world!", encoding.offsets, encoding.special_tokens_mask)
    assert sorted(subword for word in words for subword in word.subwords) == list(range(1, len(encoding) - 1))


def test_a_subword_over_two_chinese_characters_makes_them_one_word():
    encoding = sentencepiece().encode("奶奶好")
    assert [word.text for word in words_of("奶奶好", encoding.offsets)] == ["奶奶", "好"]


def test_a_subword_that_ends_within_a_letter_and_its_signs_does_not_cut_it():
    assert words_of("ที่", [(0, 1), (1, 3)]) == (Word("ที่", 0, 3, (0, 1)),)


def test_the_mark_before_a_word_belongs_to_it_and_one_behind_the_last_to_the_last():
    assert words_of("a b ", [(0, 1), (1, 2), (2, 3), (3, 4)]) == (Word("a", 0, 1, (0,)), Word("b", 2, 3, (1, 2, 3)))


def test_words_behind_the_cut_have_no_subwords():
    assert words_of("one two", [(0, 3)]) == (Word("one", 0, 3, (0,)), Word("two", 4, 7, ()))


def test_the_second_text_of_a_pair_is_left_apart():
    assert words_of("one", [(0, 3), (0, 3)], [False, True]) == (Word("one", 0, 3, (0,)),)


def test_subwords_that_chain_words_together_make_one_word():
    assert [word.text for word in words_of("我你他她", [(0, 2), (1, 3), (3, 4)])] == ["我你他", "她"]


def test_words_known_beforehand_keep_their_text_whatever_the_subwords():
    words = words_given(["don't", "し", "たい"], [None, 0, 0, 1, 2, None])
    assert words == (Word("don't", 0, 5, (1, 2)), Word("し", 6, 7, (3,)), Word("たい", 8, 10, (4,)))
    assert all(word.text == "don't し たい"[word.start : word.stop] for word in words)


@given(cut_texts())
def test_sums_over_words_are_sums_over_subwords(cut):
    text, offsets = cut
    words = words_of(text, offsets)
    values = np.random.default_rng(0).normal(size=len(offsets))
    summed = membership(words, len(offsets)) @ values
    assert summed == pytest.approx([sum(values[list(word.subwords)]) for word in words])


def test_marks_of_what_is_apart_must_match_the_subwords():
    with pytest.raises(ValueError, match=r"2 subwords but 1 marks of what is apart: give one for each subword"):
        words_of("ab", [(0, 1), (1, 2)], [True])


def test_offsets_of_another_text_are_refused():
    with pytest.raises(ValueError, match=r"Subword 1 reaches from 1 to 9 but the text has 2 characters"):
        words_of("ab", [(0, 1), (1, 9)])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("word", ["Don't", "é", "क्षत्रिय", "ที่", "奶", "국은", "v2", "می‌خواهم"]),
        ("number", ["3.14", "٣", "१२", "½"]),
        ("symbol", ["👩‍👩‍👧", "🇫🇷", "❤️", "€", "+"]),
        ("punctuation", [".", "؟", "।", "。", "¿", "—"]),
    ],
)
def test_characters_alone_tell_words_numbers_symbols_and_punctuation_apart(kind, words):
    assert {kind_of(word) for word in words} == {kind}
