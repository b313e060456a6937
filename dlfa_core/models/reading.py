"""Texts as an encoder reads them: cut into subwords, cut off where they are too long, and put side by side."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from tokenizers import Encoding
from torch import Tensor
from transformers import PreTrainedTokenizerBase

SURROGATE = re.compile("[\ud800-\udfff]")  # half a character; tokenizers refuse it without saying why


@dataclass(frozen=True, eq=False)
class Reading:
    """One text, a pair of texts, or a sentence of given words or a part of one, in subwords."""

    ids: np.ndarray  # int64 (length,), with the special tokens
    types: np.ndarray  # int64 (length,): 0 in the first text, 1 in the second
    own: np.ndarray  # bool (length,); False for [CLS], [SEP] and the like
    truncated: bool  # subwords were cut off
    unknown: int  # own subwords that the vocabulary does not know

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, encoding: Encoding, tokenizer: PreTrainedTokenizerBase, **more: Any) -> Self:
        """Return what a tokenizer made of a text; `more` are the fields that a subclass adds."""
        ids, own = np.array(encoding.ids, dtype=np.int64), np.array(encoding.special_tokens_mask) == 0
        unknown = int((own & (ids == tokenizer.unk_token_id)).sum())
        types = np.array(encoding.type_ids, dtype=np.int64)
        return cls(ids, types, own, truncated=bool(encoding.overflowing), unknown=unknown, **more)


@dataclass(frozen=True, eq=False)
class Batch:
    """Readings side by side, padded at the end to the longest of them."""

    ids: Tensor  # int64 (batch, seq)
    types: Tensor  # int64 (batch, seq)
    mask: Tensor  # int64 (batch, seq): 1 for subwords, 0 for padding
    own: Tensor  # bool (batch, seq): False for special tokens and padding

    def take(self, rows: Tensor) -> "Batch":
        """These rows, in this order, perhaps several times."""
        return Batch(self.ids[rows], self.types[rows], self.mask[rows], self.own[rows])


def check_text(row: int, text: object) -> None:
    """Raises ValueError for what is no string, or holds half a character; `row` is named."""
    if not isinstance(text, str):
        raise ValueError(f"Text {row} is {text!r} ({type(text).__name__}): drop it or write it as a string.")
    if SURROGATE.search(text):
        raise ValueError(f"Text {row} ({text[:40]!r}) holds half a character: read its file as UTF-8.")


def special_tokens(tokenizer: PreTrainedTokenizerBase, max_length: int, pair: bool = False) -> int:
    """Return how many special tokens are added to a text, or to a pair.

    Raises:
        ValueError: `max_length` leaves no room beside them.
    """
    added = tokenizer.num_special_tokens_to_add(pair=pair)
    if max_length <= added:
        raise ValueError(
            f"max_length={max_length} leaves no room for text beside {added} special tokens: use at least {added + 1}."
        )
    return added


def tokenise(
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str] | Sequence[Sequence[str]],
    max_length: int,
    seconds: Sequence[str] | None = None,
    split: bool = False,
) -> list[Encoding]:
    """Cut texts into subwords, and off after `max_length` of them.

    Args:
        tokenizer: a fast one.
        texts: texts, or with `split` the words of sentences: then no subword reaches over two words.
        max_length: the most subwords of each, special tokens counted; see `special_tokens`.
        seconds: the second texts of pairs; then both are cut together.
        split: whether words are given.

    Raises:
        ValueError: the limit leaves no room for text.
    """
    special_tokens(tokenizer, max_length, pair=seconds is not None)
    return tokenizer(
        [list(words) for words in texts] if split else list(texts),
        None if seconds is None else list(seconds),
        is_split_into_words=split,
        truncation=True,
        max_length=max_length,
        verbose=False,
    ).encodings


def pad(readings: Sequence[Reading], pad_id: int, device: torch.device | str = "cpu") -> Batch:
    """Put readings, at least one, side by side; `pad_id` is the number of the padding token.

    CUDA copies them while the processor goes on.
    """
    shape = len(readings), max(map(len, readings))
    ids, types, mask = np.full(shape, pad_id), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    own = np.zeros(shape, dtype=bool)
    for row, reading in enumerate(readings):
        part = row, slice(len(reading))
        ids[part], types[part], mask[part], own[part] = reading.ids, reading.types, 1, reading.own
    batch = [torch.from_numpy(array) for array in (ids, types, mask, own)]
    if torch.device(device).type == "cuda":
        batch = [tensor.pin_memory() for tensor in batch]
    return Batch(*(tensor.to(device, non_blocking=True) for tensor in batch))
