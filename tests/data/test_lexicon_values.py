import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError
from dlfa_core.data.lexicons import NEUTRAL, building, polarity
from dlfa_core.data.lexicons.building import Row, build_lexicon
from dlfa_core.languages import UnknownLanguage

WORDS = [
    Row("gut", "deu", 1.0, "good"),
    Row("schlecht", "deu", -1.0, "bad"),
    Row("good", "eng", 1.0, "good"),
    Row("better", "eng", 1.0, "good", "good"),
    Row("bad", "eng", -1.0, "bad"),
]


def lexicon(*rows, name="words"):
    return build_lexicon(rows or WORDS, name=name, source="test", scale="-1 to 1")


def test_a_lexicon_goes_by_language():
    words = lexicon()
    assert len(words) == 5
    assert words.languages == ("deu", "eng")
    assert [entry.term for entry in words["German"]] == ["gut", "schlecht"]
    assert "deu" in words
    assert "fra" not in words


def test_a_concept_joins_the_words_of_all_languages_lemmas_first():
    good = lexicon(*reversed(WORDS)).concepts["good"]
    assert [entry.term for entry in good["eng"]] == ["good", "better"]
    assert [entry.term for entry in good["deu"]] == ["gut"]


def test_an_inflected_form_knows_its_lemma():
    forms = {entry.term: (entry.lemma, entry.is_lemma) for entry in lexicon()["eng"]}
    assert forms["better"] == ("good", False)
    assert forms["bad"] == ("bad", True)


@given(st.floats(-1, 1))
def test_polarity_is_the_sign_of_all_but_small_valences(valence):
    expected = "neutral" if abs(valence) < NEUTRAL else ("positive" if valence > 0 else "negative")
    assert polarity(valence) == expected
    assert polarity(-valence) == {"positive": "negative", "negative": "positive"}.get(expected, "neutral")


def test_a_selection_keeps_the_order_asked_for():
    assert lexicon().select(["en", "deu"]).languages == ("eng", "deu")
    assert lexicon().select().digest == lexicon().digest


def test_an_absent_language_is_named_with_the_present_ones():
    with pytest.raises(CorpusError, match=r"no words in French \(fra\). Choose from deu, eng, or bring a lexicon"):
        lexicon()["fra"]
    with pytest.raises(UnknownLanguage, match="'Klingonese' is not a language"):
        lexicon().select(["Klingonese"])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_lexicon_travels_to_a_worker_whole(copied):
    words = lexicon()
    twin = copied(words)
    assert (twin.digest, twin.name, twin.scale, twin["deu"]) == (words.digest, words.name, words.scale, words["deu"])


def test_entries_cannot_be_replaced():
    with pytest.raises(TypeError, match="does not support item assignment"):
        lexicon().entries["deu"] = ()


@pytest.mark.parametrize("field", ["term", "valence", "concept", "lemma"])
def test_the_digest_follows_every_part_of_an_entry(field):
    changed = WORDS[0]._replace(**{field: 0.5 if field == "valence" else "neu"})
    assert lexicon(changed, *WORDS[1:]).digest != lexicon().digest


def test_the_digest_does_not_follow_the_name():
    assert lexicon(name="a").digest == lexicon(name="b").digest


def test_a_frame_has_a_row_for_each_entry():
    frame = lexicon().to_frame()
    assert frame["term"].tolist() == [row.term for row in WORDS]
    assert frame["polarity"].tolist() == ["positive", "negative", "positive", "positive", "negative"]
    assert frame["lemma"].tolist()[3] == "good"


def test_terms_are_written_in_one_way_only():
    words = lexicon(Row("  sü\u0308ß \u00a0 sauer\n", "deu", 1.0), Row("su\u0308ü", "deu", 1.0))
    assert [entry.term for entry in words["deu"]] == ["sü\u0308ß sauer", "süü"]


def test_repeated_words_become_one_with_the_mean_and_all_concepts():
    words = lexicon(Row("a", "eng", 1.0, "x"), Row("a", "eng", 0.5, "y"), Row("b", "eng", -1.0), Row("b", "eng", -1.0))
    assert [entry.valence for entry in words["eng"]] == [0.75, -1.0]
    assert words["eng"][0].concepts == ("x", "y")
    assert words.notes == (
        "Rows of words that repeat a word and are joined with it: 2; "
        "of these, words that get the mean of different scores: 1.",
    )


def test_a_word_that_is_good_and_bad_is_left_out_and_named():
    words = lexicon(Row("sick", "eng", 1.0), Row("sick", "eng", -1.0), Row("ill", "eng", -1.0), Row("sick", "deu", 1.0))
    assert [entry.term for entry in words["eng"]] == ["ill"]
    assert [entry.term for entry in words["deu"]] == ["sick"]
    assert words.notes == ("Words of words left out, as it lists them as positive and as negative: 1 (sick).",)


def test_a_lemma_goes_before_the_form_of_another_word():
    words = lexicon(Row("sees", "eng", -1.0, "", "see"), Row("sees", "eng", 1.0))
    assert [(entry.term, entry.valence, entry.lemma) for entry in words["eng"]] == [("sees", 1.0, "sees")]


def test_rows_without_a_word_are_counted():
    words = lexicon(Row(" ", "eng", 1.0), Row("good", "eng", 1.0))
    assert words.notes == ("Rows of words left out, as they have no word: 1.",)


def test_a_list_without_a_usable_word_is_none():
    with pytest.raises(CorpusError, match=r"no usable word \(rows without a word: 1; .* negative: 1\). Give a list"):
        lexicon(Row("", "eng", 1.0), Row("sick", "eng", 1.0), Row("sick", "eng", -1.0))


def test_too_many_words_are_refused(monkeypatch):
    monkeypatch.setattr(building, "MAX_ENTRIES", 4)
    with pytest.raises(CorpusError, match=r"words, which is the limit. Keep fewer languages"):
        lexicon()


@given(
    st.lists(
        st.builds(
            Row,
            term=st.sampled_from(["a", "b", " a", "c d", ""]),
            language=st.sampled_from(["eng", "deu"]),
            valence=st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]),
            concept=st.sampled_from(["", "x", "y"]),
            lemma=st.just(""),
        ),
        max_size=8,
    )
)
def test_no_word_stands_twice_and_every_row_is_accounted_for(rows):
    try:
        words = lexicon(*rows, Row("z", "eng", 1.0))
    except CorpusError:
        pytest.fail("a list with a usable word was refused")
    for language in words.languages:
        terms = [entry.term for entry in words[language]]
        assert len(terms) == len(set(terms))
    given_words = {(row.language, row.term.strip()) for row in rows if row.term.strip()}
    found = {(entry.language, entry.term) for entries in words.entries.values() for entry in entries}
    contradicted = {
        (row.language, row.term.strip())
        for row in rows
        for other in rows
        if (row.language, row.term.strip()) == (other.language, other.term.strip()) and row.valence * other.valence < 0
    }
    assert found - {("eng", "z")} == given_words - contradicted
