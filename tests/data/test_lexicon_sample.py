"""The bundled lexicon, as strictly as a machine can read it."""

import re
import unicodedata
from collections import Counter
from functools import cache

import pytest

from dlfa_core.data import Matcher, open_corpus, open_lexicon
from dlfa_core.data.lexicons.sources import SAMPLE
from dlfa_core.languages import LANGUAGES

SENSES = ("concept", "pos", "valence", "sense")
SCRIPTS = {  # how the Unicode names of a script's letters begin
    "Latn": "LATIN",
    "Cyrl": "CYRILLIC",
    "Deva": "DEVANAGARI",
    "Arab": "ARABIC",
    "Grek": "GREEK",
    "Hebr": "HEBREW",
    "Hans": "CJK",
    "Jpan": "(CJK|HIRAGANA|KATAKANA)",
    "Hang": "HANGUL",
    "Kore": "HANGUL",
    "Taml": "TAMIL",
    "Thai": "THAI",
}
ROWS = [line.split("\t") for line in SAMPLE.read_text(encoding="utf-8").removesuffix("\n").split("\n")]
CODES = ROWS[0][len(SENSES) :]

sample = cache(lambda: open_lexicon("sample"))
corpus = cache(lambda: open_corpus("sample"))


def column(name):
    return [row[ROWS[0].index(name)] for row in ROWS[1:]]


def test_it_has_the_languages_of_the_sample_sentences():
    assert tuple(ROWS[0][: len(SENSES)]) == SENSES
    assert tuple(CODES) == corpus().languages
    assert sample().languages == corpus().languages


def test_every_cell_is_filled_and_tidy():
    for row in ROWS:
        assert len(row) == len(ROWS[0])
        for cell in row:
            assert cell
            assert cell == " ".join(cell.split())
            assert unicodedata.is_normalized("NFC", cell)
            assert all(form == form.strip() for form in cell.split(" | "))


def test_concepts_are_balanced_with_neutral_controls():
    assert len(column("concept")) == len(set(column("concept"))) >= 160
    assert {float(valence) for valence in column("valence")} == {-1, -0.5, 0, 0.5, 1}
    count = Counter((float(valence) > 0) - (float(valence) < 0) for valence in column("valence"))
    assert count[1] == count[-1] >= 60
    assert count[0] >= 40
    strong = Counter(valence for valence in column("valence") if abs(float(valence)) == 1)
    assert max(strong.values()) < 1.2 * min(strong.values())
    assert set(column("pos")) == {"adj", "noun", "verb"}


@pytest.mark.parametrize("code", CODES)
def test_every_letter_is_of_the_languages_script(code):
    script = SCRIPTS[LANGUAGES[code].script]
    for cell in column(code):
        for character in cell.replace(" | ", ""):
            name = unicodedata.name(character)
            assert character in " '\u200c-" or re.match(script, name), f"{cell!r} has {name}"
    assert code == "pes" or not any("\u200c" in cell for cell in column(code))


@pytest.mark.parametrize("code", CODES)
def test_no_cell_repeats_a_form(code):
    assert all(len(set(cell.split(" | "))) == len(cell.split(" | ")) for cell in column(code))


@pytest.mark.parametrize("code", CODES)
def test_no_word_of_a_language_stands_for_two_valences(code):
    valences = {}
    for cell, valence in zip(column(code), column("valence"), strict=True):
        for form in cell.split(" | "):
            assert valences.setdefault(form.casefold(), valence) == valence, form


@pytest.mark.parametrize("code", CODES)
def test_few_concepts_share_their_word(code):
    lemmas = Counter(cell.split(" | ")[0] for cell in column(code))
    assert sum(count > 1 for count in lemmas.values()) <= 3


@pytest.mark.parametrize("code", CODES)
def test_persian_and_arabic_letters_are_not_mixed_up(code):
    text = "".join(column(code))
    if code == "pes":
        assert not set("يكةى") & set(text)
    if code == "arb":
        assert not set("یکگپچژ") & set(text)


def test_the_reader_keeps_every_concept_in_every_language():
    assert sample().licence == "CC BY 4.0"
    assert set(sample().concepts) == set(column("concept"))
    assert all(set(words) == set(CODES) for words in sample().concepts.values())
    assert not any("left out" in note for note in sample().notes)
    for concept, valence in zip(column("concept"), column("valence"), strict=True):
        assert all(words[0].valence == float(valence) for words in sample().concepts[concept].values())


@pytest.mark.parametrize("code", CODES)
def test_many_concepts_occur_in_the_sample_sentences_where_they_belong(code):
    """Most words of a polarity stand in sentences of it: a wrong sense or a false match would not."""
    matcher = Matcher(sample(), code, stem=True)
    found = [
        (match.entry, sentiment)
        for text, sentiment in zip(corpus()[code], corpus().meta["sentiment"], strict=True)
        for match in matcher.find(text)
    ]
    assert len({concept for entry, _ in found for concept in entry.concepts}) >= 110
    polar = [(entry.polarity, sentiment) for entry, sentiment in found if entry.polarity != "neutral"]
    assert len(polar) >= 110
    assert sum(polarity == sentiment for polarity, sentiment in polar) / len(polar) >= 0.92
