from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError
from dlfa_core.data.lexicons import Matcher, can_stem, occurrences
from dlfa_core.data.lexicons.building import Row, build_lexicon
from dlfa_core.data.lexicons.folding import fold
from dlfa_core.languages import LANGUAGES

letters = st.text(st.characters(codec="utf-8"), max_size=20)


def lexicon(language, **words):
    rows = [Row(word.replace("_", " "), language, valence) for word, valence in words.items()]
    return build_lexicon(rows, name="words", source="test", scale="-1 to 1")


def found(language, text, *words, stem=False):
    """What is found: the written span, and how."""
    matcher = Matcher(lexicon(language, **dict.fromkeys(words, 1.0)), language, stem)
    return [(text[match.start : match.end], match.how) for match in matcher.find(text)]


def test_whole_words_are_found_where_words_are_written_apart():
    assert found("eng", "art is smart, an Art", "art") == [("art", "exact"), ("Art", "folded")]


def test_the_longest_phrase_wins_and_nothing_overlaps():
    assert found("eng", "not good at all, good", "good", "not good", "good at all") == [
        ("not good", "exact"),
        ("good", "exact"),
    ]


@pytest.mark.parametrize("space", [" ", "  ", "\n", "\u00a0", "\t\r\n"])
def test_a_phrase_goes_across_any_white_space(space):
    assert found("eng", f"is not{space}good", "not good") == [(f"not{space}good", "exact")]


@pytest.mark.parametrize(
    ("language", "text", "word", "span"),
    [
        ("cmn", "我很高兴。", "高兴", "高兴"),
        ("jpn", "これは楽しいです", "楽しい", "楽しい"),
        ("tha", "ฉันรักอาหาร", "รัก", "รัก"),
        ("khm", "ខ្ញុំស្រឡាញ់អ្នក", "ស្រឡាញ់", "ស្រឡាញ់"),
    ],
)
def test_words_are_found_in_running_text_of_unspaced_scripts(language, text, word, span):
    assert found(language, text, word) == [(span, "exact")]


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("tha", "กา", "ก"),  # a vowel that belongs to the letter
        ("tha", "แก", "ก"),
        ("tha", "ก่", "ก"),
        ("hin", "कि", "क"),
        ("tam", "கு", "க"),
        ("kor", "날씨가", "날씨"),
        ("arb", "والسلام", "سلام"),
    ],
)
def test_part_of_a_written_syllable_or_word_is_no_word(language, text, word):
    assert found(language, text, word) == []


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("deu", "SPASS", "Spaß"),
        ("deu", "su\u0308ß", "süß"),
        ("tur", "IŞIK", "ışık"),
        ("tur", "İYİ", "iyi"),
        ("ell", "ΧΑΡΕΣ", "χαρες"),
        ("arb", "جَمِيل", "جميل"),
        ("arb", "جـمـيـل", "جميل"),
        ("heb", "טוֹב", "טוב"),
        ("pes", "خوش‌حال", "خوشحال"),
        ("fra", "l’amour", "l'amour"),
        ("kor", "기쁨", "기쁨"),
    ],
)
def test_spellings_that_differ_in_form_only_are_found_whole(language, text, word):
    assert found(language, text, word) == [(text, "folded")] or found(language, text, word) == [(text, "exact")]


def test_turkish_i_is_not_english_i():
    assert found("eng", "IYI", "iyi") == [("IYI", "folded")]
    assert found("tur", "IYI", "iyi") == []


def test_the_spelling_with_the_same_letters_goes_first():
    matcher = Matcher(lexicon("deu", Arm=0.0, arm=-1.0), "deu")
    assert [match.entry.valence for match in matcher.find("Arm arm ARM")] == [0.0, -1.0, 0.0]


def test_a_spelling_whose_case_decides_the_sign_is_found_as_listed_only():
    matcher = Matcher(lexicon("eng", US=1.0, us=-1.0), "eng")
    assert [match.entry.term for match in matcher.find("US us Us")] == ["US", "us"]


def test_emoticons_are_found():
    assert found("eng", "nice :) :-) <3", ":)", ":-)", "<3") == [(":)", "exact"), (":-)", "exact"), ("<3", "exact")]


@pytest.mark.parametrize(
    ("language", "text", "word", "span"),
    [
        ("eng", "They praised it", "praise", "praised"),
        ("fin", "hyvää huomenta", "hyvä", "hyvää"),
        ("rus", "красивого дома", "красивый", "красивого"),
        ("arb", "والجميل", "جميل", "والجميل"),
        ("hin", "अच्छी किताब", "अच्छा", "अच्छी"),
        ("heb", "והשמח", "שמח", "והשמח"),
        ("kor", "친구들이 왔다", "친구", "친구들이"),
        ("swh", "ninapenda chai", "penda", "ninapenda"),
        ("swh", "mtoto mzuri", "zuri", "mzuri"),
    ],
)
def test_forms_are_found_by_stem_only_when_asked_for(language, text, word, span):
    assert found(language, text, word) == []
    assert found(language, text, word, stem=True) == [(span, "stem")]


def test_a_phrase_is_found_by_the_stems_of_its_words():
    assert found("eng", "he gave   up, she gives up", "give up", stem=True) == [("gives up", "stem")]


def test_asking_for_stems_changes_nothing_where_there_are_none():
    assert not can_stem("cmn")
    assert found("cmn", "我很高兴", "高兴", stem=True) == found("cmn", "我很高兴", "高兴")


def test_a_language_without_words_is_an_error():
    with pytest.raises(CorpusError, match=r"no words in Thai \(tha\)"):
        Matcher(lexicon("eng", good=1.0), "tha")


@given(letters, st.sampled_from(sorted(LANGUAGES)))
def test_folded_characters_know_where_they_came_from(text, language):
    folded = fold(text, language)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    for (start, end), (after, _) in pairwise(zip(folded.starts, folded.ends, strict=True)):
        assert after == start or after >= end


@given(
    letters, letters, st.lists(letters, min_size=1, max_size=5), st.sampled_from(["eng", "tur", "tha", "arb", "cmn"])
)
def test_matches_are_in_order_apart_and_equal_to_their_entry_when_folded(before, after, words, language):
    try:
        many = build_lexicon([Row(word, language, 1.0) for word in words], name="w", source="", scale="")
    except CorpusError:
        return
    text = f"{before} {words[0]} {after}"
    matches = Matcher(many, language).find(text)
    for match in matches:
        written = fold(text[match.start : match.end], language).text
        assert written.split() == fold(match.entry.term, language).text.split()
    assert all(one.end <= other.start for one, other in pairwise(matches))


@given(letters.filter(lambda text: text.strip() and not text[0].isspace()))
def test_a_word_that_stands_alone_is_found(word):
    try:
        alone = build_lexicon([Row(word, "eng", 1.0)], name="w", source="", scale="")
    except CorpusError:
        return
    if fold(word, "eng").text.strip():
        assert Matcher(alone, "eng").find(alone["eng"][0].term)


def test_occurrences_are_a_table_of_spans():
    frame = occurrences(lexicon("eng", good=1.0, bad=-1.0), "en", ["bad, good", "", "Good"])
    assert frame["row"].tolist() == [0, 0, 2]
    assert frame["text"].tolist() == ["bad", "good", "Good"]
    assert frame["polarity"].tolist() == ["negative", "positive", "positive"]
    assert frame["how"].tolist() == ["exact", "exact", "folded"]
    assert occurrences(lexicon("eng", good=1.0), "eng", ["none"]).empty
