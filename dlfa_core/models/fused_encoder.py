"""The fused state of a task model, pooled to one vector a text, beside the last state of its encoder."""

from collections.abc import Callable

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from dlfa_core.models.encoder import Encoder
from dlfa_core.models.hardware import choose_device, to_host
from dlfa_core.models.pooling import POOLINGS
from dlfa_core.models.reading import Batch
from dlfa_core.models.source import ModelError
from dlfa_core.models.task_loading import load_task_model

FUSED_STATES = ("own_last", "fused")


class FusedEncoder(Encoder):
    """A fusion model that reads texts as an encoder does, with two states: `FUSED_STATES`.

    "own_last" is the last state of the model's own encoder, which training may have changed; "fused" is what its fusion
    makes of that and of what else it reads.

    Attributes:
        layer: the lower layer that is fused; None where none is, or all are.
        fusion: key in `FUSIONS`.
        config: of the model.
    """

    def __init__(self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase):
        if model.config.model_type != "dlfa":
            raise ModelError(
                f"{name!r} is a plain {model.config.model_type} checkpoint without a fusion, so it has no fused state: "
                "choose a fusion model, such as demo-pos or a folder that `python -m dlfa_core train` wrote."
            )
        device = choose_device("auto")
        super().__init__(name, model.encoder.to(device), tokenizer)
        self._fusing = model.eval().requires_grad_(False).to(device)
        self.config, self.fusion, self.layer = model.config, model.config.fusion, model.config.layer
        self.n_states = len(FUSED_STATES)

    @classmethod
    def from_pretrained(cls, name_or_path: str, device: str = "auto", dtype: str = "auto") -> "FusedEncoder":
        """Load a fusion model, in float32 on what `choose_device` names.

        Raises:
            ModelError: the model is missing, damaged, or fuses nothing.
        """
        return cls(str(name_or_path), *load_task_model(name_or_path))

    @torch.inference_mode()
    def _pooled_states(self, batch: Batch, pooling: str, special_tokens: bool) -> Callable[[], np.ndarray]:
        """What gives float32 (2, batch, hidden)."""
        keep = batch.mask.bool() if special_tokens else batch.own
        states = self._fusing.states(batch.ids, batch.mask, batch.types)
        fused = self._fusing.head.fusion(*states, mask=batch.mask).hidden
        return to_host(torch.stack([POOLINGS[pooling](state, keep) for state in (states[-1], fused)]))
