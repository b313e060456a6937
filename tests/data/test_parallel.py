import pickle
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data import CorpusError, ParallelCorpus
from dlfa_core.data import parallel as module
from dlfa_core.data.parallel import align

sentence = st.text(max_size=8).map(lambda text: f".{text}.")  # never empty, white space inside is kept


@st.composite
def corpora(draw) -> ParallelCorpus:
    n = draw(st.integers(1, 12))
    languages = draw(st.lists(st.sampled_from(["eng", "deu", "arb", "jpn", "swh"]), min_size=2, unique=True))
    texts = {code: draw(st.lists(sentence, min_size=n, max_size=n)) for code in languages}
    topics = draw(st.lists(st.sampled_from(["food", "work"]), min_size=n, max_size=n))
    return align(texts, [str(row) for row in range(n)], name="c", source="test", meta={"topic": topics})


def tiny(**changes) -> ParallelCorpus:
    columns = {"eng": ["one", "two", "three"], "deu": ["eins", "zwei", "drei"], **changes}
    return align(columns, ["a", "b", "c"], name="tiny", source="test")


@given(corpora())
def test_equal_content_has_an_equal_digest(corpus):
    again = ParallelCorpus(
        corpus.ids, dict(corpus.texts), "another name", "elsewhere", "CC0", corpus.meta.copy(), ("a note",)
    )
    assert again.digest == corpus.digest == pickle.loads(pickle.dumps(corpus)).digest


@given(corpora(), st.data())
def test_any_change_of_content_changes_the_digest(corpus, data):
    code = data.draw(st.sampled_from(corpus.languages))
    row = data.draw(st.integers(0, len(corpus) - 1))
    changed = list(corpus[code])
    changed[row] += "!"
    ids = list(corpus.ids)
    ids[row] += "!"
    meta = corpus.meta.copy()
    meta.iloc[row, 0] += "!"
    others = [
        replace(corpus, texts={**corpus.texts, code: tuple(changed)}),
        replace(corpus, ids=tuple(ids)),
        replace(corpus, meta=meta),
        replace(corpus, meta=None),
        replace(corpus, texts=dict(reversed(corpus.texts.items()))),
    ]
    assert corpus.digest not in {other.digest for other in others}
    assert len({other.digest for other in others}) == len(others)


def test_the_digest_knows_where_a_sentence_ends():
    assert tiny(eng=["ab", "c", "d"]).digest != tiny(eng=["a", "bc", "d"]).digest


@given(corpora(), st.integers(1, 12), st.integers(0, 5))
def test_select_keeps_rows_aligned_and_in_order(corpus, limit, seed):
    part = corpus.select(languages=corpus.languages[1:] + corpus.languages[:1], limit=limit, seed=seed)
    assert len(part) == min(limit, len(corpus))
    rows = [corpus.ids.index(name) for name in part.ids]
    assert rows == sorted(rows)
    assert list(part.meta.index) == list(part.ids)
    for code in corpus.languages:
        assert part[code] == tuple(corpus[code][row] for row in rows)
        assert part.meta["topic"].tolist() == corpus.meta["topic"].iloc[rows].tolist()


@given(corpora(), st.integers(1, 12), st.integers(0, 5))
def test_a_larger_selection_contains_a_smaller_one(corpus, limit, seed):
    smaller, larger = corpus.select(limit=limit, seed=seed), corpus.select(limit=limit + 1, seed=seed)
    assert set(smaller.ids) <= set(larger.ids)


@pytest.mark.parametrize("limit", [None, 0, 3, 99])
def test_no_limit_keeps_everything(limit):
    assert tiny().select(limit=limit).digest == tiny().digest


def test_select_takes_the_languages_in_the_order_asked_for():
    assert tiny().select(["German", "en"]).languages == ("deu", "eng")


def test_a_corpus_cannot_be_changed():
    corpus = tiny()
    with pytest.raises(TypeError, match=r"does not support item assignment"):
        corpus.texts["eng"] = ()
    with pytest.raises(AttributeError):
        corpus.ids = ()


def test_sentences_are_found_by_any_name_of_their_language():
    assert tiny()["de"] == tiny()["German"] == tiny()["deu"] == ("eins", "zwei", "drei")


def test_a_row_without_a_translation_is_left_out_and_counted():
    corpus = tiny(deu=["eins", " ", "drei"])
    assert corpus.ids == ("a", "c")
    assert corpus["eng"] == ("one", "three")
    assert corpus.notes == ("1 of 3 rows of tiny are left out, because a language has no sentence there: German 1.",)


@pytest.mark.parametrize(
    "blank", ["\0", "\u200b", "\ufeff", "\xa0", "\u2060 \xad", "\u3164", "\u2800", "\x0c", "\u2028"]
)
def test_a_sentence_without_a_visible_character_is_none(blank):
    corpus = tiny(deu=["eins", blank, f"{blank}drei"])
    assert corpus.ids == ("a", "c")
    assert corpus["deu"][1].endswith("drei")
    assert corpus.notes == ("1 of 3 rows of tiny are left out, because a language has no sentence there: German 1.",)


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_versions_of_a_language_the_usual_script_is_kept(order):
    versions = [("zho_Hant", ["漢語"] * 3), ("zho_Hans", ["汉语"] * 3)][::order]
    corpus = tiny(**dict(versions))
    assert corpus["cmn"][0] == "汉语"
    assert corpus.notes == ("tiny has several versions of Chinese: zho_Hans is used, zho_Hant set aside.",)


def test_of_two_versions_of_a_language_the_plain_one_is_kept():
    corpus = tiny(**{"fra-CA": ["un"] * 3, "fra": ["une"] * 3, "aka_Latn": ["a"] * 3, "twi_Latn": ["t"] * 3})
    assert (corpus["fra"][0], corpus["twi"][0]) == ("une", "t")


def test_meta_is_a_table_of_strings_by_id():
    corpus = align({"en": ["a"], "de": ["b"]}, ["x"], name="c", source="s", meta={"topic": ["food"]})
    pd.testing.assert_frame_equal(
        corpus.meta, pd.DataFrame({"topic": ["food"]}, index=pd.Index(["x"], name="id"), dtype=object)
    )


def test_one_language_is_not_enough():
    with pytest.raises(CorpusError, match=r"sentences in 1 language, but .* at least two columns or files"):
        align({"eng": ["one"]}, ["a"], name="c", source="s")


def test_two_columns_of_one_language_are_one_language():
    with pytest.raises(CorpusError, match=r"sentences in 1 language"):
        align({"en": ["one"], "eng": ["one"]}, ["a"], name="c", source="s")


def test_an_unknown_language_is_named_with_near_matches():
    with pytest.raises(CorpusError, match=r"column or file for 'germn'.*German \(deu\).*Give an ISO 639 code"):
        tiny(germn=["x"] * 3)


def test_repeated_ids_are_named():
    with pytest.raises(CorpusError, match=r"1 ids more than once, a among them. Give every row an id of its own"):
        align({"eng": ["1", "2"], "deu": ["1", "2"]}, ["a", "a"], name="c", source="s")


def test_no_rows_is_an_error():
    with pytest.raises(CorpusError, match=r"c has no sentences. Choose a file"):
        align({"eng": [], "deu": []}, [], name="c", source="s")


def test_no_complete_row_is_an_error_that_counts_the_gaps():
    with pytest.raises(CorpusError, match=r"No row of tiny .* Thai 3 of 3. Fill the gaps, or delete"):
        tiny(tha=["", "", ""])


def test_too_many_sentences_is_an_error_that_states_the_limit(monkeypatch):
    monkeypatch.setattr(module, "MAX_SENTENCES", 2)
    with pytest.raises(CorpusError, match=r"more than 2 sentences, which is the limit. Keep a random sample"):
        tiny()


def test_a_language_that_the_corpus_lacks_is_an_error_that_lists_its_own():
    with pytest.raises(CorpusError, match=r"no sentences in Thai \(tha\). Choose from eng, deu."):
        tiny().select(["tha"])


def test_a_negative_limit_is_an_error():
    with pytest.raises(CorpusError, match=r"cannot have -1 sentences. Give a limit of 1 or more"):
        tiny().select(limit=-1)


def of_rows(n: int, copied: int) -> ParallelCorpus:
    """n rows, of which German copies the first ones from English, but for case and blanks."""
    words = ["".join("abcdefghij"[int(digit)] for digit in str(row)) for row in range(n)]
    english = [f"Sentence {word} of them." for word in words]
    german = [f"sentence  {word} OF them." if row < copied else f"Satz {word} davon." for row, word in enumerate(words)]
    return align({"eng": english, "deu": german}, [str(row) for row in range(n)], name="mine", source="test")


@pytest.mark.parametrize(("copied", "noted"), [(0, False), (5, False), (6, True), (100, True)])
def test_text_that_is_not_translated_is_noted_with_languages_and_count(copied, noted):
    notes = of_rows(100, copied).notes
    assert len(notes) == noted
    if noted:
        assert f"English and German {copied}" in notes[0]
        assert "Of the 100 rows of mine" in notes[0]


@pytest.mark.parametrize(("alike", "noted"), [(5, False), (6, True), (40, True)])
def test_rows_that_differ_in_numbers_alone_are_counted(alike, noted):
    words = ["".join("abcdefghij"[int(digit)] for digit in str(row)) for row in range(100)]
    texts = {
        code: [f"{many} {row} {code} {word}!" if row > alike else f"{many}, {row}." for row, word in enumerate(words)]
        for code, many in (("eng", "Room"), ("deu", "Zimmer"))
    }
    notes = align(texts, [f"r{row}" for row in range(100)], name="mine", source="test").notes
    assert len(notes) == noted
    if noted:
        assert notes[0].startswith(f"{alike} of 100 rows of mine differ from an earlier row in numbers or punctuation")


def test_repeated_rows_are_counted():
    english, german = ["One.", "Two.", "one.", "Three."], ["Eins.", "Zwei.", "Eins.", "Eins."]
    corpus = align({"eng": english, "deu": german}, list("abcd"), name="mine", source="test")
    (note,) = corpus.notes
    assert note.startswith("1 of 4 rows of mine repeat")
