"""Lexicon words in other languages: what changes, and above all what does not."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError, open_corpus, open_lexicon
from dlfa_core.data.augment import (
    METHODS,
    Switcher,
    ValenceWords,
    checked_methods,
    pseudo_text,
    without_languages,
    word_groups,
)
from dlfa_core.data.lexicons.building import Row, build_lexicon
from dlfa_core.models.vocabulary import cased_tokenizer

CORPUS, LEXICON = open_corpus("sample"), open_lexicon("sample")
SWITCHER = Switcher(LEXICON)
HARD = ("arb", "cmn", "hin", "tha", "jpn", "kor", "heb", "tam", "eng")  # each script its own trouble

BEAUTIFUL = {"eng": "beautiful", "deu": "schön", "tha": "สวย", "cmn": "美丽", "arb": "جميل", "hin": "सुंदर"}
LOVE = {"eng": "love", "deu": "lieben", "tha": "รัก", "cmn": "爱", "arb": "أحب", "hin": "प्यार करना"}

sentences = st.builds(lambda code, row: (code, CORPUS[code][row]), st.sampled_from(HARD), st.integers(0, 251))
seeds = st.integers(0, 2**31)


def switched(text, language, probability, seed=0, into="", switcher=SWITCHER):
    words = switcher.words(text, language)
    return switcher.switch(text, words, probability, np.random.default_rng(seed), into)


def restored(result):
    """The text with every replaced word put back, as parts: what stands between the lexicon words, and the words."""
    parts, position = [], 0
    for span in result.spans:
        parts += [result.text[position : span.start], span.replaced or result.text[span.start : span.end]]
        position = span.end
    return [*parts, result.text[position:]]


@given(sentences, seeds)
def test_probability_0_gives_the_text_back(sentence, seed):
    code, text = sentence
    result = switched(text, code, 0.0, seed)
    assert result.text == text
    assert result.n_replaced == 0


@given(sentences, seeds)
def test_probability_1_replaces_every_covered_word(sentence, seed):
    code, text = sentence
    result = switched(text, code, 1.0, seed)
    covered = [word for word in SWITCHER.words(text, code) if SWITCHER.translations(word.entry)]
    assert [span.replaced for span in result.spans if span.replaced] == [text[w.start : w.end] for w in covered]


@given(sentences, seeds, st.floats(0, 1))
def test_untouched_words_never_change(sentence, seed, probability):
    code, text = sentence
    result = switched(text, code, probability, seed)
    assert "".join("".join(restored(result)).split()) == "".join(text.split())  # spaces are added, nothing else is
    words = SWITCHER.words(text, code)
    between = [
        text[a:b] for a, b in zip([0, *(w.end for w in words)], [*(w.start for w in words), len(text)], strict=True)
    ]
    assert [part.strip(" ") for part in restored(result)[::2]] == [part.strip(" ") for part in between]


@given(sentences, seeds, st.floats(0, 1))
def test_a_replacement_shares_a_concept_and_says_so_in_another_language(sentence, seed, probability):
    code, text = sentence
    result = switched(text, code, probability, seed)
    for span, word in zip(result.spans, SWITCHER.words(text, code), strict=True):
        assert result.text[span.start : span.end] == (span.entry.term if span.replaced else text[word.start : word.end])
        if span.replaced:
            assert span.entry.language != code
            assert set(span.entry.concepts) & set(word.entry.concepts)


@given(sentences, seeds)
def test_word_boundaries_hold_in_every_script(sentence, seed):
    code, text = sentence
    result = switched(text, code, 1.0, seed)
    for span in result.spans:
        if span.replaced:
            for beside in (result.text[span.start - 1 : span.start], result.text[span.end : span.end + 1]):
                assert not beside or unicodedata.category(beside)[0] not in "LMN"


@pytest.mark.parametrize(
    ("code", "text", "into", "expected"),
    [
        ("tha", "ฉันรักเพลง", "deu", "ฉัน lieben เพลง"),
        ("cmn", "今天很美丽。", "eng", "今天很 beautiful。"),
        ("arb", "كان اليوم جميل، شكرا.", "cmn", "كان اليوم 美丽، شكرا."),
        ("hin", "यह सुंदर है।", "arb", "यह جميل है।"),
        ("eng", "A beautiful, sunny day", "tha", "A สวย, sunny day"),
    ],
)
def test_a_word_is_replaced_between_its_neighbours(code, text, into, expected):
    rows = [
        Row(term, language, 1.0, concept)
        for language in (code, into)
        for concept, term in (("beautiful", BEAUTIFUL[language]), ("love", LOVE[language]))
    ]
    lexicon = build_lexicon(rows, name="few", source="test", scale="-1 to 1")
    assert switched(text, code, 1.0, switcher=Switcher(lexicon)).text == expected


@given(sentences, seeds)
def test_subwords_of_untouched_words_stay_the_same(tokenizer_of_sample, sentence, seed):
    code, text = sentence
    result = switched(text, code, 0.5, seed)
    groups, now = subwords_and_groups(tokenizer_of_sample, result.text, result.spans)
    assert len(groups) == len(now)
    for span in result.spans:
        if span.replaced:  # what was put in is cut as it is alone: neither neighbour joined it
            number = groups[next(i for i, (s, e) in enumerate(now.offsets) if e > span.start)]
            own = [subword for subword, group in zip(now.tokens, groups, strict=True) if group == number]
            assert own == tokenizer_of_sample.tokenize(span.entry.term)


def subwords_and_groups(tokenizer, text, spans):
    encoding = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False)
    return word_groups(encoding.offsets, [(span.start, span.end) for span in spans]), encoding


@pytest.fixture(scope="module")
def tokenizer_of_sample():
    from dlfa_core.models.vocabulary import learn_vocabulary

    return cased_tokenizer(learn_vocabulary((text for code in HARD for text in CORPUS[code]), 6_000), 256)


@given(
    st.lists(st.integers(1, 4), max_size=12),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=6),
)
def test_a_subword_is_in_a_group_exactly_if_it_has_a_character_of_a_word(lengths, gaps):
    ends = np.cumsum(lengths, dtype=int)
    subwords = [(int(end - length), int(end)) for end, length in zip(ends, lengths, strict=True)]
    words, position = [], 0
    for gap, length in gaps:
        words.append((position + gap, position + gap + length))
        position += gap + length
    groups = word_groups(subwords, words)
    for (start, end), group in zip(subwords, groups, strict=True):
        assert (group > 0) == any(start < stop and begin < end for begin, stop in words)
    for begin, stop in words:  # a word is never torn
        assert len({g for (start, end), g in zip(subwords, groups, strict=True) if start < stop and begin < end}) <= 1


def test_words_that_share_a_subword_are_one_group_and_others_are_not():
    assert word_groups([(0, 2), (2, 4), (5, 7)], [(0, 3), (3, 4), (5, 7)]).tolist() == [1, 1, 2]


@pytest.mark.parametrize("into", ["deu", "tha", "arb"])
def test_pseudo_text_has_every_word_of_one_language_and_at_least_three(into):
    kept = pseudo_text(CORPUS["eng"], "eng", into, SWITCHER, least=3, most=10)
    assert 0 < len(kept) <= 10
    for result in kept:
        assert result.n_replaced >= 3
        assert {span.entry.language for span in result.spans if span.replaced} == {into}
        assert all(span.replaced for span in result.spans)  # the sample has every concept in every language


def test_pseudo_text_is_the_same_for_the_same_seed_and_stops_in_time():
    once, again, less = (pseudo_text(CORPUS["eng"], "eng", "deu", SWITCHER, most=n) for n in (8, 8, 5))
    assert once == again
    assert once[:5] == less


@given(st.integers(1, 40), st.integers(0, 1000), st.integers(0, 1000))
def test_valences_belong_to_their_words_and_are_drawn_again(n, seed, step):
    words = ValenceWords.of(LEXICON)
    rows, valences, classes = words.draw(n, seed, step)
    again, *_ = words.draw(n, seed, step)
    assert rows == again
    for (code, position), valence, kind in zip(rows, valences, classes, strict=True):
        entry = LEXICON[code][position]
        assert (words.terms[code][position], valence) == (entry.term, np.float32(entry.valence))
        assert kind == ["negative", "neutral", "positive"].index(entry.polarity)


def test_text_of_a_language_that_the_lexicon_lacks_is_left_alone():
    few = Switcher(LEXICON.select(["eng", "deu"]))
    assert few.words("รักเพลง", "tha") == ()
    assert switched("A beautiful day", "eng", 1.0, switcher=few).spans[0].entry.language == "deu"


def test_replacements_come_from_the_languages_that_were_asked_for():
    only = Switcher(LEXICON, ["tha"])
    results = [switched("A beautiful day", "eng", 1.0, seed, switcher=only) for seed in range(20)]
    assert {result.spans[0].entry.language for result in results} == {"tha"}


def test_a_lexicon_without_concepts_cannot_switch():
    plain = build_lexicon([Row("good", "eng", 1.0)], name="List", source="test", scale="-1 to 1")
    with pytest.raises(CorpusError, match="List does not say which words translate each other"):
        Switcher(plain)


@pytest.mark.parametrize("probability", [-0.1, 1.5])
def test_a_probability_beyond_its_range_is_refused(probability):
    with pytest.raises(ValueError, match=f"with probability {probability}: give one from 0 to 1"):
        switched("good", "eng", probability)


def test_languages_are_held_out_where_the_lexicon_has_them():
    few = LEXICON.select(["eng", "deu"])
    assert without_languages(few, ["German", "ace"]).languages == ("eng",)
    assert without_languages(few, []) is few
    with pytest.raises(CorpusError, match="has words in eng, deu only, and all are held out"):
        without_languages(few, ["en", "de"])


def test_methods_are_known_by_name():
    assert checked_methods(["mask", "switch", "mask"]) == ("mask", "switch")
    assert all(name == method.name for name, method in METHODS.items())
    with pytest.raises(ValueError, match="methods='swap' is unknown: use switch, replace, valence, mask"):
        checked_methods(["swap"])
