"""What is to be explained: one number for each text, made of a classifier's logits."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import torch
from torch import Tensor

from dlfa_core.models.attribution.registry import find_output


@dataclass(frozen=True)
class Question:
    """The output of a class, or of one class less another.

    Attributes:
        target: number of the class; None for the one that is predicted, text by text.
        against: number of the class whose output is taken away, or None.
        output: key of `OUTPUTS`.
    """

    target: int | None = None
    against: int | None = None
    output: str = "logit"

    @classmethod
    def of(cls, labels: Sequence[str], target: str = "", against: str = "", output: str = "logit") -> "Question":
        """The question in the words of a spec: labels, or their numbers, or "" for none.

        Raises:
            ValueError: no such label or output, or both labels are the same.
        """
        find_output(output)
        numbers = [number_of(labels, name) if str(name) != "" else None for name in (target, against)]
        if numbers[1] is not None and numbers[0] is None:
            raise ValueError(f"against={against!r} needs a target: name the label that it is held against.")
        if numbers[0] is not None and numbers[0] == numbers[1]:
            raise ValueError(f"Target and against are both {labels[numbers[0]]!r}, so there is nothing to explain.")
        return cls(*numbers, output)

    def targets(self, logits: Tensor) -> Tensor:
        """(...,) class numbers, of logits (..., n_labels) of the texts themselves."""
        if self.target is None:
            return logits.argmax(-1)
        return torch.full(logits.shape[:-1], self.target, dtype=torch.long, device=logits.device)

    def values(self, logits: Tensor, targets: Tensor) -> Tensor:
        """(...,) what is explained, of logits (..., n_labels) and class numbers (...,)."""
        outputs = logits if self.output == "logit" else logits.softmax(-1)
        values = outputs.gather(-1, targets[..., None])[..., 0]
        return values if self.against is None else values - outputs[..., self.against]

    def leans(self, logits: Tensor) -> Tensor:
        """(...,) what logits (..., n_labels) say of this question, where a text without content should say nothing.

        Of two labels held against each other, how much more of the one than of the other; else the Kullback-Leibler
        divergence of the labels' probabilities from equal ones. 0 is neutral.
        """
        if self.against is not None:
            return self.values(logits, self.targets(logits))
        chances = logits.softmax(-1)
        return log(logits.shape[-1]) + (chances * logits.log_softmax(-1)).sum(-1)

    def chances(self, logits: Tensor, targets: Tensor) -> Tensor:
        """(...,) the probability of the target: among all classes, or between it and the one it is held against."""
        if self.against is None:
            return logits.softmax(-1).gather(-1, targets[..., None])[..., 0]
        return (logits.gather(-1, targets[..., None])[..., 0] - logits[..., self.against]).sigmoid()


def number_of(labels: Sequence[str], name: str) -> int:
    """The number of a class, by its label or its number.

    Raises:
        ValueError: there is no such class; the labels are listed.
    """
    name = str(name).strip()
    folded = [label.casefold() for label in labels]
    if name in labels:
        return list(labels).index(name)
    if folded.count(name.casefold()) == 1:
        return folded.index(name.casefold())
    if name.lstrip("+-").isdigit():
        if 0 <= int(name) < len(labels):
            return int(name)
        raise ValueError(
            f"Label {name} is out of range: this model has {len(labels)} labels, 0 to {len(labels) - 1} "
            f"({', '.join(labels)})."
        )
    raise ValueError(f"This model has no label {name!r}: choose from {', '.join(labels)}, or give a number.")
