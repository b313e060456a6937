"""Labelled examples as an encoder reads them: subwords, and the positions at which labels are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from dlfa_core.data.tasks import SentenceSet, TaggedSet, windows
from dlfa_core.models.first_subwords import first_subwords, word_marks
from dlfa_core.models.reading import Batch, Reading, pad, special_tokens, tokenise

POOL = 16  # batches' worth of examples that are sorted by length together, so that little is padded


@dataclass(frozen=True, eq=False)
class LabelledReading(Reading):
    """One text, a pair of texts, or a tagged sentence or a part of one."""

    positions: np.ndarray  # int (k,): 0 for a text; of each word of a tagged sentence, that of `first_subwords`
    gold: np.ndarray  # int (k,): class numbers
    first: int  # where the labels begin in those of the whole set, one after the other

    @property
    def n_rows(self) -> int:
        """How many rows of a batch it takes."""
        return 1

    @classmethod
    def batch(cls, readings: Sequence[Any], pad_id: int, device: torch.device | str) -> "TaskBatch":
        """Readings of this kind side by side, padded to the longest."""
        rows = np.repeat(np.arange(len(readings)), [len(reading.positions) for reading in readings])
        positions, gold = (np.concatenate([getattr(r, name) for r in readings]) for name in ("positions", "gold"))
        numbers = np.concatenate([reading.first + np.arange(len(reading.gold)) for reading in readings])
        labels = (torch.from_numpy(array).to(device) for array in (rows, positions, gold))
        return TaskBatch(*vars(pad(readings, pad_id, device)).values(), *labels, numbers)


@dataclass(frozen=True, eq=False)
class TaskBatch(Batch):
    """Readings side by side; m labels are read at `rows`, `positions`."""

    rows: Tensor  # int64 (m,)
    positions: Tensor  # int64 (m,)
    gold: Tensor  # int64 (m,)
    numbers: np.ndarray  # int (m,): where each label stands in those of the whole set

    def losses(self, logits: Tensor) -> Tensor:
        """Mean cross-entropy of the labels, in nats, of each head: (heads, m, n_labels) -> (heads,)."""
        gold = self.gold.repeat(len(logits))
        return functional.cross_entropy(logits.flatten(0, 1), gold, reduction="none").view(len(logits), -1).mean(1)

    def classes(self, logits: Tensor) -> Tensor:
        """The class with the highest score at each label: (heads, m, n_labels) -> int (heads, m)."""
        return logits.argmax(-1)


def read_examples(
    tokenizer: PreTrainedTokenizerBase, examples: SentenceSet | TaggedSet, max_length: int
) -> list[LabelledReading]:
    """Cut examples into subwords. A text that is too long is cut; a tagged sentence is split between words.

    Args:
        tokenizer: of the encoder.
        examples: at least one; class numbers are indices into its `labels`.
        max_length: the most subwords of a reading, special tokens counted.

    Raises:
        ValueError: a limit that leaves no room for text.
    """
    number = {label: index for index, label in enumerate(examples.labels)}
    if isinstance(examples, TaggedSet):
        return _tagged(tokenizer, examples, number, max_length)
    encodings = tokenise(tokenizer, examples.texts, max_length, examples.seconds)
    return [
        LabelledReading.of(
            encoding, tokenizer, positions=np.zeros(1, dtype=np.int64), gold=np.array([number[label]]), first=row
        )
        for row, (encoding, label) in enumerate(zip(encodings, examples.gold, strict=True))
    ]


def _tagged(
    tokenizer: PreTrainedTokenizerBase, examples: TaggedSet, number: dict[str, int], max_length: int
) -> list[LabelledReading]:
    room = max_length - special_tokens(tokenizer, max_length)
    words = [list(words) for words in examples.words]
    whole = tokenizer(words, is_split_into_words=True, add_special_tokens=False, verbose=False)
    parts, tags, firsts, start = [], [], [], 0
    for words, gold, encoding in zip(examples.words, examples.gold, whole.encodings, strict=True):
        counts = np.bincount([word for word in encoding.word_ids if word is not None], minlength=len(words))
        known = [word if count else tokenizer.unk_token for word, count in zip(words, counts, strict=True)]
        for window in windows(np.maximum(counts, 1).tolist(), room):
            parts.append(known[window])
            tags.append(np.array([number[tag] for tag in gold[window]]))
            firsts.append(start + window.start)
        start += len(words)
    encodings, marks = tokenise(tokenizer, parts, max_length, split=True), word_marks(tokenizer)
    return [
        LabelledReading.of(
            encoding,
            tokenizer,
            positions=first_subwords(encoding.word_ids, encoding.ids, marks),
            gold=gold,
            first=first,
        )
        for encoding, gold, first in zip(encodings, tags, firsts, strict=True)
    ]


def batch_examples(
    readings: Sequence[LabelledReading], size: int, pad_id: int, device: torch.device, seed: int | None = None
) -> list[TaskBatch]:
    """Batches of readings of similar length.

    Args:
        readings: in any order.
        size: readings in a batch; the last may hold fewer.
        pad_id: number of the padding token.
        device: where the batches go.
        seed: of the random choice of what is batched together; None sorts all by length.
    """
    lengths = np.array([len(reading) for reading in readings])
    if seed is None:
        order = np.argsort(-lengths, kind="stable")
    else:
        order = np.random.default_rng(seed).permutation(len(readings))
        pools = [order[start : start + POOL * size] for start in range(0, len(order), POOL * size)]
        order = np.concatenate([pool[np.argsort(-lengths[pool], kind="stable")] for pool in pools])
    chosen = [order[start : start + size] for start in range(0, len(order), size)]
    return [pad_readings([readings[row] for row in rows], pad_id, device) for rows in chosen]


def pad_readings(readings: Sequence[LabelledReading], pad_id: int, device: torch.device | str = "cpu") -> TaskBatch:
    """Readings of one kind, at least one, side by side, padded to the longest."""
    return type(readings[0]).batch(readings, pad_id, device)
