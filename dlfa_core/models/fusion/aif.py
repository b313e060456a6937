"""Attentional information fusion: how much of each token's each dimension to let through."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dlfa_core.models.fusion.masked import make_norm, masked_mean


@dataclass(frozen=True, eq=False)
class Branches:
    """What the two branches of AIF say before the sigmoid; a gate is `sigmoid(global_logits + local_logits)`."""

    global_logits: Tensor  # (batch, 1, hidden), from the mean of a sentence's tokens
    local_logits: Tensor | None  # (batch, seq, hidden), from each token; None without a local branch


class AIF(nn.Module):
    """The gate of DLFA: a sentence's mean and each token vote on every dimension.

    Both branches squeeze hidden to hidden / reduction and expand it again:

        branch(x) = norm(expand(relu(norm(squeeze(x)))))
        gate      = sigmoid(global(mean over tokens of w) + local(w))

    A linear map of each token is a convolution of width 1, as drawn in the paper, with the same weights and
    the same start. Means and batch statistics are taken over real tokens; those of the global branch over
    the sentences that have any.

    Args:
        hidden_size: E.
        reduction: r, from 1 to E; the branches are E // r wide inside.
        norm: "batch", "layer" or None.
        local: whether there is a local branch; without it AIF is squeeze and excitation.
        steps: how often it gates, one after the other, where it does more than once; of `MaskedBatchNorm`.

    Raises:
        ValueError: unknown norm, or a reduction outside 1 to `hidden_size`.

    Reference: Chen et al. (2022), Feature Aggregation in Zero-Shot Cross-Lingual Transfer Using Multilingual
    BERT, equation 1; after MS-CAM in Dai et al. (2021), Attentional Feature Fusion.
    """

    def __init__(
        self,
        hidden_size: int,
        reduction: int = 4,
        norm: str | None = "batch",
        local: bool = True,
        steps: int | None = None,
    ):
        super().__init__()
        if not 1 <= reduction <= hidden_size:
            raise ValueError(
                f"reduction={reduction} cannot squeeze {hidden_size} dimensions: use a number from 1 to {hidden_size}."
            )
        self.global_branch = _Branch(hidden_size, hidden_size // reduction, norm, steps)
        self.local_branch = _Branch(hidden_size, hidden_size // reduction, norm, steps) if local else None

    def branches(self, w: Tensor, mask: Tensor, step: int | None = None) -> Branches:
        """Both votes before the sigmoid; arguments as for `forward`."""
        mask = mask.bool()
        pooled = self.global_branch(masked_mean(w, mask), mask.any(1, keepdim=True), step)
        return Branches(pooled, None if self.local_branch is None else self.local_branch(w, mask, step))

    def forward(self, w: Tensor, mask: Tensor, step: int | None = None) -> Tensor:
        """The gate.

        Args:
            w: (batch, seq, hidden).
            mask: (batch, seq), 1 or True for tokens, 0 or False for padding.
            step: from 0, where it has `steps`.

        Returns:
            (batch, seq, hidden) in (0, 1); at padding it means nothing.
        """
        votes = self.branches(w, mask, step)
        if votes.local_logits is None:
            return torch.sigmoid(votes.global_logits).expand_as(w)
        return torch.sigmoid(votes.global_logits + votes.local_logits)


class _Branch(nn.Module):
    """Squeeze, norm, ReLU, expand, norm: (batch, seq, wide) and bool (batch, seq) -> (batch, seq, wide)."""

    def __init__(self, wide: int, narrow: int, norm: str | None, steps: int | None):
        super().__init__()
        self.squeeze, self.squeeze_norm = nn.Linear(wide, narrow), make_norm(norm, narrow, steps)
        self.expand, self.expand_norm = nn.Linear(narrow, wide), make_norm(norm, wide, steps)

    def forward(self, x: Tensor, mask: Tensor, step: int | None = None) -> Tensor:
        x = self.squeeze_norm(self.squeeze(x), mask, step).relu()
        return self.expand_norm(self.expand(x), mask, step)
