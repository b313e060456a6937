"""A text classifier that can be run from any point inside it.

A *point* is None for the vectors of the subwords, before positions are added, or k for state k (0 = embedding output,
k = output of block k). What is explained is always the same: the output for a text less that for its baseline. A point
only says at which depth the difference is shared out among positions.

One state is not always all that the output depends on. A fusion that reads state 6 also when state 9 is given needs
both, so the point 9 of such a model is the *cut* (6, 9): both are moved together, and a position's score is the sum.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from dlfa_core.models.blocks import fed, find_blocks, skipping, visit_states
from dlfa_core.models.encoder import Encoder
from dlfa_core.models.reading import Batch
from dlfa_core.models.stacked import StackedHeads
from dlfa_core.models.task_batches import TaskBatch

States = tuple[Tensor, ...]  # (batch, seq, hidden) each


class Subject:
    """What attribution asks of a classifier; the model is frozen and put into evaluation mode.

    What goes in and comes out is float32, whatever the model computes in: a straight line between two texts has more
    points than bfloat16 has numbers.

    Args:
        model: of transformers, with `logits` (batch, n_labels): a plain checkpoint for sequence classification.

    Attributes:
        labels: names of the classes, in the order of the logits.
        n_layers: L, its blocks.

    Raises:
        ValueError: the model's blocks cannot be found.
    """

    def __init__(self, model: nn.Module):
        self.model = model.eval().requires_grad_(False)
        self.encoder = self._find_encoder()
        self.blocks = find_blocks(self.encoder)
        if not self.blocks:
            raise ValueError(
                f"{type(model).__name__} has no single list of blocks, so its layers cannot be told apart: "
                "use BERT, DistilBERT, RoBERTa or XLM-R, DeBERTa-v2, or a fusion model."
            )
        self.n_layers = len(self.blocks)
        names = model.config.id2label or {}
        self.labels = tuple(str(names[number]) for number in sorted(names))
        self._sliceable: dict[int, bool] = {}

    @staticmethod
    def of(model: nn.Module) -> "Subject":
        """The right kind of subject for a model."""
        return FusionSubject(model) if hasattr(model, "head") and hasattr(model, "reads") else Subject(model)

    @cached_property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    @cached_property
    def dtype(self) -> torch.dtype:
        return next(self.model.parameters()).dtype

    def cut(self, point: int | None) -> tuple[int, ...]:
        """The states that are moved together at a point; empty for the input.

        Raises:
            ValueError: a layer that the model lacks.
        """
        if point is None:
            return ()
        if not 0 <= point <= self.n_layers:
            raise ValueError(
                f"Layer {point} does not exist: this model has layers 0 (the embedding output) to {self.n_layers}. "
                "Leave the layer out to explain at the subwords themselves."
            )
        return (point,)

    def vectors(self, ids: Tensor) -> Tensor:
        """The vectors of subwords: (batch, seq) -> (batch, seq, width)."""
        return self.encoder.get_input_embeddings()(ids).float()

    @torch.no_grad()
    def read(self, point: int | None, vectors: Tensor, batch: Batch) -> States:
        """Return what stands at a point when these vectors are read."""
        if point is None:
            return (vectors,)
        seen = self._states(vectors, batch, 0, None)
        return tuple(seen[number].float() for number in self.cut(point))

    def logits(self, point: int | None, states: States, batch: Batch) -> Tensor:
        """(batch, n_labels), from what stands at a point."""
        if point is None:
            return self._call(states[0], batch)
        count, given = min(point, self.n_layers - 1), states[-1]
        if not self._can_skip(count, batch):
            count = 0
        with skipping(self.encoder, self.blocks, count), self._replaced(point, given):
            return self._call(self._placeholder(given, batch), batch)

    def _find_encoder(self) -> nn.Module:
        return getattr(self.model, "base_model", self.model)

    def _call(self, vectors: Tensor, batch: Batch) -> Tensor:
        inputs = vectors.to(self.dtype)
        return self.model(inputs_embeds=inputs, **self._masks(batch)).logits.float()

    def _states(self, vectors: Tensor, batch: Batch, first: int, replacement: Tensor | None) -> dict[int, Tensor]:
        """State number -> state, from `first` on; that one is replaced where a replacement is given."""
        seen: dict[int, Tensor] = {}
        masks = self._masks(batch)
        replaced = nullcontext() if replacement is None else self._replaced(first, replacement)
        with skipping(self.encoder, self.blocks, first), replaced:
            visit_states(
                lambda input_ids, attention_mask, return_dict: self.encoder(
                    inputs_embeds=vectors.to(self.dtype), return_dict=return_dict, **masks
                ),
                self.blocks[first:],
                lambda state: seen.setdefault(first + len(seen), state),
                batch.ids,
                batch.mask,
            )
        return seen

    def _masks(self, batch: Batch) -> dict[str, Tensor]:
        """Return what a forward pass wants beside the vectors."""
        masks = {"attention_mask": batch.mask}
        if getattr(self.encoder.config, "type_vocab_size", 0) > 1:
            masks["token_type_ids"] = batch.types
        return masks

    def _placeholder(self, given: Tensor, batch: Batch) -> Tensor:
        """Vectors to start a pass from whose first states are replaced anyway."""
        width = self.encoder.get_input_embeddings().embedding_dim
        return given.new_zeros(1, 1, 1).expand(*batch.mask.shape, width)

    @contextmanager
    def _replaced(self, point: int, state: Tensor) -> Iterator[None]:
        """Let a state be another one, whatever comes out of the blocks before it."""
        state = state.to(self.dtype)
        if point < self.n_layers:
            with fed(self.blocks[point], state):
                yield
            return

        def leave(block: nn.Module, inputs: tuple, output: Tensor | tuple) -> Tensor | tuple:
            return state if isinstance(output, Tensor) else (state, *output[1:])

        with self.blocks[-1].register_forward_hook(leave):
            yield

    @torch.no_grad()
    def _can_skip(self, count: int, batch: Batch) -> bool:
        """Tell whether the blocks from `count` + 1 on do the same when those before are left out; tried once a layer.

        In a few architectures a block's place decides what it does.
        """
        if count not in self._sliceable:
            one = batch.take(torch.zeros(1, dtype=torch.long, device=batch.ids.device))
            vectors = self.vectors(one.ids)
            state = self._states(vectors, one, 0, None)[count]
            with skipping(self.encoder, self.blocks, count), self._replaced(count, state):
                found = self._call(self._placeholder(state, one), one)
            self._sliceable[count] = torch.allclose(found, self._call(vectors, one), atol=1e-4, rtol=1e-4)
        return self._sliceable[count]


class FusionSubject(Subject):
    """A fusion model: its head reads several states."""

    def cut(self, point: int | None) -> tuple[int, ...]:
        cut = super().cut(point)
        return (*(number for number in sorted(self.model.reads) if number < point), point) if cut else ()

    def logits(self, point: int | None, states: States, batch: Batch) -> Tensor:
        if point is None:
            return self._judge(self._states(states[0], batch, 0, None), batch)
        given = dict(zip(self.cut(point), states, strict=True))
        if point < self.n_layers:
            given |= self._states(self._placeholder(states[-1], batch), batch, point, states[-1])
        return self._judge(given, batch)

    def _find_encoder(self) -> nn.Module:
        return self.model.encoder

    def _judge(self, states: dict[int, Tensor], batch: Batch) -> Tensor:
        read = (states[number].to(self.dtype) for number in self.model.reads)
        return self.model.head(*read, mask=batch.mask).float()


class StackedSubject(Subject):
    """Many heads on one frozen encoder, at the input only: `logits` are (batch, systems, n_labels).

    Args:
        encoder: of `Encoder.from_pretrained`, in float32.
        heads: of sentences, on its states.
        labels: the classes.
        shares: (systems, heads); a system's logits are the mean of its heads', such as one fusion's with several seeds.
        only: the number of a system, to be the only one: `logits` are (batch, n_labels) then.
    """

    def __init__(
        self, encoder: Encoder, heads: StackedHeads, labels: Sequence[str], shares: np.ndarray, only: int | None = None
    ):
        super().__init__(encoder.model)
        self.labels = tuple(labels)
        self._encoder, self._heads, self._only, self._numbers = encoder, heads, only, shares
        self._shares = torch.from_numpy(np.asarray(shares, dtype=np.float32)).to(self.device)

    def alone(self, system: int) -> "StackedSubject":
        """The same with one of the systems."""
        return StackedSubject(self._encoder, self._heads, self.labels, self._numbers, system)

    def cut(self, point: int | None) -> tuple[int, ...]:
        if point is not None:
            raise ValueError(
                f"Heads on a frozen encoder are explained at the subwords, not at layer {point}: leave the layer out, "
                "or train task models and name them."
            )
        return ()

    def _find_encoder(self) -> nn.Module:
        return self.model

    def _call(self, vectors: Tensor, batch: Batch) -> Tensor:
        rows = torch.arange(len(vectors), device=vectors.device)
        zeros = torch.zeros_like(rows)
        labels = TaskBatch(*vars(batch).values(), rows, zeros, zeros, rows.cpu().numpy())
        logits = self._heads.logits(self._states(vectors, batch, 0, None), labels)  # (heads, batch, n_labels)
        if self._only is not None:
            return torch.einsum("h,hbl->bl", self._shares[self._only], logits)
        return torch.einsum("sh,hbl->bsl", self._shares, logits)
