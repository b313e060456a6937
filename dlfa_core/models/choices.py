"""Multiple choice as an encoder reads it: a question with each of its choices, and one score for each pair.

A question is one example, whose pairs stay in one batch, so that its scores can be held against each other: a softmax
over as many choices as it has.

Reference: google-research/xtreme, `third_party/run_xcopa.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from dlfa_core.data.tasks import ChoiceSet
from dlfa_core.models.reading import Reading, pad, tokenise
from dlfa_core.models.task_batches import LabelledReading, TaskBatch

NO_ROW = -1  # in `ChoiceBatch.rows_of`, where a question has fewer choices than others


@dataclass(frozen=True, eq=False)
class ChoiceReading(LabelledReading):
    """A question with its choices; `ids`, `types` and `own` are of the longest pair, `gold` is the right choice."""

    pairs: tuple[Reading, ...]

    @property
    def n_rows(self) -> int:
        return len(self.pairs)

    @classmethod
    def batch(cls, readings: "Sequence[ChoiceReading]", pad_id: int, device: torch.device | str) -> "ChoiceBatch":
        batch = pad([pair for reading in readings for pair in reading.pairs], pad_id, device)
        counts = np.array([len(reading.pairs) for reading in readings])
        ends = np.cumsum(counts)
        places = np.arange(counts.max())
        rows_of = np.where(places < counts[:, None], places + (ends - counts)[:, None], NO_ROW)
        rows = torch.arange(int(ends[-1]), device=batch.ids.device)
        return ChoiceBatch(
            *vars(batch).values(),
            rows=rows,
            positions=torch.zeros_like(rows),
            gold=torch.from_numpy(np.concatenate([reading.gold for reading in readings])).to(device),
            numbers=np.array([reading.first for reading in readings]),
            rows_of=torch.from_numpy(rows_of).to(device),
        )


@dataclass(frozen=True, eq=False)
class ChoiceBatch(TaskBatch):
    """Pairs of q questions side by side; each is labelled once, at its first token.

    `gold` is int64 (q,), the number of each right choice; `numbers`, int (q,), where each stands in the set.
    """

    rows_of: Tensor  # int64 (q, most choices): the row of each choice

    def losses(self, logits: Tensor) -> Tensor:
        """Mean cross-entropy over the choices of each question, in nats: (heads, m, 1) -> (heads,)."""
        scores = spread(logits[..., 0], self.rows_of)
        gold = self.gold.repeat(len(scores))
        return functional.cross_entropy(scores.flatten(0, 1), gold, reduction="none").view(len(scores), -1).mean(1)

    def classes(self, logits: Tensor) -> Tensor:
        """The choice with the highest score of each question: (heads, m, 1) -> int (heads, q)."""
        return spread(logits[..., 0], self.rows_of).argmax(-1)

    @property
    def targets(self) -> Tensor:
        """int64 (q, 1 + most choices): the right choice, and the rows of all, as `DlfaForMultipleChoice` is trained."""
        return torch.cat([self.gold[:, None], self.rows_of], 1)


def spread(scores: Tensor, rows_of: Tensor) -> Tensor:
    """Scores of rows, (..., m), as (..., q, most choices), with -inf where a question has no such choice."""
    found = scores[..., rows_of.clamp(min=0)]
    return found.masked_fill(rows_of == NO_ROW, -torch.inf)


def read_choices(tokenizer: PreTrainedTokenizerBase, examples: ChoiceSet, max_length: int) -> list[ChoiceReading]:
    """Cut questions with each of their choices into subwords, and off where a pair is too long.

    Args:
        tokenizer: of the encoder.
        examples: at least one.
        max_length: the most subwords of a pair, special tokens counted.

    Raises:
        ValueError: a limit that leaves no room for text.
    """
    counts = [len(choices) for choices in examples.choices]
    texts = [text for text, count in zip(examples.texts, counts, strict=True) for _ in range(count)]
    encodings = tokenise(tokenizer, texts, max_length, [choice for own in examples.choices for choice in own])
    pairs = [Reading.of(encoding, tokenizer) for encoding in encodings]
    number = {label: index for index, label in enumerate(examples.labels)}
    found, start = [], 0
    for row, (count, label) in enumerate(zip(counts, examples.gold, strict=True)):
        own = tuple(pairs[start : start + count])
        longest = max(own, key=len)
        start += count
        found.append(
            ChoiceReading(
                longest.ids,
                longest.types,
                longest.own,
                truncated=any(pair.truncated for pair in own),
                unknown=sum(pair.unknown for pair in own),
                positions=np.zeros(1, dtype=np.int64),
                gold=np.array([number[label]]),
                first=row,
                pairs=own,
            )
        )
    return found
