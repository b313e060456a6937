"""From texts to padded batches that hold almost no padding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

WINDOW = 8192  # texts cut and sorted at a time: bounds the memory, and more would not save padding


@dataclass(frozen=True, eq=False)
class Pieces:
    """One text as the model reads it."""

    ids: np.ndarray  # int (length,), with the special tokens
    own: np.ndarray  # bool (length,); False for [CLS], [SEP] and the like
    truncated: bool  # pieces were cut off
    unknown: int  # own pieces that the vocabulary does not know

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Batch:
    """Texts side by side, padded at the end to the longest of them."""

    ids: Tensor  # int64 (batch, seq)
    mask: Tensor  # int64 (batch, seq): 1 for pieces, 0 for padding
    keep: Tensor  # bool (batch, seq): what is pooled


@dataclass(frozen=True, eq=False)
class Distinct:
    """Texts without their repetitions."""

    texts: list[str]  # k, in order of first appearance
    first_row: np.ndarray  # (k,): where each stands first in the texts given
    place: np.ndarray  # (n,): which of the k each text given is

    def fill_repeats(self, vectors: np.ndarray) -> None:
        """Copy the vectors of each text to its repetitions, in (n_states, n, hidden)."""
        source = self.first_row[self.place]
        repeats = np.flatnonzero(source != np.arange(len(source)))
        for state in vectors:  # one by one: a copy of all of them could be as large as the output
            state[repeats] = state[source[repeats]]


def distinct(texts: Sequence[str]) -> Distinct:
    """Find the texts that are different."""
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    place = np.array([places[text] for text in texts], dtype=np.int64)
    return Distinct(list(places), np.unique(place, return_index=True)[1], place)


def tokenise(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> list[Pieces]:
    """Cut each text into at most `max_length` pieces, special tokens counted.

    Raises:
        ValueError: a text gives no pieces at all; only tokenizers without special tokens can do that.
    """
    encoded = tokenizer(
        list(texts), truncation=True, max_length=max_length, return_special_tokens_mask=True, verbose=False
    )
    result = []
    for text, encoding, special in zip(texts, encoded.encodings, encoded["special_tokens_mask"], strict=True):
        if not encoding.ids:
            raise ValueError(
                f"The text {text!r} gives no pieces, and this tokenizer adds no special tokens: leave it out."
            )
        ids, own = np.array(encoding.ids, dtype=np.int64), np.array(special) == 0
        unknown = int((own & (ids == tokenizer.unk_token_id)).sum())
        result.append(Pieces(ids, own, bool(encoding.overflowing), unknown))
    return result


def batch_rows(lengths: Sequence[int], budget: int) -> Iterator[np.ndarray]:
    """Split texts into batches of similar length, the longest first.

    Sorting leaves almost no padding. Starting with the longest asks for the largest memory at once: a run
    that is too big fails in its first second, and later batches fit into what the first has freed.

    Args:
        lengths: pieces of each text.
        budget: the most tokens in a batch, padding counted; a longer text gets a batch of its own.

    Yields:
        Row numbers; together they are every row once.
    """
    lengths = np.asarray(lengths)
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        stop = start + max(1, budget // int(lengths[order[start]]))
        yield order[start:stop]
        start = stop


def sorted_batches(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int, budget: int
) -> Iterator[tuple[np.ndarray, list[Pieces], float]]:
    """Cut texts into pieces and batches, `WINDOW` texts at a time.

    Yields:
        Rows of `texts`, their pieces, and the fraction of the work that is done with them; see `batch_rows`.
    """
    for start in range(0, len(texts), WINDOW):
        window = tokenise(tokenizer, texts[start : start + WINDOW], max_length)
        lengths = np.array([len(pieces) for pieces in window])
        done = 0
        for rows in batch_rows(lengths, budget):
            done += lengths[rows].sum()
            fraction = (start + len(window) * done / lengths.sum()) / len(texts)
            yield start + rows, [window[row] for row in rows], float(fraction)


def pad(texts: Sequence[Pieces], pad_id: int, special_tokens: bool, device: torch.device) -> Batch:
    """Put texts side by side.

    Args:
        texts: at least one.
        pad_id: the number of the padding piece.
        special_tokens: pool over special tokens too. A text without a piece of its own, such as the empty
            one, is always pooled over its special tokens.
        device: where the batch goes.
    """
    shape = len(texts), max(map(len, texts))
    ids, mask, keep = np.full(shape, pad_id), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    for row, pieces in enumerate(texts):
        ids[row, : len(pieces)] = pieces.ids
        mask[row, : len(pieces)] = 1
        keep[row, : len(pieces)] = True if special_tokens or not pieces.own.any() else pieces.own
    return Batch(*(torch.from_numpy(array).to(device) for array in (ids, mask, keep)))
