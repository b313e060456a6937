"""What words look like without their endings: simple and approximate, and used only where it is asked for."""

import re
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

SNOWBALL = {  # the Snowball algorithms of PyStemmer, by ISO 639-3 code
    "arb": "arabic", "hye": "armenian", "eus": "basque", "cat": "catalan", "ces": "czech", "dan": "danish",
    "nld": "dutch", "eng": "english", "epo": "esperanto", "est": "estonian", "fin": "finnish", "fra": "french",
    "deu": "german", "ell": "greek", "hin": "hindi", "hun": "hungarian", "ind": "indonesian", "gle": "irish",
    "ita": "italian", "lit": "lithuanian", "npi": "nepali", "nob": "norwegian", "pes": "persian", "pol": "polish",
    "por": "portuguese", "ron": "romanian", "rus": "russian", "srp": "serbian", "sot": "sesotho", "spa": "spanish",
    "swe": "swedish", "tam": "tamil", "tur": "turkish", "ydd": "yiddish",
}  # fmt: skip

SHORTEST = {"arb": 4, "heb": 3, "swh": 3, "kor": 2}  # letters, or syllables, that must be left without the affixes
PREFIXES = {
    # "and" and "so", which Snowball leaves on a word that has its article
    "arb": re.compile("[وف]"),
    # one-letter words that are written together with the next one: and, the, in, to, from, as, that
    "heb": re.compile("[והבלכמש]{1,3}"),
    # noun classes before an adjective; subject, tense and object before a verb
    "swh": re.compile(
        "m|mw|wa|w|ki|ch|vi|vy|n|ny|ma|ku|u|pa|mi|ji|li|zi|i|a|ya"
        "|(ni|u|a|tu|m|wa|i|li|ki|vi|zi|ya|ku|si|ha|hu|hatu|hawa|sita|hata)(na|li|ta|me|ki|ka|nge|ku)?"
        "(ni|ku|m|tu|wa|ki|vi|i|zi|u|ya|ji)?"
    ),
}
SUFFIXES = {
    # particles behind a noun, the plural before them
    "kor": re.compile(
        "들?(은|는|이|가|을|를|의|에|에서|에게|한테|께|께서|으로|로|와|과|도|만|까지|부터|보다|이나|나|처럼)?"
    ),
}


def can_stem(language: str) -> bool:
    """Tell whether there is anything to strip in a language, by its ISO 639-3 code."""
    return language in SNOWBALL or language in PREFIXES or language in SUFFIXES


def stems(word: str, language: str) -> tuple[str, ...]:
    """Return what a folded word may be a form of, the likeliest first.

    By Snowball its stem, and words with the same one match. For Hebrew, Korean and Swahili the word itself, then
    what is left of it without its affixes: a lexicon's word is looked for among these.
    """
    words = (word, *_without_affixes(word, language))
    if language in SNOWBALL:
        words = tuple(map(_stemmer(SNOWBALL[language]).stemWord, words))
    return tuple(dict.fromkeys(words))


def _without_affixes(word: str, language: str) -> Iterator[str]:
    """Every way to take affixes off, the longest rest first."""
    if language in PREFIXES:
        for cut in range(1, len(word) - SHORTEST[language] + 1):
            if PREFIXES[language].fullmatch(word[:cut]):
                yield word[cut:]
    if language in SUFFIXES:
        for cut in range(len(word) - 1, SHORTEST[language] - 1, -1):
            if SUFFIXES[language].fullmatch(word[cut:]):
                yield word[:cut]


@lru_cache
def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm)
