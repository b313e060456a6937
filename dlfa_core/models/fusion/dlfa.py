"""Double layers feature aggregation: a lower state mixed into the last."""

from dataclasses import dataclass

from torch import Tensor, nn

from dlfa_core.models.fusion.aif import AIF, Branches
from dlfa_core.models.fusion.registry import WEIGHTS


@dataclass(frozen=True, eq=False)
class Fused:
    """What a fusion makes of its states: all fields (batch, seq, hidden)."""

    hidden: Tensor  # takes the place of the last state
    weight: Tensor | None = None  # what multiplies `lower`: hidden == last + weight * (lower - last)
    gate: Tensor | None = None  # in (0, 1); None for a fusion without one


class DLFA(nn.Module):
    """Fuse a lower state with the last, each number by its own weight.

        w      = (lower + last) / 2
        weight = w * gate, with gate = AIF(w)      "literal": as the equations say, unbounded
               = gate                              "gate": a convex mix, as in AFF
        hidden = lower * weight + last * (1 - weight)

    Args:
        hidden_size, reduction, norm, local, steps: of `AIF`.
        weight: "literal" or "gate".

    Raises:
        ValueError: unknown norm or weight, or a reduction outside 1 to `hidden_size`.

    Reference: Chen et al. (2022), Feature Aggregation in Zero-Shot Cross-Lingual Transfer Using Multilingual
    BERT, equation 2.
    """

    def __init__(
        self,
        hidden_size: int,
        reduction: int = 4,
        norm: str | None = "batch",
        weight: str = "literal",
        local: bool = True,
        steps: int | None = None,
    ):
        super().__init__()
        if weight not in WEIGHTS:
            raise ValueError(f"weight={weight!r} is unknown: use 'literal' or 'gate'.")
        self.aif = AIF(hidden_size, reduction, norm, local, steps)
        self.literal = weight == "literal"

    def forward(self, lower: Tensor, last: Tensor, mask: Tensor, step: int | None = None) -> Fused:
        """Fuse two states.

        Args:
            lower, last: (batch, seq, hidden).
            mask: (batch, seq), 1 or True for tokens, 0 or False for padding.
            step: from 0, where it has `steps`.
        """
        w = (lower + last) / 2
        return self.mix(lower, last, w, self.aif(w, mask, step))

    def mix(self, lower: Tensor, last: Tensor, w: Tensor, gate: Tensor) -> Fused:
        """Return what a gate makes of two states, with the w that it was made of; all of one shape."""
        weight = w * gate if self.literal else gate
        return Fused(last + weight * (lower - last), weight, gate)

    def branches(self, lower: Tensor, last: Tensor, mask: Tensor, step: int | None = None) -> Branches:
        """Return what both branches of AIF say before the sigmoid; arguments as for `forward`."""
        return self.aif.branches((lower + last) / 2, mask, step)

    def extra_repr(self) -> str:
        return "literal" if self.literal else "gate"
