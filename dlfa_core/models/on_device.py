"""Dataclasses of tensors that move as a whole."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import torch
from torch import Tensor


class OnDevice:
    """Base of dataclasses whose fields are tensors, dataclasses of this kind, or values that lie nowhere."""

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        return self._moved(lambda tensor: tensor.to(device, non_blocking=True))

    def pinned(self) -> Self:
        """The same in memory that CUDA copies from while the processor goes on."""
        return self._moved(Tensor.pin_memory)

    def _moved(self, move: Callable[[Tensor], Tensor]) -> Self:
        def moved(value: Any) -> Any:
            if isinstance(value, OnDevice):
                return value._moved(move)
            return move(value) if isinstance(value, Tensor) else value

        return replace(self, **{name: moved(value) for name, value in vars(self).items()})
