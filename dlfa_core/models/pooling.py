"""From token states to one vector a text. Sums are taken in float32, whatever the model's dtype."""

import torch
from torch import Tensor


def mean(state: Tensor, keep: Tensor) -> Tensor:
    """The mean of the kept tokens: (batch, seq, hidden) and bool (batch, seq) -> float32 (batch, hidden)."""
    total = state.masked_fill(~keep[..., None], 0).sum(1, dtype=torch.float32)
    return total / keep.sum(1, keepdim=True)


def cls(state: Tensor, keep: Tensor) -> Tensor:
    """The first token, [CLS] or <s>, whatever is kept: (batch, seq, hidden) -> float32 (batch, hidden)."""
    return state[:, 0].to(torch.float32, copy=True)  # a view would keep the whole state alive


def largest(state: Tensor, keep: Tensor) -> Tensor:
    """The maximum of each dimension over the kept tokens: shapes as for `mean`."""
    return state.masked_fill(~keep[..., None], -torch.inf).amax(1).float()


POOLINGS = {"mean": mean, "cls": cls, "max": largest}
