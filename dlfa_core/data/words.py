"""Words of a text, and the subwords that a tokenizer cuts each of them into.

A word is what Unicode's rules for words (UAX 29) call one: a run of letters or digits with its marks, apostrophes and
joiners inside; a punctuation mark or a symbol; an emoji with all that belongs to it. Scripts without spaces between
words are cut smaller, because only a dictionary could do better: Chinese characters and Japanese kana one by one
(katakana in runs), Thai, Lao, Khmer and Burmese into letters with their vowel signs. Where the tokenizer joins several
of these in one subword, that subword is the word: nothing is shown that the model did not see apart.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import regex

_WORD_EDGE = regex.compile(r"\b", regex.WORD)
_CLUSTER = regex.compile(r"\X")
# a vowel sign that is written before its consonant but spoken after it, and one written after it: edges of neither
_HANGING = regex.compile(r"(?<=\p{Logical_Order_Exception})|(?=[\u0e30\u0e32\u0e45\u0eb0\u0eb2])")
_WORD_START = regex.compile(
    r"\b[^\s\p{Cc}\p{Cf}\u0e30\u0e32\u0e45\u0eb0\u0eb2](?<!\p{Logical_Order_Exception}.)", regex.WORD
)
_KINDS = {
    "word": regex.compile(r"\p{L}"),
    "number": regex.compile(r"\p{N}"),
    "symbol": regex.compile(r"\p{S}"),
}
_VISIBLE = regex.compile(r"[^\s\p{Cc}\p{Cf}]")


@dataclass(frozen=True)
class Word:
    """One word of a text.

    Attributes:
        text: the word as it is written: `whole[start:stop]`.
        start, stop: where it stands in the whole text, in characters.
        subwords: their numbers, ascending; none where the tokenizer drops the word, or a text was cut before it.
    """

    text: str
    start: int
    stop: int
    subwords: tuple[int, ...] = ()


def word_spans(text: str) -> list[tuple[int, int]]:
    """Find where the words of a text begin and end, in characters; whatever cannot be seen belongs to none.

    Spans are in order and do not overlap; no cluster of a letter with its marks is cut.
    """
    hanging = {match.start() for match in _HANGING.finditer(text)}
    clusters = {match.start() for match in _CLUSTER.finditer(text)}
    inner = sorted({match.start() for match in _WORD_EDGE.finditer(text)} & clusters - hanging)
    edges = [0, *(edge for edge in inner if 0 < edge < len(text)), len(text)]
    spans = (_stripped(text, start, stop) for start, stop in pairwise(edges))
    return [(start, stop) for start, stop in spans if _VISIBLE.search(text, start, stop)]


def count_words(text: str) -> int:
    """As many words as `word_spans` finds, counted faster; where vowel signs are odd, as in Thai, up to 2 % more."""
    return len(_WORD_START.findall(text))


def words_of(text: str, offsets: Sequence[tuple[int, int]], apart: Iterable[bool] | None = None) -> tuple[Word, ...]:
    """The words of a text with their subwords.

    A subword that reaches over several words makes them one. A subword that shows nothing, such as the mark that
    SentencePiece puts before a word, belongs to the word that follows, or to the last. So each subword that is not
    apart belongs to exactly one word, unless the text has none.

    Args:
        text: as the tokenizer was given it.
        offsets: (n_subwords,) first character of each subword and the one after its last, as fast tokenizers give
            with `return_offsets_mapping`.
        apart: (n_subwords,) true for subwords that are no part of the text: special tokens, padding, subwords of the
            second text of a pair.

    Returns:
        Words in the order in which the text is read and stored, also for scripts from right to left.

    Raises:
        ValueError: `offsets` and `apart` differ in length, or a subword lies outside the text.
    """
    kept = [True] * len(offsets) if apart is None else [not flag for flag in apart]
    if len(kept) != len(offsets):
        raise ValueError(f"{len(offsets)} subwords but {len(kept)} marks of what is apart: give one for each subword.")
    spans = word_spans(text)
    if not spans:
        return ()
    starts, stops = ([span[side] for span in spans] for side in (0, 1))
    joined, first_word = list(range(len(spans))), {}  # joined[k]: the last word that k is one with
    for subword, ((start, stop), own) in enumerate(zip(offsets, kept, strict=True)):
        if not own:
            continue
        if not 0 <= start <= stop <= len(text):
            raise ValueError(
                f"Subword {subword} reaches from {start} to {stop} but the text has {len(text)} characters: "
                "give the offsets that the tokenizer made of this very text."
            )
        first = min(bisect_right(stops, start), len(spans) - 1)
        last = max(bisect_left(starts, stop) - 1, first)
        first_word[subword] = first
        joined[first] = max(joined[first], last)
    return tuple(_built(text, spans, joined, first_word))


def kind_of(word: str) -> str:
    """Return what a word is by its characters alone: "word" (with letters), "number", "symbol" (emoji too),
    "punctuation".
    """
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(word)), "punctuation")


def words_given(words: Sequence[str], word_ids: Sequence[int | None]) -> tuple[Word, ...]:
    """Words that are known beforehand, such as those of a treebank, with the subwords that a tokenizer made of each.

    Args:
        words: (n,), as the tokenizer was given them with `is_split_into_words`.
        word_ids: (n_subwords,) the number of the word of each subword; None for special tokens.

    Returns:
        n words; `start` and `stop` count in the words joined by spaces.
    """
    subwords: list[list[int]] = [[] for _ in words]
    for subword, word in enumerate(word_ids):
        if word is not None:
            subwords[word].append(subword)
    starts = np.cumsum([0, *(len(word) + 1 for word in words)]).tolist()
    return tuple(
        Word(word, start, start + len(word), tuple(own))
        for word, start, own in zip(words, starts, subwords, strict=False)
    )


def membership(words: Sequence[Word], n_subwords: int) -> np.ndarray:
    """Return which subwords are whose: float64 (n_words, n_subwords) of 0 and 1, so that `membership @ values` sums by
    word.
    """
    member = np.zeros((len(words), n_subwords))
    for row, word in enumerate(words):
        member[row, list(word.subwords)] = 1.0
    return member


def _stripped(text: str, start: int, stop: int) -> tuple[int, int]:
    """The span without white space at its ends; a mark may be written on a space."""
    part = text[start:stop]
    return stop - len(part.lstrip()), start + len(part.rstrip())


def _built(text: str, spans: list[tuple[int, int]], joined: list[int], first_word: dict[int, int]) -> Iterable[Word]:
    """Words, those that a subword joins as one."""
    own: dict[int, list[int]] = {}
    for subword, word in first_word.items():
        own.setdefault(word, []).append(subword)
    begin = 0
    while begin < len(spans):
        end = reach = begin
        while end <= reach:  # a word that is joined may itself be joined to later ones
            reach = max(reach, joined[end])
            end += 1
        start, stop = spans[begin][0], spans[end - 1][1]
        subwords = sorted(subword for word in range(begin, end) for subword in own.get(word, ()))
        yield Word(text[start:stop], start, stop, tuple(subwords))
        begin = end
