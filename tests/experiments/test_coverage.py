from pathlib import Path

import pandas as pd
import pytest

from dlfa_core import models
from dlfa_core.data import open_corpus, open_lexicon
from dlfa_core.experiments import coverage
from dlfa_core.experiments.sources import lexicons
from dlfa_core.figures.sentences import summary
from dlfa_core.runtime import store

WORDS = [
    "concept\tvalence\teng\tdeu\ttam",
    "long\t-1\tlong\tlange\tநீண்ட",
    "green\t1\tgreen | greens\tHaus\tபச்சை",
    "dog\t0\tdog\tdog cat\tநாய்",
]


@pytest.fixture
def words(tmp_path):
    """A lexicon in words of which the random model knows some, as a source."""
    path = tmp_path / "words.tsv"
    path.write_text("\n".join(WORDS), encoding="utf-8")
    return f"table:{path}"


@pytest.fixture
def spec(model, corpus, words):
    return coverage.Spec(model=model, lexicon=words, corpus=corpus)


def row(result, language, polarity=coverage.ALL):
    table = result.languages.query("language == @language and polarity == @polarity")
    return table.iloc[0]


def test_subwords_are_those_of_the_tokenizer(spec):
    result = coverage.run(spec)
    tokenizer = models.load_tokenizer(spec.model)
    for entry in result.words.itertuples():
        subwords = tokenizer.tokenize(entry.term)
        assert (entry.subwords, entry.unknown) == (len(subwords), tokenizer.unk_token in subwords)


def test_every_entry_is_one_subword_or_several_or_unknown(spec):
    table = coverage.run(spec).languages
    assert (table["one_subword"] + table["several"] + table["unknown"] == table["entries"]).all()
    parts = table[table["polarity"] != coverage.ALL].groupby("language")[["entries", "unknown"]].sum()
    whole = table[table["polarity"] == coverage.ALL].set_index("language")[["entries", "unknown"]]
    pd.testing.assert_frame_equal(parts, whole, check_like=True)


def test_occurrences_in_the_corpus_are_counted_by_word_and_sentence(spec):
    result = coverage.run(spec)
    english = open_corpus(spec.corpus)["eng"]
    for word, negative in (("long", True), ("green", False)):
        found = sum(word in text.split() for text in english)
        assert row(result, "eng", "negative" if negative else "positive")["sentences"] == found > 0
    matches = result.words.query("language == 'eng'").set_index("term")["matches"]
    assert matches["dog"] == sum(text.split().count("dog") for text in english)
    assert matches["greens"] == 0
    assert row(result, "eng")["lemmas_found"] == 3


def test_a_language_that_the_corpus_lacks_is_said_and_left_open(spec):
    result = coverage.run(spec)
    assert result.words.query("language == 'tam'")["matches"].isna().all()
    assert pd.isna(row(result, "tam")["n"])
    assert row(result, "eng")["n"] == len(open_corpus(spec.corpus))
    assert "The corpus has no sentences in Tamil." in result.meta["warnings"]


def test_no_corpus_is_needed(model, words):
    result = coverage.run(coverage.Spec(model=model, lexicon=words, corpus=""))
    assert result.words["matches"].isna().all()
    assert summary("coverage", result).splitlines()[0].endswith("with an unknown subword.")


def test_a_stored_coverage_is_equal_to_a_fresh_one(spec):
    fresh, stored = coverage.run(spec), store.fetch(coverage, spec)
    pd.testing.assert_frame_equal(stored.words, fresh.words, check_dtype=False)
    pd.testing.assert_frame_equal(stored.languages, fresh.languages, check_dtype=False)
    assert stored.meta == fresh.meta


def test_the_key_follows_the_words_and_their_valences(spec):
    before = store.key_of(coverage, spec)
    path = Path(spec.lexicon.removeprefix("table:"))
    path.write_text(path.read_text(encoding="utf-8").replace("long\t-1", "long\t-0.5"), encoding="utf-8")
    assert store.key_of(coverage, spec) != before


def test_an_absent_language_is_named_with_the_present_ones(spec, words):
    with pytest.raises(ValueError, match=r"no words in French \(fra\). Choose from eng, deu, tam"):
        coverage.run(coverage.Spec(model=spec.model, lexicon=words, languages=("fra",)))


def test_a_missing_lexicon_says_where_it_looked():
    with pytest.raises(ValueError, match=r"There is nothing at /nowhere/x.tsv"):
        lexicons.opened("table:/nowhere/x.tsv")


def test_a_lexicon_is_read_once_while_its_file_stays_the_same(words):
    assert lexicons.opened(words) is lexicons.opened(words)
    assert lexicons.fingerprint(words) == f"sha256:{open_lexicon(words).digest}"


def test_the_summary_says_what_was_counted(spec):
    text = summary("coverage", coverage.run(spec)).splitlines()[0]
    assert text.startswith("10 words in 3 languages: ")
    assert text.endswith(" occur in the corpus.")


def test_the_defaults_cover_every_language_of_the_bundled_words():
    result = coverage.run(coverage.Spec())
    known = result.languages.query("polarity == 'all'").set_index("language")
    assert set(known.index) == set(open_lexicon("sample").languages)
    assert known["lemmas_found"].min() >= 100
    assert (known["mean_subwords"] >= 1).all()
