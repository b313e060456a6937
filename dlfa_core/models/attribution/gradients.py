"""Captum's gradient methods on a subject, many texts at once.

All take what stands at a point of the texts and of their baselines, and give one number a position: contributions
summed over the hidden dimension, and over the states of a cut.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from captum.attr import DeepLift, GradientShap, InputXGradient, IntegratedGradients
from torch import Tensor, nn

from dlfa_core.models.attribution.question import Question
from dlfa_core.models.attribution.subject import States, Subject
from dlfa_core.models.reading import Batch

SAMPLES_AT_ONCE = 16  # of gradient SHAP; fixed, because what is drawn depends on it
BLUR = 0.1  # of gradient SHAP: standard deviation of the noise, in those of the point's own numbers


class Output(nn.Module):
    """What is explained, (batch,), as a function of what stands at a point; a module, as DeepLIFT hooks those."""

    def __init__(self, subject: Subject, point: int | None, question: Question):
        super().__init__()
        self.model = subject.model
        self._subject, self._point, self._question = subject, point, question

    def forward(self, *inputs: Tensor) -> Tensor:
        """States, then the ids, types and mask of the texts, then their targets."""
        *states, ids, types, mask, targets = inputs
        batch = Batch(ids, types, mask, mask.bool())
        return self._question.values(self._subject.logits(self._point, tuple(states), batch), targets)


def attribute(
    method: str,
    output: Output,
    states: States,
    baselines: States,
    batch: Batch,
    targets: Tensor,
    steps: int,
    rows: int,
    seed: int = 0,
) -> Tensor:
    """Scores of positions, (batch, seq), float64.

    Args:
        method: key of `METHODS` with gradients.
        output: to explain.
        states, baselines: what stands at its point, of the texts and of their baselines.
        batch: the texts.
        targets: (batch,) class numbers.
        steps: of the method, where it has any.
        rows: how many texts, or repetitions of them, are passed through the model at once.
        seed: of the random points of gradient SHAP.
    """
    others = (batch.ids, batch.types, batch.mask, targets)
    if method == "integrated_gradients":
        found = IntegratedGradients(output).attribute(
            states,
            baselines,
            additional_forward_args=others,
            n_steps=steps,
            internal_batch_size=max(rows, len(targets)),
        )
    elif method == "input_x_gradient":
        found = InputXGradient(output).attribute(_tracked(states), additional_forward_args=others)
    elif method == "deep_lift":
        with warnings.catch_warnings():  # that it sets hooks and removes them
            warnings.filterwarnings("ignore", "Setting forward, backward hooks", UserWarning)
            found = DeepLift(output).attribute(_tracked(states), baselines, additional_forward_args=others)
    elif method == "gradient_shap":
        found = _gradient_shap(output, states, baselines, others, steps, seed)
    else:
        raise ValueError(f"{method!r} reads no gradients.")
    return sum(part.detach().double().sum(-1) for part in found)


def _gradient_shap(
    output: Output, states: States, baselines: States, others: tuple[Tensor, ...], steps: int, seed: int
) -> States:
    """One text after the other, each with the same random numbers, so that no text depends on its company."""
    found = []
    for row, length in enumerate(others[2].sum(1).tolist()):
        own = [tuple(tensor[row : row + 1, :length] for tensor in tensors) for tensors in (states, baselines)]
        other = (*(tensor[row : row + 1, :length] for tensor in others[:3]), others[3][row : row + 1])
        blur = tuple(BLUR * float(state.std()) for state in own[0])
        totals = [torch.zeros_like(state) for state in own[0]]
        with _seeded(seed):
            for start in range(0, steps, SAMPLES_AT_ONCE):
                n_samples = min(SAMPLES_AT_ONCE, steps - start)
                parts = GradientShap(output).attribute(
                    *own, n_samples=n_samples, stdevs=blur, additional_forward_args=other
                )
                totals = [total + part * n_samples / steps for total, part in zip(totals, parts, strict=True)]
        beyond = states[0].shape[1] - length
        found.append([nn.functional.pad(total, (0, 0, 0, beyond)) for total in totals])
    return tuple(torch.cat(parts) for parts in zip(*found, strict=True))


def _tracked(states: States) -> States:
    """Copies that gradients are computed for; Captum would warn, and change ours, if they were not."""
    return tuple(state.detach().clone().requires_grad_() for state in states)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Captum draws from the global generators of numpy and torch: seed them, and leave them as they were."""
    before = np.random.get_state()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(before)
