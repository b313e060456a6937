"""Token states of a frozen encoder, batch by batch, kept in memory where they fit."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from dlfa_core.models.blocks import visit_states
from dlfa_core.models.encoder import Encoder
from dlfa_core.models.task_batches import TaskBatch


class Passes:
    """Passes over batches through a frozen encoder.

    Args:
        encoder: whose states are read.
        batches: what it reads.
        states: the numbers of the states that are wanted.
        memory: bytes that the states of all batches may take; where they take more, the encoder runs anew on
            every pass, which gives the same numbers.
    """

    def __init__(self, encoder: Encoder, batches: Sequence[TaskBatch], states: Sequence[int], memory: int = 0):
        self._encoder, self._batches, self._wanted = encoder, batches, tuple(states)
        tokens = sum(batch.ids.numel() for batch in batches)
        self.keeps = tokens * len(self._wanted) * encoder.hidden_size * 4 <= memory
        self._kept: dict[int, dict[int, Tensor]] = {}

    def __len__(self) -> int:
        return len(self._batches)

    def over(self, order: Sequence[int] | None = None) -> Iterator[tuple[TaskBatch, dict[int, Tensor]]]:
        """Batches, in this order, and their states: number -> float32 (batch, seq, hidden)."""
        for place in range(len(self)) if order is None else order:
            states = self._kept.get(place)
            if states is None:
                states = token_states(self._encoder, self._batches[place], self._wanted)
                if self.keeps:
                    self._kept[place] = states
            yield self._batches[place], states


@torch.no_grad()  # not inference mode: heads learn from these tensors
def token_states(encoder: Encoder, batch: TaskBatch, numbers: Sequence[int]) -> dict[int, Tensor]:
    """Some states of a batch: number -> float32 (batch, seq, hidden)."""
    model, seen = encoder.model, []
    if getattr(model.config, "type_vocab_size", 0) > 1:
        model = partial(model, token_type_ids=batch.types)
    visit_states(
        model,
        encoder.blocks,
        lambda state: seen.append(state.float() if len(seen) in numbers else None),
        batch.ids,
        batch.mask,
    )
    return {number: seen[number] for number in numbers}
