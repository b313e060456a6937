"""Lexicon words in running text, as spans of characters, in any script."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple
from unicodedata import category

from dlfa_core.data.lexicons.building import clean
from dlfa_core.data.lexicons.folding import Folded, fold
from dlfa_core.data.lexicons.stems import can_stem, stems
from dlfa_core.data.lexicons.values import Entry, Lexicon, polarity
from dlfa_core.languages import find

UNSPACED = re.compile(  # scripts that write no space between words
    "[\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"  # Tibetan, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana and iteration marks
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"  # Chinese characters
)
SHORTEST_STEM = {"Latn": 4, "Cyrl": 4, "Grek": 4, "Armn": 4, "Hang": 2, "Kore": 2}  # characters of a stem; elsewhere 3
THAI_FOLLOWING = "ะาำๅ"  # vowels that belong to the consonant before them
THAI_LEADING = "เแโใไ"  # and to the one after them


class Match(NamedTuple):
    """A lexicon word found in a text.

    Attributes:
        start, end: it is `text[start:end]`.
        entry: the lexicon's entry.
        how: "exact", letter by letter; "folded", but for case, optional vowel marks and joiners; "stem", by a
            simple rule of the language, so that forms of the word are found, and some wrong words with them.
    """

    start: int
    end: int
    entry: Entry
    how: Literal["exact", "folded", "stem"]


class Matcher:
    """Finds the words of one language of a lexicon.

    Where words are written apart, only whole words are found: what is written together with a word (an Arabic
    article, a Hebrew "and", a Korean particle) hides it unless `stem` is on. Where they are not (Chinese, Japanese,
    Thai …), a word is found wherever its characters stand, also across what a reader would take for two words.

    Where several words begin at the same place, the longest is found, and words never overlap. A word whose
    spellings differ in case only, with opposite signs, is found only as it is listed.

    Args:
        lexicon: of any number of languages.
        language: code or name of the texts' language.
        stem: also find forms of words by the simple rules of `stems`, where there are any for the language.

    Raises:
        CorpusError: the lexicon has no words in this language.
        UnknownLanguage: nothing goes by that name.
    """

    def __init__(self, lexicon: Lexicon, language: str, stem: bool = False):
        entries = lexicon[language]
        self.language = entries[0].language
        self.stem = stem and can_stem(self.language)
        self._spellings: dict[str, list[Entry]] = {}
        self._stems: dict[tuple[str, ...], list[tuple[Entry, str]]] = {}
        lengths: dict[str, set[int]] = {}
        for entry in entries:
            folded = fold(entry.term, self.language).text
            if folded:
                self._spellings.setdefault(folded, []).append(entry)
                lengths.setdefault(folded[0], set()).add(len(folded))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}
        self._most_words = 0
        self._shortest = SHORTEST_STEM.get(find(self.language).script, 3)
        if self.stem:
            self._index_stems()

    def find(self, text: str) -> tuple[Match, ...]:
        """The lexicon's words in a text, from its start to its end."""
        folded = fold(text, self.language)
        edges = _edges(folded)
        words = _words(folded.text) if self.stem else []
        at = {start: offset for offset, (start, _) in enumerate(words)}
        matches, offset = [], 0
        while offset < len(folded.text):
            if edges[offset] and (found := self._longest(text, folded, edges, words, at, offset)):
                offset, match = found
                matches.append(match)
            else:
                offset += 1
        return tuple(matches)

    def _longest(
        self, text: str, folded: Folded, edges: list[bool], words: list[tuple[int, int]], at: dict[int, int], start: int
    ) -> tuple[int, Match] | None:
        """Find where the longest match from `start` ends, and the match."""
        by_stem, end = self._stemmed(folded.text, words, at[start]) if start in at else (None, 0)
        for length in self._lengths.get(folded.text[start], ()):
            stop = start + length
            if stop < end:
                break
            if stop <= len(folded.text) and edges[stop]:
                first, last = folded.starts[start], folded.ends[stop - 1]
                chosen = self._chosen(folded.text[start:stop], text[first:last])
                if chosen:
                    return stop, Match(first, last, *chosen)
        return (end, Match(folded.starts[start], folded.ends[end - 1], by_stem, "stem")) if by_stem else None

    def _chosen(self, folded: str, written: str) -> tuple[Entry, Literal["exact", "folded"]] | None:
        """The entry for a spelling: the one with the same letters, else any, if all agree in their sign."""
        entries = self._spellings.get(folded, ())
        if entries:
            written = clean(written)
            for entry in entries:
                if entry.term == written:
                    return entry, "exact"
            if agreed := _agreed(entries):
                return agreed, "folded"
        return None

    def _index_stems(self) -> None:
        for folded, entries in self._spellings.items():
            words = [folded[start:end] for start, end in _words(folded)]
            if words and " ".join(words) == folded:
                key = tuple(stems(word, self.language)[0] for word in words)
                self._stems.setdefault(key, []).extend((entry, folded) for entry in entries)
                self._most_words = max(self._most_words, len(words))

    def _stemmed(self, folded: str, words: list[tuple[int, int]], first: int) -> tuple[Entry | None, int]:
        """The longest entry whose stems are those of the words from `first` on, and where it ends."""
        last = first
        while (
            last + 1 - first < self._most_words
            and last + 1 < len(words)
            and folded[words[last][1] : words[last + 1][0]] == " "
        ):
            last += 1
        for stop in range(last + 1, first, -1):
            run = [folded[start:end] for start, end in words[first:stop]]
            found = [stems(word, self.language) for word in run]
            keys = [(key,) for key in found[0]] if len(run) == 1 else [tuple(each[0] for each in found)]
            for key in keys:
                entries = [
                    entry for entry, term in self._stems.get(key, ()) if _is_form(run, key, term, self._shortest)
                ]
                if agreed := _agreed(entries):
                    return agreed, words[stop - 1][1]
        return None, 0


def word_places(text: str, language: str, longest: int) -> Iterator[tuple[int, int, str]]:
    """Yield where a word may stand in a text: start, end, and `text[start:end]` folded.

    Where words are written apart, these are the words, each once. Where they are not, every run of up to `longest`
    characters that `Matcher` might find: runs that overlap, and many that are no words.
    """
    folded = fold(text, language)
    places = _words(folded.text)
    edges, kinds = _edges(folded), _kinds(folded.text)
    for start, kind in enumerate(kinds):
        if kind == "unspaced" and edges[start]:
            for stop in range(start + 1, min(start + longest, len(kinds)) + 1):
                if kinds[stop - 1] not in ("unspaced", "mark"):
                    break
                if edges[stop]:
                    places.append((start, stop))
    for start, stop in places:
        yield folded.starts[start], folded.ends[stop - 1], folded.text[start:stop]


def _is_form(words: Sequence[str], key: Sequence[str], term: str, shortest: int) -> bool:
    """Tell whether words with the stems of a term may be forms of it.

    Short stems belong to too many words (Finnish "on", is, is no form of "onni", luck), and no form is so much shorter
    than its term (German "sich" of "sicher").
    """
    if len("".join(key)) < shortest:
        return False
    return len(key) > 1 or len(words[0]) > len(key[0]) or len(term) < len(key[0]) + 2


def _agreed(entries: Sequence[Entry]) -> Entry | None:
    """The first of several entries, or None if some are positive and some negative."""
    signs = {polarity(entry.valence) for entry in entries} - {"neutral"}
    return entries[0] if entries and len(signs) < 2 else None


def _kinds(text: str) -> list[str]:
    """Tell what characters are: part of a spaced "word", "unspaced" script, a "mark" on what precedes, or "other"."""
    kinds = []
    for character in text:
        group = category(character)[0]
        if group == "M" or character in THAI_FOLLOWING:
            kinds.append("mark")
        elif UNSPACED.match(character):
            kinds.append("unspaced" if group in "LN" else "other")
        else:
            kinds.append("word" if group in "LN" else "other")
    return kinds


def _edges(folded: Folded) -> list[bool]:
    """(n + 1,) whether a word may begin or end before each character of a folded text, and at its end."""
    text, kinds = folded.text, _kinds(folded.text)
    edges = [True] * (len(text) + 1)
    holder = ""  # the kind of the letter that a mark stands on
    for index, kind in enumerate(kinds):
        inside = kind == "mark" or (kind == "word" and holder == "word")
        if index and (inside or text[index - 1] in THAI_LEADING or folded.starts[index] < folded.ends[index - 1]):
            edges[index] = False
        holder = holder if kind == "mark" and holder else kind
    return edges


def _words(text: str) -> list[tuple[int, int]]:
    """Find where the words of the spaced scripts begin and end in a folded text."""
    kinds = _kinds(text)
    words, start = [], None
    for index, kind in enumerate([*kinds, "other"]):
        if kind == "word" and start is None:
            start = index
        elif kind not in ("word", "mark") and start is not None:
            words.append((start, index))
            start = None
    return words
