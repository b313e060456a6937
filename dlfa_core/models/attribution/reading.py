"""Texts as a classifier reads them, with their words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from dlfa_core.data.words import Word, words_of

SURROGATE = re.compile("[\ud800-\udfff]")  # half a character; tokenizers refuse it without saying why

Text = str | tuple[str, str]


@dataclass(frozen=True, eq=False)
class Reading:
    """One text, or a pair of texts, cut into pieces and words.

    Attributes:
        text: what was read.
        ids, types: int (length,), with the special tokens; types are 1 in the second text of a pair.
        own: bool (length,); False for [CLS], [SEP] and the like.
        tokens: (length,) pieces as the vocabulary writes them.
        words: those of the text, then of the second text; `Word.pieces` count in this reading. Words beyond the
            limit have no pieces.
        segments: (n_words,) 0 or 1, the text of the pair that each word stands in.
        truncated: whether pieces were cut off.
    """

    text: Text
    ids: np.ndarray
    types: np.ndarray
    own: np.ndarray
    tokens: tuple[str, ...]
    words: tuple[Word, ...]
    segments: tuple[int, ...]
    truncated: bool

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Batch:
    """Readings side by side: int64 (batch, seq) each, and bool for `own`; padded at the end."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    own: Tensor

    def take(self, rows: Tensor) -> "Batch":
        """These rows, in this order, perhaps several times."""
        return Batch(self.ids[rows], self.types[rows], self.mask[rows], self.own[rows])


def read_texts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[Text], max_length: int) -> list[Reading]:
    """Cut texts into pieces and words.

    Args:
        tokenizer: a fast one.
        texts: each a text, or a pair of texts.
        max_length: the most pieces of a reading, special tokens counted.

    Raises:
        ValueError: a text is no string, has no words, or holds half a character; or the limit leaves no room.
    """
    return [_read(tokenizer, row, text, max_length) for row, text in enumerate(texts)]


def pad(readings: Sequence[Reading], pad_id: int, device: torch.device) -> Batch:
    """Put readings side by side."""
    shape = len(readings), max(map(len, readings))
    ids, types = np.full(shape, pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    mask, own = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    for row, reading in enumerate(readings):
        ids[row, : len(reading)], types[row, : len(reading)] = reading.ids, reading.types
        mask[row, : len(reading)], own[row, : len(reading)] = 1, reading.own
    return Batch(*(torch.from_numpy(array).to(device) for array in (ids, types, mask, own)))


def _read(tokenizer: PreTrainedTokenizerBase, row: int, text: Text, max_length: int) -> Reading:
    parts = tuple(text) if isinstance(text, tuple | list) else (text,)
    for part in parts:
        _check(row, part)
    special = tokenizer.num_special_tokens_to_add(pair=len(parts) == 2)
    if max_length <= special:
        raise ValueError(
            f"max_length={max_length} leaves no room for text beside {special} special tokens: "
            f"use at least {special + 1}."
        )
    encoding = tokenizer(*parts, truncation=True, max_length=max_length, verbose=False).encodings[0]
    segment = np.array([-1 if number is None else number for number in encoding.sequence_ids])
    segment[np.array(encoding.special_tokens_mask) == 1] = -1
    words, segments = [], []
    for number, part in enumerate(parts):
        found = words_of(part, encoding.offsets, segment != number)
        words += found
        segments += [number] * len(found)
    if not any(word.pieces for word in words):
        raise ValueError(f"Text {row} ({parts[0][:40]!r}) gives no pieces to explain: write some words.")
    return Reading(
        text,
        np.array(encoding.ids),
        np.array(encoding.type_ids),
        segment >= 0,
        tuple(encoding.tokens),
        tuple(words),
        tuple(segments),
        bool(encoding.overflowing),
    )


def _check(row: int, part: object) -> None:
    if not isinstance(part, str):
        raise ValueError(f"Text {row} is {part!r} ({type(part).__name__}): drop it or write it as a string.")
    if SURROGATE.search(part):
        raise ValueError(f"Text {row} ({part[:40]!r}) holds half a character: read its file as UTF-8.")
    if not part.strip():
        raise ValueError(f"Text {row} is empty, so there are no words to explain: write at least one.")
