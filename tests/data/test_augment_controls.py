"""What a lexicon is compared with: as much text is mixed, and what the lexicon knows is gone."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError, open_lexicon
from dlfa_core.data.augment import (
    ShuffledSwitcher,
    Switcher,
    ValenceWords,
    checked_controls,
    neutral_lexicon,
    shuffled_valences,
)
from dlfa_core.data.lexicons import Matcher, word_places
from dlfa_core.data.lexicons.building import Row, build_lexicon
from dlfa_core.data.text import open_text

CODES = ("eng", "deu", "arb", "tha", "jpn", "hin")
LEXICON = open_lexicon("sample").select(CODES)
TEXT = {code: list(open_text("sample").lines(code)) for code in LEXICON.languages}
TRUE, WRONG = Switcher(LEXICON), ShuffledSwitcher(LEXICON, seed=1)

sentences = st.builds(lambda code, row: (code, TEXT[code][row]), st.sampled_from(CODES), st.integers(0, 164))


@pytest.fixture(scope="module")
def neutral():
    return neutral_lexicon(LEXICON, TEXT, seed=3)


def switched(switcher, code, text, seed=0, probability=0.5):
    return switcher.switch(text, switcher.words(text, code), probability, np.random.default_rng(seed))


@given(sentences, st.integers(0, 2**31))
def test_a_random_dictionary_replaces_the_same_words_in_the_same_languages_by_wrong_ones(sentence, seed):
    code, text = sentence
    right, wrong = (switched(one, code, text, seed) for one in (TRUE, WRONG))
    assert [(s.replaced, s.entry.language) for s in right.spans] == [
        (s.replaced, s.entry.language) for s in wrong.spans
    ]
    for true, false, word in zip(right.spans, wrong.spans, TRUE.words(text, code), strict=True):
        if true.replaced:
            assert set(false.entry.concepts).isdisjoint(word.entry.concepts)
        else:
            assert false.entry is true.entry


def test_a_random_dictionary_is_a_permutation_that_stays_the_same():
    one, again, other = (ShuffledSwitcher(LEXICON, seed=seed) for seed in (1, 1, 2))
    pairs = one._wrong("eng", "tha")
    assert Counter(pairs.keys()) == Counter(pairs.values())
    assert set(pairs) == set(LEXICON["tha"])
    assert again._wrong("eng", "tha") == pairs
    assert other._wrong("eng", "tha") != pairs
    assert [pairs[e].lemma for e in pairs] != [one._wrong("deu", "tha")[e].lemma for e in pairs]  # pair by pair
    assert not any(set(a.concepts) & set(b.concepts) for a, b in pairs.items())


@given(st.lists(st.integers(1, 4), min_size=2, max_size=12), st.integers(0, 99))
def test_words_change_places_wherever_no_concept_has_more_than_half_of_them(sizes, seed):
    rows = [Row(f"c{i}", "eng", 0.5, f"c{i}") for i in range(len(sizes))]
    rows += [Row(f"c{i} {j}", "deu", 0.5, f"c{i}") for i, size in enumerate(sizes) for j in range(size)]
    switcher = ShuffledSwitcher(build_lexicon(rows, name="Few", source="test", scale="-1 to 1"), seed=seed)
    if max(sizes) * 2 <= sum(sizes):
        assert not any(set(a.concepts) & set(b.concepts) for a, b in switcher._wrong("eng", "deu").items())
    else:
        with pytest.raises(CorpusError, match=f"Few has too few concepts: its {sum(sizes)} words in deu cannot change"):
            switcher._wrong("eng", "deu")


def test_a_word_of_two_meanings_is_never_replaced_by_its_other_translation():
    words = {"bank": ("shore", "money"), "river": ("water",), "cash": ("coin",)}
    rows = [Row(term, "eng", 0.5, concept) for term, concepts in words.items() for concept in concepts]
    rows += [Row(concept.upper(), "deu", 0.5, concept) for concepts in words.values() for concept in concepts]
    lexicon = build_lexicon(rows, name="Few", source="test", scale="-1 to 1")
    for seed in range(20):
        pairs = ShuffledSwitcher(lexicon, seed=seed)._wrong("eng", "deu")
        assert {pairs[entry].term for entry in pairs if entry.term in ("SHORE", "MONEY")} == {"WATER", "COIN"}


def test_valences_are_shuffled_within_each_language_and_classes_with_them():
    words = ValenceWords.of(LEXICON)
    other = shuffled_valences(words, 0)
    for code in LEXICON.languages:
        assert other.terms[code] == words.terms[code]
        assert (other.valences[code] != words.valences[code]).mean() > 0.5
        pairs = [Counter(zip(each.valences[code], each.classes[code], strict=True)) for each in (words, other)]
        assert pairs[0] == pairs[1]
    np.testing.assert_array_equal(shuffled_valences(words, 0).valences["eng"], other.valences["eng"])


@pytest.mark.parametrize("code", CODES)
def test_neutral_words_are_never_part_of_the_lexicons(neutral, code):
    own, instead = Matcher(LEXICON, code, stem=True), Matcher(neutral, code)
    for text in TEXT[code]:
        known = {place for match in own.find(text) for place in range(match.start, match.end)}
        found = {place for match in instead.find(text) for place in range(match.start, match.end)}
        assert known.isdisjoint(found)


@pytest.mark.parametrize("code", CODES)
def test_neutral_words_are_as_frequent_and_about_as_long(neutral, code):
    own, instead = (
        [match for text in TEXT[code] for match in matcher.find(text)]
        for matcher in (Matcher(LEXICON, code, stem=True), Matcher(neutral, code))
    )
    assert len(instead) == pytest.approx(len(own), rel=0.05)
    most = [max(Counter(match.entry.term for match in matches).values()) for matches in (own, instead)]
    assert abs(most[0] - most[1]) <= 2
    lengths = [np.mean([len(match.entry.term) for match in matches]) for matches in (own, instead)]
    assert lengths[1] == pytest.approx(lengths[0], rel=0.1)


def test_as_many_words_are_replaced_as_with_the_lexicon(neutral):
    def replaced(switcher):
        return sum(switched(switcher, code, t, 0, 1.0).n_replaced for code in CODES for t in TEXT[code])

    assert replaced(Switcher(neutral, stem=False)) == pytest.approx(replaced(TRUE), rel=0.03)


def test_no_word_stands_for_two_and_each_takes_over_concepts_and_valence(neutral):
    for code in LEXICON.languages:
        terms = [entry.term for entry in neutral[code]]
        assert len(set(terms)) == len(terms)
        known = {(entry.concepts, entry.valence) for entry in LEXICON[code]}
        assert {(entry.concepts, entry.valence) for entry in neutral[code]} <= known
        assert not set(terms) & {entry.term for entry in LEXICON[code]}


def test_neutral_words_are_a_function_of_the_seed(neutral):
    assert neutral_lexicon(LEXICON, TEXT, seed=3).digest == neutral.digest
    assert neutral_lexicon(LEXICON, TEXT, seed=4).digest != neutral.digest


def test_languages_without_text_have_no_neutral_words():
    few = neutral_lexicon(LEXICON, {"eng": TEXT["eng"], "kat": ["no word of it"]})
    assert few.languages == ("eng",)
    with pytest.raises(CorpusError, match=r"The text has no word of .* with another word that could stand for it"):
        neutral_lexicon(LEXICON, {"eng": ["nothing here"]})


@pytest.mark.parametrize(
    ("code", "text", "longest", "expected"),
    [
        ("eng", "The room, 12 rooms", 9, ["the", "room", "12", "rooms"]),
        ("cmn", "我爱你", 2, ["我", "我爱", "爱", "爱你", "你"]),
        ("tha", "ดี 好", 3, ["ดี", "好"]),
    ],
)
def test_words_may_stand_where_a_matcher_would_find_them(code, text, longest, expected):
    places = list(word_places(text, code, longest))
    assert [folded for *_, folded in places] == expected
    assert [text[start:end].casefold() for start, end, _ in places] == expected


def test_controls_are_known_by_name():
    assert checked_controls(["neutral", "random", "neutral"]) == ("neutral", "random")
    with pytest.raises(ValueError, match="controls='none' is unknown: use random, neutral"):
        checked_controls(["none"])
