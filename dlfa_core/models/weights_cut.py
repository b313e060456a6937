"""Fewer rows in everything of a model that has one row for each subword."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM, PreTrainedModel

from dlfa_core.models.loading import READING, first_line, read_encoder
from dlfa_core.models.source import ModelError


def read_whole(name: str, folder: Path, head: bool) -> tuple[PreTrainedModel, bool]:
    """A model with all that its checkpoint has: encoder, pooler, masked language model head.

    Args:
        name: of the model, for messages.
        folder: where its files are.
        head: whether to add a head where the checkpoint has none; its weights are random, see `start_head`.

    Returns:
        The model in the number format of its checkpoint, and whether it was given a head.

    Raises:
        ModelError: its weights are damaged, or it is no encoder.
    """
    encoder, lacking = read_encoder(name, folder, "auto")
    if lacking:
        encoder.pooler = None
    try:
        model, report = AutoModelForMaskedLM.from_pretrained(folder, dtype="auto", **READING)
    except Exception as error:
        raise ModelError(
            f"The masked language model head of {name!r} cannot be read ({first_line(error)}): copy its files again."
        ) from error
    missing = bool(report["missing_keys"])
    if missing and not head:
        return encoder, False
    if getattr(encoder, "pooler", None) is not None:
        model.base_model.pooler = encoder.pooler
    return model.eval().requires_grad_(False), missing


def start_head(model: PreTrainedModel, counts: np.ndarray) -> None:
    """Let a new masked language model head guess by the input vectors, and without a context by frequency.

    The transform is the identity, the decoder has the input vectors, the bias is the logarithm of a subword's share.

    Args:
        model: one whose head was not trained.
        counts: (vocab_size,) how often each subword occurs; 0.5 is added to each.
    """
    vocabulary = {id(weight) for weight in _by_subword(model)}
    inside = set(model.base_model.modules())
    share = torch.from_numpy((counts + 0.5) / (counts + 0.5).sum())
    for module in (module for module in model.modules() if module not in inside):
        if isinstance(module, nn.LayerNorm):
            module.reset_parameters()
        for name, weight in module.named_parameters(recurse=False):
            if id(weight) in vocabulary:
                weight.copy_(share.log() if weight.ndim == 1 else model.get_input_embeddings().weight)
            elif isinstance(module, nn.Linear):
                (nn.init.eye_ if name == "weight" else nn.init.zeros_)(weight)


def cut_rows(model: PreTrainedModel, keep: np.ndarray) -> None:
    """Leave only the rows of some subwords in embeddings and head, and tell the configuration.

    The ids that the configuration names (padding, first token and so on) follow their subwords. RoBERTa counts
    positions from the id of padding on, so its position vectors move with that.

    Args:
        model: changed in place; to be saved and read again rather than used.
        keep: (n,) old ids in their new order.
    """
    new = {int(old): index for index, old in enumerate(keep)}
    rows = torch.from_numpy(keep)
    for weight in _by_subword(model):
        _replace(model, weight, weight[rows])
    for path, module in model.named_modules():
        if path.endswith("position_embeddings") and isinstance(module, nn.Embedding) and module.padding_idx is not None:
            moved = _moved(module.weight, module.padding_idx, new[module.padding_idx])
            model.config.max_position_embeddings = len(moved)
            _replace(model, module.weight, moved)
    model.config.vocab_size = len(keep)
    for key, number in token_ids(model.config).items():
        setattr(model.config, key, new.get(number))


def token_ids(config) -> dict[str, int]:
    """The ids of special tokens that a configuration names."""
    return {
        key: value
        for key, value in config.to_dict().items()
        if key.endswith("_token_id") and isinstance(value, int) and value >= 0
    }


def _by_subword(model: PreTrainedModel) -> list[nn.Parameter]:
    """The parameters whose first dimension is the vocabulary's, each once although it is used twice."""
    config = deepcopy(model.config)
    config.vocab_size += 1
    with torch.device("meta"):
        shapes = {name: weight.shape for name, weight in type(model)(config).named_parameters(remove_duplicate=False)}
    named = dict(model.named_parameters())
    return [weight for name, weight in named.items() if name in shapes and weight.shape != shapes[name]]


def _replace(model: nn.Module, old: nn.Parameter, weight: Tensor) -> None:
    """Put other values in the place of a parameter, wherever it is used."""
    new = nn.Parameter(weight, requires_grad=False)
    for module in model.modules():
        for name, parameter in [*module.named_parameters(recurse=False)]:
            if parameter is old:
                setattr(module, name, new)


def _moved(positions: Tensor, old: int, new: int) -> Tensor:
    """Position vectors that begin after another id of padding, which itself stands before them."""
    return torch.cat([positions[old].expand(new + 1, -1), positions[old + 1 :]])
