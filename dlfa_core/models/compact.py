"""Checkpoints of task models without what their encoder has anyway.

A model whose encoder was left as it was, or trained in its upper blocks only, shares most of its weights with the
encoder that it was started from. A compact checkpoint holds the rest and says which encoder that was.
"""

import torch
from torch import Tensor, nn

from dlfa_core.models.fingerprint import fingerprint
from dlfa_core.models.loading import load
from dlfa_core.models.source import ModelError

PREFIX = "encoder."  # of the encoder's weights inside a task model


def own_weights(weights: dict[str, Tensor], name: str, expected: str) -> dict[str, Tensor]:
    """The weights of a task model that are not, bit by bit, those of an encoder.

    Args:
        weights: all of them by name.
        name: of the encoder.
        expected: its fingerprint when the model was started from it.

    Raises:
        ModelError: the encoder is missing or another one now.
    """
    theirs = _weights_of(name, expected)
    return {key: weight for key, weight in weights.items() if not _equal(weight, theirs.get(key))}


def borrow(model: nn.Module, missing: set[str], name: str, expected: str) -> None:
    """Take missing weights of a task model from its encoder.

    Args:
        model: whose weights are filled in.
        missing: their names.
        name: of the encoder, or the folder in which it is now.
        expected: its fingerprint.

    Raises:
        ModelError: the encoder is missing, or not the one that the checkpoint was saved with.
    """
    theirs, ours = _weights_of(name, expected), model.state_dict()
    with torch.no_grad():
        for key in missing:
            ours[key].copy_(theirs[key])


def halved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Matrices in float16; vectors, of which there are few, and running statistics as they are."""
    return {key: weight.half() if weight.ndim > 1 else weight for key, weight in weights.items()}


def _weights_of(name: str, expected: str) -> dict[str, Tensor]:
    """An encoder's weights by their names inside a task model."""
    found = fingerprint(name)
    if found != expected:
        raise ModelError(
            f"The task model was made with another encoder {name!r} (fingerprint {_short(expected)}, here "
            f"{_short(found)}): get that version of it and name its folder with encoder_path, or train anew."
        )
    return {PREFIX + key: weight for key, weight in load(name, torch.float32)[0].state_dict().items()}


def _equal(weight: Tensor, other: Tensor | None) -> bool:
    return other is not None and torch.equal(weight.float().cpu(), other)


def _short(mark: str) -> str:
    kind, _, digits = mark.partition(":")
    return f"{kind}:{digits[:12]}…" if digits else "none"
