"""Many heads at once: every layer, fusion, weight and seed trained together on one pass of a frozen encoder.

Heads of one kind lie on top of each other, parameter by parameter, and run as one batched pass (`torch.vmap`). What
one head learns does not depend on the others: losses are added, and AdamW and clipping treat each head alone. So a head
that has learnt enough can leave, and the others go on as if it were still there.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from dlfa_core.models.fusion.build import build_fusion
from dlfa_core.models.fusion.controls import Concat, side_by_side
from dlfa_core.models.fusion.packed import Packing, fuse_at
from dlfa_core.models.fusion.registry import find_fusion
from dlfa_core.models.heads import SentenceHead, TokenHead
from dlfa_core.models.task_batches import TaskBatch

LARGEST_GRADIENT = 1.0  # norm that a head's gradient is clipped to, as in XTREME
PART_MEMORY = 4 * 2**30  # bytes that the heads that are computed at once may take
COPIES = 8  # of all tokens' states that a head keeps until its gradient is known, and two more of each state it reads
WARM_UP = 20  # steps over which the rate rises where it does not fall


@dataclass(frozen=True)
class HeadSpec:
    """One head: a fusion of `FUSIONS`, its lower layer and weight, None where it has no such choice, and a seed."""

    fusion: str
    layer: int | None
    weight: str | None
    seed: int


class StackedHeads:
    """Heads for the states of one encoder.

    Args:
        plans: one for each head; their order is that of every result.
        tagging: whether each word is labelled, or each text.
        hidden_size, n_layers: of the encoder: width of a state, and L blocks.
        n_labels: classes.
        reduction, norm: of the fusions.
        device: where the parameters go.

    Raises:
        ValueError: unknown fusion, weight or norm, or a layer that the encoder lacks.
    """

    def __init__(
        self,
        plans: Sequence[HeadSpec],
        tagging: bool,
        hidden_size: int,
        n_layers: int,
        n_labels: int,
        reduction: int = 4,
        norm: str | None = "batch",
        device: torch.device | str = "cpu",
    ):
        self.plans = tuple(plans)
        kinds: dict[tuple[str, str | None], list[int]] = {}
        for index, plan in enumerate(self.plans):
            kinds.setdefault((plan.fusion, plan.weight), []).append(index)
        self._stacks = [
            _Stack(
                indices,
                [self.plans[index] for index in indices],
                [
                    _head(self.plans[index], tagging, hidden_size, n_layers, n_labels, reduction, norm).to(device)
                    for index in indices
                ],
                n_layers,
            )
            for indices in kinds.values()
        ]

    @property
    def present(self) -> np.ndarray:
        """int (heads,): the indices of the heads that have not left, in the order of the plans."""
        return np.sort(np.concatenate([stack.indices for stack in self._stacks]))

    @property
    def states(self) -> tuple[int, ...]:
        """The numbers of the states that any present head reads."""
        return tuple(sorted({number for stack in self._stacks for read in stack.reads for number in read}))

    def parameters(self) -> Iterator[Tensor]:
        """Stacked parameters of the present heads: first axis heads."""
        for stack in self._running():
            yield from stack.weights.values()

    def logits(self, states: dict[int, Tensor], batch: TaskBatch, training: bool = False) -> Tensor:
        """Return what every present head says at every label of a batch.

        Args:
            states: number -> (batch, seq, hidden), those in `self.states`.
            batch: what they are states of.
            training: normalise by the batch, and move running statistics.

        Returns:
            (heads, m, n_labels), in the order of `present`.
        """
        return self.in_order(list(self.parts(states, batch, training)))

    def parts(self, states: dict[int, Tensor], batch: TaskBatch, training: bool = False) -> Iterator[Tensor]:
        """Logits as `logits` gives them, of a few heads at a time, so that what they compute takes no more than
        `PART_MEMORY`; `in_order` puts together what was made of them.
        """
        columns = _Columns({number: states[number] for number in self.states}, batch)
        for stack in self._running():
            yield from stack.parts(columns, training)

    def in_order(self, parts: Sequence[Tensor]) -> Tensor:
        """What was made of each of `parts`, first axis heads, as one in the order of `present`."""
        order = np.concatenate([stack.indices for stack in self._running()]).argsort()
        whole = torch.cat(list(parts))
        return whole[torch.from_numpy(order).to(whole.device)]

    @torch.no_grad()
    def logits_of(self, states: dict[int, Tensor], batch: TaskBatch) -> Tensor:
        """`logits` of heads that do not learn from them."""
        return self.logits(states, batch)

    @torch.no_grad()
    def predict(self, states: dict[int, Tensor], batch: TaskBatch) -> Tensor:
        """(heads, m) class numbers, in the order of `present`."""
        return batch.classes(self.logits(states, batch))

    def state_of(self, index: int) -> dict[str, Tensor]:
        """The weights and statistics of one present head, as a `Head` of a task model loads them."""
        for stack in self._stacks:
            if index in stack.indices:
                return stack.state_of(int(np.flatnonzero(stack.indices == index)[0]))
        raise IndexError(f"There are {len(self.plans)} heads, numbered from 0, and no head {index}.")

    @torch.no_grad()
    def clip_gradients(self, largest: float = LARGEST_GRADIENT) -> None:
        """Scale down the gradient of each head whose norm is larger."""
        for stack in self._running():
            gradients = [weight.grad.flatten(1) for weight in stack.weights.values()]
            norms = torch.stack([gradient.norm(dim=1) for gradient in gradients])
            scale = (largest / (norms.norm(dim=0) + 1e-6)).clamp(max=1)
            for gradient in gradients:
                gradient *= scale[:, None]

    def remember(self, which: Sequence[bool]) -> None:
        """Keep the state of some heads, (heads,), to `recall` it later; of those that left, nothing is kept."""
        for stack in self._running():
            stack.remember(np.asarray(which)[stack.indices])

    def leave(self, which: np.ndarray) -> dict[Tensor, tuple[Tensor, Tensor]]:
        """Let some heads, bool (heads,), go, until `recall`; what they were before is lost unless remembered.

        Returns:
            The stacked parameters before -> those of the heads that stay, and their rows among those before.
        """
        moved: dict[Tensor, tuple[Tensor, Tensor]] = {}
        for stack in self._running():
            if which[stack.indices].any():
                moved |= stack.leave(which[stack.indices])
        return moved

    def recall(self) -> None:
        """Bring all heads back, each as it was remembered last."""
        for stack in self._stacks:
            stack.recall()

    def _running(self) -> list["_Stack"]:
        """The stacks in which there are heads."""
        return [stack for stack in self._stacks if len(stack.indices)]


class HeadTraining:
    """AdamW without weight decay on stacked heads.

    Args:
        heads: what to train.
        lr: the highest rate.
        steps: in all, over which the rate falls to 0 in a line. None if they are not known: then the rate rises over
            `WARM_UP` steps and stays.
    """

    def __init__(self, heads: StackedHeads, lr: float, steps: int | None = None):
        self.heads = heads
        self._optimizer = torch.optim.AdamW(heads.parameters(), lr=lr, eps=1e-8, weight_decay=0.0, fused=True)
        falling, rising = (lambda step: max(0.0, 1 - step / steps)), (lambda step: min(1.0, (step + 1) / WARM_UP))
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, falling if steps else rising)

    def step(self, states: dict[int, Tensor], batch: TaskBatch) -> Tensor:
        """Learn from one batch; returns (heads,), each present head's mean cross-entropy in nats before the step."""
        self._optimizer.zero_grad()
        parts = []
        for logits in self.heads.parts(states, batch, training=True):
            losses = batch.losses(logits)
            losses.sum().backward()  # heads know nothing of each other, so that each part may forget what it computed
            parts.append(losses.detach())
            del logits, losses
        self.heads.clip_gradients()
        self._optimizer.step()
        self._schedule.step()
        return self.heads.in_order(parts)

    def leave(self, which: np.ndarray) -> None:
        """Let some heads, bool (heads,), go; the moments of the others stay."""
        state = self._optimizer.state
        for before, (after, rows) in self.heads.leave(which).items():
            own = state.pop(before, {})
            state[after] = {name: value[rows] if value.ndim else value for name, value in own.items()}
        self._optimizer.param_groups[0]["params"] = list(self.heads.parameters())


class _Columns:
    """States of a batch, put together for heads side by side; stacks that read the same states follow each other, so
    that what was put together last is kept.

    Args:
        states: number -> (batch, seq, hidden).
        batch: what they are states of.
    """

    def __init__(self, states: dict[int, Tensor], batch: TaskBatch):
        self.packing = Packing.of(batch.mask, batch.rows, batch.positions)
        self._packed = {number: self.packing.pack(state) for number, state in states.items()}
        self.largest = max(state.nbytes for state in self._packed.values())  # bytes
        self._last: dict[bool, tuple[tuple[int, ...], Tensor]] = {}

    def of(self, numbers: tuple[int, ...], labelled: bool) -> Tensor:
        """The states of these numbers, of all tokens or of those that are labelled: (heads, n or m, hidden), or without
        the first axis where there is one number.
        """
        if len(numbers) == 1:
            state = self._packed[numbers[0]]
            return state[self.packing.at] if labelled else state
        if self._last.get(labelled, ((), None))[0] != numbers:
            self._last.pop(labelled, None)  # before there is another one
            self._last[labelled] = numbers, torch.stack([self.of((number,), labelled) for number in numbers])
        return self._last[labelled][1]


class _AtLabels(nn.Module):
    """A head that computes only the logits that are labelled, (m, n_labels)."""

    def __init__(self, head: nn.Module, gated: bool):
        super().__init__()
        self.head, self.gated = head, gated

    def forward(self, states: tuple[Tensor, ...], packing: Packing) -> Tensor:
        """States are packed, (n, hidden) each; (m, hidden) for heads without a gate, which fuse tokens one by one."""
        head = self.head
        if self.gated:
            hidden = fuse_at(head.fusion, states, packing)
        elif isinstance(head, TokenHead) and isinstance(head.fusion, Concat):  # two linear maps are one
            project, classify = head.fusion.project, head.classifier
            return side_by_side(states, classify.weight @ project.weight, classify(project.bias))
        else:
            mask = torch.ones(len(packing.at), 1, dtype=torch.bool, device=packing.at.device)
            hidden = head.fusion(*(state[:, None] for state in states), mask=mask).hidden[:, 0]
        return head.classify(hidden[:, None]).flatten(0, -2)


class _Stack:
    """Heads of one fusion and weight.

    Attributes:
        indices: int (heads,): where the present ones stand among the plans.
        reads: the states that each of them reads.
        weights: their stacked parameters.
    """

    def __init__(self, indices: Sequence[int], plans: Sequence[HeadSpec], heads: Sequence[nn.Module], n_layers: int):
        fusion = find_fusion(plans[0].fusion)
        self._all = np.array(indices), [fusion.needs(plan.layer, n_layers) for plan in plans]
        self.indices, self.reads = self._all
        self._gated = fusion.gated
        readers = [_AtLabels(head, fusion.gated) for head in heads]
        self._base = deepcopy(readers[0]).to("meta")
        self.weights, self._buffers = stack_module_state(readers)
        self._best = {key: now.detach().clone() for key, now in self._now().items()}  # of all heads

    def parts(self, columns: _Columns, training: bool) -> Iterator[Tensor]:
        """(some heads, m, n_labels), in the order of the heads."""
        most = max(1, PART_MEMORY // (columns.largest * (COPIES + 2 * len(self.reads[0]))))
        for start in range(0, len(self.reads), most):
            yield self._logits(slice(start, start + most), columns, training)

    def _logits(self, heads: slice, columns: _Columns, training: bool) -> Tensor:
        read = [numbers[:1] if len(set(numbers)) == 1 else numbers for numbers in zip(*self.reads[heads], strict=True)]
        states = [columns.of(numbers, not self._gated) for numbers in read]  # the k-th of every head, each
        in_dims = (0, 0, *(None if len(numbers) == 1 else 0 for numbers in read))
        base = self._base.train(training)
        weights, buffers = ({key: now[heads] for key, now in own.items()} for own in (self.weights, self._buffers))

        def one(weights: dict[str, Tensor], buffers: dict[str, Tensor], *own: Tensor) -> Tensor:
            return functional_call(base, (weights, buffers), (own, columns.packing))

        return vmap(one, in_dims=in_dims)(weights, buffers, *states)

    def state_of(self, row: int) -> dict[str, Tensor]:
        return {key.removeprefix("head."): now[row].detach().clone() for key, now in self._now().items()}

    @torch.no_grad()
    def remember(self, which: np.ndarray) -> None:
        """Keep the state of some of the present heads, bool (present,)."""
        rows = np.flatnonzero(np.isin(self._all[0], self.indices[which]))
        for key, now in self._now().items():
            self._best[key][rows] = now[which]

    @torch.no_grad()
    def leave(self, which: np.ndarray) -> dict[Tensor, tuple[Tensor, Tensor]]:
        """Without some of the present heads; as `StackedHeads.leave`."""
        stay = np.flatnonzero(~which)
        before = self.weights
        self.indices, self.reads = self.indices[stay], [self.reads[row] for row in stay]
        rows = torch.from_numpy(stay).to(next(iter(before.values())).device)
        self.weights = {key: weight[rows].requires_grad_() for key, weight in before.items()}
        self._buffers = {key: buffer[rows] for key, buffer in self._buffers.items()}
        return {weight: (self.weights[key], rows) for key, weight in before.items()}

    @torch.no_grad()
    def recall(self) -> None:
        self.indices, self.reads = self._all
        self.weights = {key: self._best[key].clone().requires_grad_() for key in self.weights}
        self._buffers = {key: self._best[key].clone() for key in self._buffers}

    def _now(self) -> dict[str, Tensor]:
        return {**self.weights, **self._buffers}


def _head(
    plan: HeadSpec, tagging: bool, hidden_size: int, n_layers: int, n_labels: int, reduction: int, norm: str | None
) -> nn.Module:
    """A new head without dropout, which would make what a head learns depend on the company it trains in."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        fusion = build_fusion(plan.fusion, hidden_size, n_layers, reduction, norm, plan.weight or "literal")
        return (TokenHead if tagging else SentenceHead)(fusion, hidden_size, n_labels, dropout=0.0)
