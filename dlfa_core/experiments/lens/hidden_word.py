"""The word of a sentence that is hidden: what was typed, and the subwords that take a mask."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlfa_core.data.words import word_spans

LONGEST = 1000  # characters of a sentence
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True)
class Gap:
    """A sentence and where its hidden word stands: `text[start:stop]`."""

    text: str
    start: int
    stop: int

    @property
    def word(self) -> str:
        """The hidden word."""
        return self.text[self.start : self.stop]


@dataclass(frozen=True, eq=False)
class HiddenWord:
    """A sentence in subwords, one of its words behind masks.

    Attributes:
        gap: what is hidden in fact: more than was asked for where a subword reaches further.
        ids: int64 (length,) with special tokens and masks.
        shown: int64 (length,): the same without masks.
        places: where the masks stand, ascending; words are asked for at the first.
    """

    gap: Gap
    ids: np.ndarray
    shown: np.ndarray
    places: tuple[int, ...]


def gap_of(text: str, word: str = "") -> Gap:
    """Return the sentence and the word to hide.

    Args:
        text: with brackets around the word, or without any.
        word: one of its words; then there are no brackets.

    Raises:
        ValueError: the text is empty or too long, no word is named, several are, or the word is not in the text.
    """
    text = " ".join(text.split())
    if not text:
        raise ValueError("There is no sentence: write one with a word in brackets, as in “Paris is the [capital]”.")
    if len(text) > LONGEST:
        raise ValueError(f"{text[:30]!r}… has {len(text):,} characters, but up to {LONGEST:,} are read: shorten it.")
    bracketed = list(_BRACKETED.finditer(text))
    if word and not bracketed:
        return _only(text, word.strip())
    if len(bracketed) > 1 or (bracketed and word):
        named = ", ".join(repr(each) for each in [*(match[1] for match in bracketed), *([word] if word else [])])
        raise ValueError(f"More than one word is to be hidden ({named}): keep the brackets of one, or name one word.")
    if not bracketed or not bracketed[0][1].strip():
        raise ValueError(f"No word of {text[:60]!r} is hidden: write brackets around one, as in “the [capital] of”.")
    match = bracketed[0]
    inside, before = match[1].strip(), match.start() + len(match[1]) - len(match[1].lstrip())
    return Gap(text[: match.start()] + match[1] + text[match.end() :], before, before + len(inside))


def hide(gap: Gap, tokenizer: Any, max_length: int) -> HiddenWord:
    """Put a mask in the place of every subword of the word that shows something of it.

    The mark that SentencePiece may put alone before a word stays: it says no more than that a word begins.

    Raises:
        ValueError: the sentence has more subwords than are read, or nothing is left of the word.
    """
    read = tokenizer(gap.text, return_offsets_mapping=True, verbose=False)
    ids = np.array(read["input_ids"], dtype=np.int64)
    if len(ids) > max_length:
        raise ValueError(
            f"The sentence has {len(ids)} subwords, special tokens counted, but {max_length} are read: shorten it."
        )
    places, start, stop = [], gap.start, gap.stop
    for place, (first, last) in enumerate(read["offset_mapping"]):
        written = gap.text[first:last]
        first, last = first + len(written) - len(written.lstrip()), first + len(written.rstrip())
        if first < last and first < gap.stop and last > gap.start:
            places.append(place)
            start, stop = min(start, first), max(stop, last)
    marks = {place for place in places if _is_mark(tokenizer, ids[place])}
    places = [place for place in places if place not in marks]
    if not places or (ids[places] == tokenizer.unk_token_id).all():
        raise ValueError(f"The model has no subword for {gap.word!r}: hide another word.")
    masked = ids.copy()
    masked[places] = tokenizer.mask_token_id
    return HiddenWord(Gap(gap.text, start, stop), masked, ids, tuple(places))


def _is_mark(tokenizer: Any, number: int) -> bool:
    return not tokenizer.convert_ids_to_tokens(int(number)).strip("▁Ġ")


def _only(text: str, word: str) -> Gap:
    found = [span for span in word_spans(text) if text[slice(*span)] == word]
    if not found:
        words = ", ".join(text[slice(*span)] for span in word_spans(text))
        raise ValueError(f"{word!r} is no word of the sentence: choose one of {words}, or write brackets around one.")
    if len(found) > 1:
        raise ValueError(f"{word!r} stands {len(found)} times in the sentence: write brackets around one of them.")
    return Gap(text, *found[0])
