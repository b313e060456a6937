"""Labelled examples as an encoder reads them: pieces, and the positions at which labels are read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from dlfa_core.data.tasks import SentenceSet, TaggedSet, windows
from dlfa_core.models.first_subwords import first_subwords, word_marks

POOL = 16  # batches' worth of examples that are sorted by length together, so that little is padded


@dataclass(frozen=True, eq=False)
class Reading:
    """One text, a pair of texts, or a tagged sentence or a part of one."""

    ids: np.ndarray  # int (length,), with the special tokens
    types: np.ndarray  # int (length,): 0 in the first text, 1 in the second
    places: (
        np.ndarray
    )  # int (k,): position 0 for a text, for a tagged sentence one in each word, as `first_subwords` chooses it
    gold: np.ndarray  # int (k,): class numbers
    first: int  # where the labels begin in those of the whole set, one after the other
    truncated: bool = False


@dataclass(frozen=True, eq=False)
class TaskBatch:
    """Readings side by side; m labels are read at `rows`, `places`."""

    ids: Tensor  # int64 (batch, seq)
    types: Tensor  # int64 (batch, seq)
    mask: Tensor  # int64 (batch, seq), 1 for pieces and 0 for padding
    rows: Tensor  # int64 (m,)
    places: Tensor  # int64 (m,)
    gold: Tensor  # int64 (m,)
    numbers: np.ndarray  # int (m,): where each label stands in those of the whole set


def read_examples(
    tokenizer: PreTrainedTokenizerBase, examples: SentenceSet | TaggedSet, max_length: int
) -> list[Reading]:
    """Cut examples into pieces. A text that is too long is cut; a tagged sentence is split between words.

    Args:
        tokenizer: of the encoder.
        examples: at least one; class numbers are places in its `labels`.
        max_length: the most pieces of a reading, special tokens counted.

    Raises:
        ValueError: a limit that leaves no room for text.
    """
    special = tokenizer.num_special_tokens_to_add(pair=getattr(examples, "seconds", None) is not None)
    if max_length <= special:
        raise ValueError(
            f"max_length={max_length} leaves no room for text beside {special} special tokens: use at least "
            f"{special + 1}."
        )
    number = {label: place for place, label in enumerate(examples.labels)}
    if isinstance(examples, TaggedSet):
        return _tagged(tokenizer, examples, number, max_length, special)
    encoded = tokenizer(
        list(examples.texts),
        None if examples.seconds is None else list(examples.seconds),
        truncation=True,
        max_length=max_length,
        verbose=False,
    )
    return [
        Reading(
            np.array(encoding.ids),
            np.array(encoding.type_ids),
            np.zeros(1, dtype=np.int64),
            np.array([number[label]]),
            row,
            bool(encoding.overflowing),
        )
        for row, (encoding, label) in enumerate(zip(encoded.encodings, examples.gold, strict=True))
    ]


def _tagged(
    tokenizer: PreTrainedTokenizerBase, examples: TaggedSet, number: dict[str, int], max_length: int, special: int
) -> list[Reading]:
    settings = {"is_split_into_words": True, "verbose": False}
    whole = tokenizer([list(words) for words in examples.words], add_special_tokens=False, **settings)
    parts, tags, firsts, start = [], [], [], 0
    for words, gold, encoding in zip(examples.words, examples.gold, whole.encodings, strict=True):
        counts = np.bincount([word for word in encoding.word_ids if word is not None], minlength=len(words))
        known = [word if count else tokenizer.unk_token for word, count in zip(words, counts, strict=True)]
        for window in windows(np.maximum(counts, 1).tolist(), max_length - special):
            parts.append(known[window])
            tags.append(np.array([number[tag] for tag in gold[window]]))
            firsts.append(start + window.start)
        start += len(words)
    encoded = tokenizer(parts, truncation=True, max_length=max_length, **settings)
    marks = word_marks(tokenizer)
    return [
        Reading(
            np.array(encoding.ids),
            np.array(encoding.type_ids),
            first_subwords(encoding.word_ids, encoding.ids, marks),
            gold,
            first,
        )
        for encoding, gold, first in zip(encoded.encodings, tags, firsts, strict=True)
    ]


def batch_examples(
    readings: Sequence[Reading], size: int, pad_id: int, device: torch.device, seed: int | None = None
) -> list[TaskBatch]:
    """Batches of readings of similar length.

    Args:
        readings: in any order.
        size: readings in a batch; the last may hold fewer.
        pad_id: number of the padding piece.
        device: where the batches go.
        seed: of the random choice of what is batched together; None sorts all by length.
    """
    lengths = np.array([len(reading.ids) for reading in readings])
    if seed is None:
        order = np.argsort(-lengths, kind="stable")
    else:
        order = np.random.default_rng(seed).permutation(len(readings))
        pools = [order[start : start + POOL * size] for start in range(0, len(order), POOL * size)]
        order = np.concatenate([pool[np.argsort(-lengths[pool], kind="stable")] for pool in pools])
    chosen = [order[start : start + size] for start in range(0, len(order), size)]
    return [pad_readings([readings[row] for row in rows], pad_id, device) for rows in chosen]


def pad_readings(readings: Sequence[Reading], pad_id: int, device: torch.device | str = "cpu") -> TaskBatch:
    """Readings side by side, padded to the longest."""
    shape = len(readings), max(len(reading.ids) for reading in readings)
    ids, types, mask = np.full(shape, pad_id), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for row, reading in enumerate(readings):
        ids[row, : len(reading.ids)] = reading.ids
        types[row, : len(reading.ids)] = reading.types
        mask[row, : len(reading.ids)] = 1
    rows = np.repeat(np.arange(len(readings)), [len(reading.places) for reading in readings])
    places, gold = (np.concatenate([getattr(r, name) for r in readings]) for name in ("places", "gold"))
    numbers = np.concatenate([reading.first + np.arange(len(reading.gold)) for reading in readings])
    return TaskBatch(*(torch.from_numpy(a).to(device) for a in (ids, types, mask, rows, places, gold)), numbers)
