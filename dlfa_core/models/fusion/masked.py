"""Means and norms over real tokens only: padding is never counted.

Everything here is plain arithmetic on its inputs, without a branch that looks at values, so that
`torch.vmap` can run many modules with stacked weights (`torch.func.stack_module_state`) in one pass.
"""

import torch
from torch import Tensor, nn

from dlfa_core.models.fusion.registry import NORMS


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over real tokens: (batch, seq, features) and bool (batch, seq) -> (batch, 1, features).

    A row without real tokens gives 0.
    """
    keep = mask[..., None].to(x.dtype)
    return (x * keep).sum(1, keepdim=True) / keep.sum(1, keepdim=True).clamp(min=1)


class MaskedBatchNorm(nn.Module):
    """Batch normalisation of each feature over the real tokens of a batch.

    Without padding it equals `nn.BatchNorm1d`: in training it normalises with the batch's own mean and
    variance and moves the running ones towards them; in evaluation it uses the running ones, so that a
    sentence's output does not depend on what it is batched with. A training batch of a single real token
    has no variance: it is normalised as in evaluation and leaves the running statistics alone.

    The running statistics are buffers changed in place. Under `vmap` over stacked modules the stacked
    buffers themselves are changed, module by module.

    Args:
        n_features: width of what is normalised.
        eps: added to variances.
        momentum: how far the running statistics move towards those of a batch.
        steps: how often a module that is used again and again uses the norm. Scale and shift are the same in every
            step, and running statistics are each step's own: what comes later is of another size. None for once.

    Reference: Ioffe & Szegedy (2015), Batch Normalization; Cooijmans et al. (2017), Recurrent Batch Normalization.
    """

    def __init__(self, n_features: int, eps: float = 1e-5, momentum: float = 0.1, steps: int | None = None):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(n_features))
        self.bias = nn.Parameter(torch.zeros(n_features))
        shape = (n_features,) if steps is None else (steps, n_features)
        self.register_buffer("running_mean", torch.zeros(shape))
        self.register_buffer("running_var", torch.ones(shape))

    def forward(self, x: Tensor, mask: Tensor, step: int | None = None) -> Tensor:
        """Normalise (batch, seq, features), with bool (batch, seq); sums are taken in the weights' dtype."""
        x = x.to(self.weight.dtype)
        mean, var = self._batch_moments(x, mask, step) if self.training else self._running(step)
        return (x - mean) * torch.rsqrt(var + self.eps) * self.weight + self.bias

    def _running(self, step: int | None) -> tuple[Tensor, Tensor]:
        """The running mean and variance of a step, (features,) each; views of the buffers."""
        moments = self.running_mean, self.running_var
        return moments if step is None else (moments[0][step], moments[1][step])

    def _batch_moments(self, x: Tensor, mask: Tensor, step: int | None) -> tuple[Tensor, Tensor]:
        """Mean and biased variance of the real tokens, (features,) each; the running ones move towards them."""
        keep = mask[..., None].to(x.dtype)
        count = keep.sum()
        mean = (x * keep).sum((0, 1)) / count.clamp(min=1)
        var = ((x - mean).square() * keep).sum((0, 1)) / count.clamp(min=1)
        return self.settle(mean, var, count, step)

    def settle(self, mean: Tensor, var: Tensor, count: Tensor, step: int | None = None) -> tuple[Tensor, Tensor]:
        """The moments to normalise a training batch with; the running ones move towards them.

        Args:
            mean, var: (features,) of the batch; the variance is the biased one.
            count: (), its real tokens; with one or none, the running moments are used and stay as they are.
            step: whose running moments, where each has its own.
        """
        enough, (running_mean, running_var) = count > 1, self._running(step)
        used = torch.where(enough, mean, running_mean), torch.where(enough, var, running_var)
        with torch.no_grad():
            share = self.momentum * enough.to(mean.dtype)  # a bare bool would round 0.1 to float32
            unbiased = var * count / (count - 1).clamp(min=1)
            running_mean += share * (mean - running_mean)
            running_var += share * (unbiased - running_var)
        return used

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, eps={self.eps}, momentum={self.momentum}"


class TokenLayerNorm(nn.LayerNorm):
    """Layer normalisation: each token by its own features, so padding cannot count."""

    def forward(self, x: Tensor, mask: Tensor, step: int | None = None) -> Tensor:
        return super().forward(x)


class NoNorm(nn.Module):
    """The features as they are."""

    def __init__(self, n_features: int):
        super().__init__()

    def forward(self, x: Tensor, mask: Tensor, step: int | None = None) -> Tensor:
        return x


def make_norm(norm: str | None, n_features: int, steps: int | None = None) -> nn.Module:
    """The norm of that name, called with (batch, seq, features), bool (batch, seq), and the step where there are any.

    Args:
        norm: one of `NORMS`.
        n_features: width of what is normalised.
        steps: of `MaskedBatchNorm`; what keeps no statistics does the same in every step.

    Raises:
        ValueError: the name is none of `NORMS`.
    """
    if norm not in NORMS:
        raise ValueError(f"norm={norm!r} is unknown: use 'batch', 'layer' or None.")
    if norm == "batch":
        return MaskedBatchNorm(n_features, steps=steps)
    return TokenLayerNorm(n_features) if norm == "layer" else NoNorm(n_features)
