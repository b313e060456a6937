"""Token states of a frozen encoder, batch by batch, kept in memory where they fit."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from dlfa_core.models.blocks import visit_states, with_types
from dlfa_core.models.encoder import Encoder
from dlfa_core.models.task_batches import TaskBatch


class Passes:
    """Passes over batches through a frozen encoder.

    States that fit are kept as they are. Where they do not, they are rounded to float16, so that twice as many do, and
    the encoder runs anew on the other batches in every pass. All are rounded then, kept or not, so that a text's states
    do not depend on its place.

    Args:
        encoder: whose states are read.
        batches: what it reads.
        states: the numbers of the states that are wanted.
        memory: bytes that the states of all batches may take; 0 keeps none.

    Attributes:
        keeps: whether the states of all batches are kept.
    """

    def __init__(self, encoder: Encoder, batches: Sequence[TaskBatch], states: Sequence[int], memory: int = 0):
        self._encoder, self._batches, self._wanted = encoder, batches, tuple(states)
        numbers = sum(batch.ids.numel() for batch in batches) * len(self._wanted) * encoder.hidden_size
        own = encoder.model.dtype  # of 16 bits, it holds the states as they are
        self._kind = torch.float16 if own == torch.float32 and 0 < memory < 4 * numbers else own
        self._free, self.keeps = memory, numbers * self._kind.itemsize <= memory
        self._kept: dict[int, dict[int, Tensor]] = {}

    def __len__(self) -> int:
        return len(self._batches)

    def over(self, order: Sequence[int] | None = None) -> Iterator[tuple[TaskBatch, dict[int, Tensor]]]:
        """Batches, in this order, and their states: number -> float32 (batch, seq, hidden)."""
        for index in range(len(self)) if order is None else order:
            states = self._kept.get(index)
            if states is None:
                found = token_states(self._encoder, self._batches[index], self._wanted)
                states = {number: _rounded(state, self._kind) for number, state in found.items()}
                size = sum(state.nbytes for state in states.values())
                if size <= self._free:
                    self._kept[index] = states
                    self._free -= size
            yield self._batches[index], {number: state.float() for number, state in states.items()}


def _rounded(state: Tensor, kind: torch.dtype) -> Tensor:
    """A state in a number format; as it is if that has no numbers as large."""
    rounded = state.to(kind)
    return rounded if rounded.isfinite().all() else state


@torch.no_grad()  # not inference mode: heads learn from these tensors
def token_states(encoder: Encoder, batch: TaskBatch, numbers: Sequence[int]) -> dict[int, Tensor]:
    """Some states of a batch: number -> float32 (batch, seq, hidden)."""
    seen = []
    visit_states(
        with_types(encoder.model, batch.types),
        encoder.blocks,
        lambda state: seen.append(state.float() if len(seen) in numbers else None),
        batch.ids,
        batch.mask,
    )
    return {number: seen[number] for number in numbers}
