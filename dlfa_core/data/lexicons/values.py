"""A lexicon of valences, as one frozen value."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Literal, NamedTuple

import pandas as pd

from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import find

MAX_ENTRIES = 2_000_000  # rows of one lexicon: the largest public ones have about that many words a language
NEUTRAL = 0.05  # valences nearer to 0 than this count as neutral, as VADER's authors cut theirs
POLARITIES = ("negative", "neutral", "positive")


class Entry(NamedTuple):
    """One word or phrase of one language.

    Attributes:
        term: as it is written in text; NFC, single spaces.
        language: ISO 639-3 code.
        valence: in [-1, 1]; how good (1) or bad (-1) what the word means is.
        concepts: ids that its translations share; empty where the source links no languages.
        lemma: the word it is filed under, in the form that a dictionary lists; the term itself unless the term is
            an inflected form or another word for the same.
    """

    term: str
    language: str
    valence: float
    concepts: tuple[str, ...]
    lemma: str

    @property
    def polarity(self) -> Literal["negative", "neutral", "positive"]:
        """The sign of the valence, or neutral where it is nearer to 0 than `NEUTRAL`."""
        return polarity(self.valence)

    @property
    def is_lemma(self) -> bool:
        """Tell whether the entry is filed under itself."""
        return self.term == self.lemma


def polarity(valence: float) -> Literal["negative", "neutral", "positive"]:
    """negative, neutral or positive: the sign of a valence, or neutral where it is nearer to 0 than `NEUTRAL`."""
    return POLARITIES[1 + (valence >= NEUTRAL) - (valence <= -NEUTRAL)]


@dataclass(frozen=True, eq=False)  # compare `digest` instead
class Lexicon:
    """Words and phrases with a valence, in one language or several.

    Attributes:
        entries: ISO 639-3 code -> entries, no term twice; read-only.
        name: for headings, such as "AFINN".
        source: what `sources.open_lexicon` opened, or where a table came from.
        scale: how the source's scores became valences, such as "-5 to 5".
        licence: as the source states it, or "not stated".
        notes: sentences about what reading resolved or left out; show them to whoever chose the lexicon.
    """

    entries: Mapping[str, tuple[Entry, ...]]
    name: str
    source: str
    scale: str
    licence: str = "not stated"
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "entries", MappingProxyType(dict(self.entries)))

    def __reduce__(self):  # a read-only view cannot be pickled, and Dask and Streamlit send lexicons around
        values = (dict(self.entries), self.name, self.source, self.scale, self.licence, self.notes)
        return Lexicon, values

    def __len__(self) -> int:
        return sum(map(len, self.entries.values()))

    def __getitem__(self, language: str) -> tuple[Entry, ...]:
        return self.entries[self._own(language)]

    def __contains__(self, language: str) -> bool:
        """Tell whether there are words of a language, by its ISO 639-3 code."""
        return language in self.entries

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-3 codes, in the order of the source."""
        return tuple(self.entries)

    @cached_property
    def concepts(self) -> Mapping[str, Mapping[str, tuple[Entry, ...]]]:
        """Concept id -> language -> the entries that express it, lemmas first; empty where no concepts are given."""
        found: dict[str, dict[str, list[Entry]]] = {}
        for entry in sorted(chain(*self.entries.values()), key=lambda entry: not entry.is_lemma):
            for concept in entry.concepts:
                found.setdefault(concept, {}).setdefault(entry.language, []).append(entry)
        return MappingProxyType(
            {
                concept: MappingProxyType({code: tuple(found[concept][code]) for code in self.languages if code in by})
                for concept, by in found.items()
            }
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the entries, in order; name, source, scale, licence and notes play no part."""
        digest = hashlib.sha256()
        for part in self.entries.items():
            digest.update(json.dumps(part).encode())
        return digest.hexdigest()

    def select(self, languages: Sequence[str] | None = None) -> "Lexicon":
        """The entries of fewer languages.

        Args:
            languages: codes or names to keep, in this order; None or empty for all.

        Raises:
            CorpusError: the lexicon has no such language.
            UnknownLanguage: nothing goes by that name.
        """
        codes = dict.fromkeys(self._own(language) for language in languages or self.languages)
        return replace(self, entries={code: self.entries[code] for code in codes})

    def to_frame(self) -> pd.DataFrame:
        """A row for each entry: language, term, lemma, valence, polarity, concepts (joined by a space)."""
        rows = [
            (entry.language, entry.term, entry.lemma, entry.valence, entry.polarity, " ".join(entry.concepts))
            for entry in chain(*self.entries.values())
        ]
        return pd.DataFrame(rows, columns=["language", "term", "lemma", "valence", "polarity", "concepts"])

    def _own(self, language: str) -> str:
        code = language if language in self.entries else find(language).code
        if code not in self.entries:
            raise CorpusError(
                f"{self.name} has no words in {find(code).name} ({code}). "
                f"Choose from {', '.join(self.languages)}, or bring a lexicon of that language."
            )
        return code
