"""Gated fusions computed only where labels are read: the same numbers, for a fraction of the work.

In training, AIF looks at every token for the statistics of its norms, but at most words are labelled at their first
subword and texts at their first token, and padding is never looked at. So tokens are packed without padding, and the
wide half of the local branch, `norm(expand(x))`, is computed at the labels alone: the mean and the variance of a
linear map's output over all tokens follow from the mean and the covariance of its narrow input. Where norms keep no
statistics of a batch, the local branch is computed at the labels alone. What a further gate looks at is computed at
every token.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from dlfa_core.models.fusion.aif import AIF
from dlfa_core.models.fusion.controls import Extra
from dlfa_core.models.fusion.dlfa import DLFA
from dlfa_core.models.fusion.iterated import AllLayers, Iterated, TwoLayers
from dlfa_core.models.fusion.masked import MaskedBatchNorm


@dataclass(frozen=True, eq=False)
class Packing:
    """Where the n tokens of a batch stand in it, and which m of them are labelled."""

    rows: Tensor  # int (n,): the sentence of each token
    positions: Tensor  # int (n,): its position there
    at: Tensor  # int (m,): the labelled ones among the n
    belongs: Tensor  # int64 (batch, n): 1 for the tokens of a sentence, else 0

    @classmethod
    def of(cls, mask: Tensor, rows: Tensor, positions: Tensor) -> "Packing":
        """Pack (batch, seq) tokens where `mask` is not 0, labelled at `rows`, `positions`, which are not padding."""
        token_rows, token_positions = mask.nonzero(as_tuple=True)
        numbers = mask.flatten().cumsum(0).view_as(mask) - 1
        belongs = functional.one_hot(token_rows, len(mask)).T
        return cls(token_rows, token_positions, numbers[rows, positions], belongs)

    @property
    def everywhere(self) -> "Packing":
        """The same tokens, as if all were labelled."""
        return replace(self, at=torch.arange(len(self.rows), device=self.at.device))

    def pack(self, state: Tensor) -> Tensor:
        """(batch, seq, hidden) -> (n, hidden)."""
        return state[self.rows, self.positions]


def fuse_at(fusion: nn.Module, states: tuple[Tensor, ...], packing: Packing) -> Tensor:
    """Return what a gated fusion makes of the labelled tokens.

    Args:
        fusion: of those that have a gate.
        states: those it reads, packed: (n, hidden) each.
        packing: of the batch.

    Returns:
        (m, hidden), as `fusion(*states, mask=mask).hidden` has them there.
    """
    match fusion:
        case Extra():
            (last,) = states
            return last[packing.at] * gate_at(fusion.aif, last, packing)
        case TwoLayers():
            lower, middle, last = states
            return _mixed_at(fusion.second, _mixed_at(fusion.first, lower, middle, packing.everywhere), last, packing)
        case Iterated():
            w = _mixed_at(fusion.first, *states, packing.everywhere)
            return _mixed_at(fusion.second, *states, packing, w=w)
        case AllLayers():
            mixed, *rest, last = states
            for step, state in enumerate(rest):
                mixed = _mixed_at(fusion.dlfa, mixed, state, packing.everywhere, step)
            return _mixed_at(fusion.dlfa, mixed, last, packing, len(rest))
    assert isinstance(fusion, DLFA)
    return _mixed_at(fusion, *states, packing)


def _mixed_at(
    dlfa: DLFA, lower: Tensor, last: Tensor, packing: Packing, step: int | None = None, w: Tensor | None = None
) -> Tensor:
    """What DLFA makes of packed states (n, hidden) at the labelled tokens, (m, hidden).

    Args:
        step: of its AIF, where it has steps.
        w: what its gate looks at; the mean of both states if not given.
    """
    w = (lower + last) / 2 if w is None else w
    gate = gate_at(dlfa.aif, w, packing, step)
    return dlfa.mix(lower[packing.at], last[packing.at], w[packing.at], gate).hidden


def gate_at(aif: AIF, w: Tensor, packing: Packing, step: int | None = None) -> Tensor:
    """The gate of packed tokens (n, hidden) at the labelled ones, (m, hidden)."""
    belongs = packing.belongs.to(w.dtype)
    means = belongs @ w / belongs.sum(1, keepdim=True)
    everywhere = torch.ones(len(means), 1, dtype=torch.bool, device=w.device)
    logits = aif.global_branch(means[:, None], everywhere, step)[packing.rows[packing.at], 0]
    if aif.local_branch is not None:
        logits = logits + _branch_at(aif.local_branch, w, packing.at, step)
    return torch.sigmoid(logits)


def _branch_at(branch: nn.Module, w: Tensor, at: Tensor, step: int | None) -> Tensor:
    """`branch` of (n, wide) at some of them, (m, wide)."""
    everywhere = torch.ones(1, len(w), dtype=torch.bool, device=w.device)
    expand, norm = branch.expand, branch.expand_norm
    if not (isinstance(norm, MaskedBatchNorm) and norm.training):  # no token's number depends on the others
        return branch(w[at][None], everywhere[:, : len(at)], step)[0]
    narrow = branch.squeeze_norm(branch.squeeze(w)[None], everywhere, step)[0].relu()
    mean = narrow.mean(0)
    centred = narrow - mean
    covariance = centred.T @ centred / len(narrow)
    moments = expand(mean), ((expand.weight @ covariance) * expand.weight).sum(1)
    mean, var = norm.settle(*moments, everywhere.sum().to(w.dtype), step)
    scale = norm.weight * torch.rsqrt(var + norm.eps)
    return functional.linear(narrow[at], expand.weight * scale[:, None], (expand.bias - mean) * scale + norm.bias)
