"""Controls: plainer ways to the same end, called as DLFA is, with states and then a mask.

All take states (batch, seq, hidden) and a mask (batch, seq) and return `Fused`; `FUSIONS` says which
question each answers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from dlfa_core.models.fusion.aif import AIF, Branches
from dlfa_core.models.fusion.dlfa import Fused


class Last(nn.Module):
    """The last state as it is."""

    def forward(self, last: Tensor, mask: Tensor) -> Fused:
        return Fused(last)


class Average(nn.Module):
    """The mean of the states that it is given: a lower one and the last, or more."""

    def forward(self, *states: Tensor, mask: Tensor) -> Fused:
        return Fused(sum(states) / len(states))


class ScalarMix(nn.Module):
    """A learnt convex mix of all states, one share for each, the same for all tokens; it starts as their mean.

    Without the common factor of the original, which the linear map that follows can hold.

    Reference: Peters et al. (2018), Deep contextualized word representations, equation 1.
    """

    def __init__(self, n_states: int):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(n_states))

    @property
    def shares(self) -> Tensor:
        """(n_states,), each in (0, 1), 1 in sum."""
        return self.logits.softmax(0)

    def forward(self, *states: Tensor, mask: Tensor) -> Fused:
        return Fused(sum(share * state for share, state in zip(self.shares, states, strict=True)))


class Concat(nn.Module):
    """A learnt projection of both states side by side."""

    def __init__(self, hidden_size: int):
        super().__init__()
        self.project = nn.Linear(2 * hidden_size, hidden_size)

    def forward(self, lower: Tensor, last: Tensor, mask: Tensor) -> Fused:
        return Fused(side_by_side((lower, last), self.project.weight, self.project.bias))


class MLP(nn.Module):
    """Two linear maps with a ReLU between, of each token by itself: no gate, and nothing that other tokens say.

    Args:
        hidden_size: E.
        n_states: states that it reads, side by side. Of one, what it says is added to the state.
        width: between the maps; `registry.mlp_width` gives the one with which it is as large as AIF.
    """

    def __init__(self, hidden_size: int, n_states: int, width: int):
        super().__init__()
        self.squeeze, self.expand = nn.Linear(n_states * hidden_size, width), nn.Linear(width, hidden_size)

    def forward(self, *states: Tensor, mask: Tensor) -> Fused:
        said = self.expand(side_by_side(states, self.squeeze.weight, self.squeeze.bias).relu())
        return Fused(states[0] + said if len(states) == 1 else said)


def side_by_side(states: Sequence[Tensor], weight: Tensor, bias: Tensor) -> Tensor:
    """A linear map of states as if they stood side by side, without a copy of them: heads share the last one."""
    parts = weight.chunk(len(states), -1)
    return sum(map(functional.linear, states, parts)) + bias


class Extra(nn.Module):
    """AIF as a block of its own on the last state, last * gate: DLFA's weights without its lower state."""

    def __init__(self, hidden_size: int, reduction: int = 4, norm: str | None = "batch"):
        super().__init__()
        self.aif = AIF(hidden_size, reduction, norm)

    def forward(self, last: Tensor, mask: Tensor) -> Fused:
        gate = self.aif(last, mask)
        return Fused(last * gate, gate=gate)

    def branches(self, last: Tensor, mask: Tensor) -> Branches:
        """Return what both branches of AIF say before the sigmoid; arguments as for `forward`."""
        return self.aif.branches(last, mask)
