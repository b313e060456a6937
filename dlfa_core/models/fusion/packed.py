"""Fusions computed only where labels are read: the numbers of `DLFA` and `Extra`, for a fraction of the work.

In training, AIF looks at every token for the statistics of its norms, but at most words are labelled at their first
subword and texts at their first token, and padding is never looked at. So tokens are packed without padding, and the
wide half of the local branch, `norm(expand(x))`, is computed at the labels alone: the mean and the variance of a
linear map's output over all tokens follow from the mean and the covariance of its narrow input. Where norms keep no
statistics of a batch, the local branch is computed at the labels alone.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from dlfa_core.models.fusion.aif import AIF
from dlfa_core.models.fusion.controls import Extra
from dlfa_core.models.fusion.dlfa import DLFA
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

    def pack(self, state: Tensor) -> Tensor:
        """(batch, seq, hidden) -> (n, hidden)."""
        return state[self.rows, self.positions]


def fuse_at(fusion: nn.Module, states: tuple[Tensor, ...], packing: Packing) -> Tensor:
    """Return what a gated fusion makes of the labelled tokens.

    Args:
        fusion: a `DLFA` (also "se") or an `Extra`.
        states: those it reads, packed: (n, hidden) each.
        packing: of the batch.

    Returns:
        (m, hidden), as `fusion(*states, mask=mask).hidden` has them there.
    """
    if isinstance(fusion, Extra):
        (last,) = states
        return last[packing.at] * gate_at(fusion.aif, last, packing)
    assert isinstance(fusion, DLFA)
    w = (states[0] + states[1]) / 2
    gate = gate_at(fusion.aif, w, packing)
    lower, last = (state[packing.at] for state in states)
    return last + (w[packing.at] * gate if fusion.literal else gate) * (lower - last)


def gate_at(aif: AIF, w: Tensor, packing: Packing) -> Tensor:
    """The gate of packed tokens (n, hidden) at the labelled ones, (m, hidden)."""
    belongs = packing.belongs.to(w.dtype)
    means = belongs @ w / belongs.sum(1, keepdim=True)
    everywhere = torch.ones(len(means), 1, dtype=torch.bool, device=w.device)
    logits = aif.global_branch(means[:, None], everywhere)[packing.rows[packing.at], 0]
    if aif.local_branch is not None:
        logits = logits + _branch_at(aif.local_branch, w, packing.at)
    return torch.sigmoid(logits)


def _branch_at(branch: nn.Module, w: Tensor, at: Tensor) -> Tensor:
    """`branch` of (n, wide) at some of them, (m, wide)."""
    everywhere = torch.ones(1, len(w), dtype=torch.bool, device=w.device)
    expand, norm = branch.expand, branch.expand_norm
    if not (isinstance(norm, MaskedBatchNorm) and norm.training):  # no token's number depends on the others
        return branch(w[at][None], everywhere[:, : len(at)])[0]
    narrow = branch.squeeze_norm(branch.squeeze(w)[None], everywhere)[0].relu()
    mean = narrow.mean(0)
    centred = narrow - mean
    covariance = centred.T @ centred / len(narrow)
    moments = expand(mean), ((expand.weight @ covariance) * expand.weight).sum(1)
    mean, var = norm.settle(*moments, everywhere.sum().to(w.dtype))
    scale = norm.weight * torch.rsqrt(var + norm.eps)
    return functional.linear(narrow[at], expand.weight * scale[:, None], (expand.bias - mean) * scale + norm.bias)
