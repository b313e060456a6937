"""DLFA more than once: over more than one lower layer, or twice over the same.

All begin with the lowest state, so that the last one keeps the half of the whole at the start that DLFA leaves it, and
the one below it a quarter. The `gate` and `weight` that come back are those of the last mixing, into the last state.
"""

from torch import Tensor, nn

from dlfa_core.models.fusion.aif import Branches
from dlfa_core.models.fusion.dlfa import DLFA, Fused


class AllLayers(nn.Module):
    """DLFA of all layers, from the first to the last, with one AIF.

        h_1 = state 1
        h_k = DLFA(h_{k-1}, state k) for k = 2 ... L
        hidden = h_L

    Its weight is always the gate: the literal one, W * gate, squares what it is given, and on the states of the bundled
    encoder squares of squares overflow float32 before its 12 blocks are through. Each step has running statistics of
    its own, so that it reads in evaluation what it learnt on.

    Args:
        hidden_size, reduction, norm: of `AIF`.
        n_layers: L, at least 2.

    Raises:
        ValueError: unknown norm, or a reduction outside 1 to `hidden_size`.

    Reference: Yu et al. (2018), Deep Layer Aggregation, whose iterative aggregation begins at the shallowest layer.
    """

    def __init__(self, hidden_size: int, n_layers: int, reduction: int = 4, norm: str | None = "batch"):
        super().__init__()
        self.dlfa = DLFA(hidden_size, reduction, norm, weight="gate", steps=n_layers - 1)

    def forward(self, *states: Tensor, mask: Tensor) -> Fused:
        """Fuse states 1 to L, (batch, seq, hidden) each."""
        return self.dlfa(self._below(states, mask), states[-1], mask, len(states) - 2)

    def branches(self, *states: Tensor, mask: Tensor) -> Branches:
        """Return what both branches say of the last step before the sigmoid; arguments as for `forward`."""
        return self.dlfa.branches(self._below(states, mask), states[-1], mask, len(states) - 2)

    def _below(self, states: tuple[Tensor, ...], mask: Tensor) -> Tensor:
        """h_{L-1}."""
        mixed = states[0]
        for step, state in enumerate(states[1:-1]):
            mixed = self.dlfa(mixed, state, mask, step).hidden
        return mixed


class TwoLayers(nn.Module):
    """DLFA of two lower layers: the lowest is mixed into the middle one, and what comes of it into the last.

    Args:
        hidden_size, reduction, norm, weight: of both `DLFA`, which share nothing.

    Raises:
        ValueError: as `DLFA`.
    """

    def __init__(self, hidden_size: int, reduction: int = 4, norm: str | None = "batch", weight: str = "literal"):
        super().__init__()
        self.first, self.second = (DLFA(hidden_size, reduction, norm, weight) for _ in range(2))

    def forward(self, lower: Tensor, middle: Tensor, last: Tensor, mask: Tensor) -> Fused:
        """Fuse three states, (batch, seq, hidden) each."""
        return self.second(self.first(lower, middle, mask).hidden, last, mask)

    def branches(self, lower: Tensor, middle: Tensor, last: Tensor, mask: Tensor) -> Branches:
        """Return what both branches of the second AIF say before the sigmoid; arguments as for `forward`."""
        return self.second.branches(self.first(lower, middle, mask).hidden, last, mask)


class Iterated(nn.Module):
    """DLFA whose gate is made of what a first DLFA makes of the same two states, in place of their mean.

    Args:
        hidden_size, reduction, norm, weight: of both `DLFA`, which share nothing.

    Raises:
        ValueError: as `DLFA`.

    Reference: Dai et al. (2021), Attentional Feature Fusion: iterative AFF.
    """

    def __init__(self, hidden_size: int, reduction: int = 4, norm: str | None = "batch", weight: str = "literal"):
        super().__init__()
        self.first, self.second = (DLFA(hidden_size, reduction, norm, weight) for _ in range(2))

    def forward(self, lower: Tensor, last: Tensor, mask: Tensor) -> Fused:
        """Fuse two states, (batch, seq, hidden) each."""
        w = self.first(lower, last, mask).hidden
        return self.second.mix(lower, last, w, self.second.aif(w, mask))

    def branches(self, lower: Tensor, last: Tensor, mask: Tensor) -> Branches:
        """Return what both branches of the second AIF say before the sigmoid; arguments as for `forward`."""
        return self.second.aif.branches(self.first(lower, last, mask).hidden, mask)
