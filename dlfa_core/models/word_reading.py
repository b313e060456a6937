"""Texts as an encoder reads them, with their words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Encoding
from transformers import PreTrainedTokenizerBase

from dlfa_core.data.words import Word, words_given, words_of
from dlfa_core.models.reading import Reading, check_text, tokenise

Text = str | tuple[str, str]


@dataclass(frozen=True, eq=False)
class WordReading(Reading):
    """One text, a pair of texts, or a sentence of given words, cut into subwords and words.

    Attributes:
        text: what was read; given words joined by spaces.
        tokens: (length,) subwords as the vocabulary writes them.
        words: those of the text, then of the second text; `Word.subwords` count in this reading. Words beyond the
            limit, and those that the tokenizer drops, have no subwords.
        segments: (n_words,) 0 or 1, the text of the pair that each word stands in.
    """

    text: Text
    tokens: tuple[str, ...]
    words: tuple[Word, ...]
    segments: tuple[int, ...]

    @property
    def read(self) -> tuple[int, ...]:
        """Numbers of the words that have subwords."""
        return tuple(number for number, word in enumerate(self.words) if word.subwords)


def read_words(tokenizer: PreTrainedTokenizerBase, texts: Sequence[Text], max_length: int) -> list[WordReading]:
    """Cut running texts into subwords and the words of `dlfa_core.data.words`.

    Args:
        tokenizer: a fast one.
        texts: each a text, or a pair of texts.
        max_length: the most subwords of a reading, special tokens counted.

    Raises:
        ValueError: a text is no string or holds half a character; or the limit leaves no room.
    """
    parts = [tuple(text) if isinstance(text, tuple | list) else (text,) for text in texts]
    for row, own in enumerate(parts):
        for part in own:
            check_text(row, part)
    found: list[WordReading | None] = [None] * len(texts)
    for n in {len(own) for own in parts}:
        rows = [row for row, own in enumerate(parts) if len(own) == n]
        firsts, *seconds = zip(*(parts[row] for row in rows), strict=True)
        for row, encoding in zip(rows, tokenise(tokenizer, firsts, max_length, *seconds), strict=True):
            found[row] = WordReading.of(encoding, tokenizer, text=texts[row], **_words(parts[row], encoding))
    return found


def read_given(
    tokenizer: PreTrainedTokenizerBase, sentences: Sequence[Sequence[str]], max_length: int
) -> list[WordReading]:
    """Cut sentences of given words into subwords, none of which reaches over two words; arguments as `read_words`."""
    found = []
    for given, encoding in zip(sentences, tokenise(tokenizer, sentences, max_length, split=True), strict=True):
        words, tokens = words_given(given, encoding.word_ids), tuple(encoding.tokens)
        more = {"text": " ".join(given), "tokens": tokens, "words": words, "segments": (0,) * len(given)}
        found.append(WordReading.of(encoding, tokenizer, **more))
    return found


def _words(parts: tuple[str, ...], encoding: Encoding) -> dict[str, tuple]:
    """Tokens, words and segments of a text, or of a pair."""
    segment = np.array([-1 if number is None else number for number in encoding.sequence_ids])
    segment[np.array(encoding.special_tokens_mask) == 1] = -1
    words, segments = [], []
    for number, part in enumerate(parts):
        found = words_of(part, encoding.offsets, segment != number)
        words += found
        segments += [number] * len(found)
    return {"tokens": tuple(encoding.tokens), "words": tuple(words), "segments": tuple(segments)}
