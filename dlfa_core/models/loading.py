"""Model and tokenizer from a folder, checked before the first text is read."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerBase
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import logging

from dlfa_core.models.blocks import find_blocks, visit_states
from dlfa_core.models.source import ModelError, locate

SUPPORTED = (
    "BERT, DistilBERT, RoBERTa and XLM-R, DeBERTa-v2 (mDeBERTa), or another masked language model "
    "whose blocks stand in one list"
)
NOT_NEEDED = ("pooler.",)  # comes after the last state; checkpoints of masked language models lack it


def load(name_or_path: str, dtype: torch.dtype) -> tuple[nn.Module, PreTrainedTokenizerBase]:
    """Load an encoder, ready to run on the processor, and its tokenizer.

    Code from the repository of a model is never run; weights come from safetensors, or from `.bin` files read
    with `weights_only`.

    Raises:
        ModelError: the model is missing, damaged or no encoder; the message says which and what to do.
    """
    name, folder = str(name_or_path), locate(name_or_path)
    with quiet():
        tokenizer = checked_tokenizer(name, folder, read_config(name, folder))
        model, _ = read_encoder(name, folder, dtype)
    return model, tokenizer


def load_config(name_or_path: str) -> PreTrainedConfig:
    """The configuration of an encoder alone.

    Raises:
        ModelError: the model is missing, damaged or no encoder; the message says which and what to do.
    """
    with quiet():
        return read_config(str(name_or_path), locate(name_or_path))


def load_tokenizer(name_or_path: str) -> PreTrainedTokenizerBase:
    """The tokenizer of an encoder alone, without its weights in memory.

    Raises:
        ModelError: the model is missing, damaged or no encoder; the message says which and what to do.
    """
    name, folder = str(name_or_path), locate(name_or_path)
    with quiet():
        return checked_tokenizer(name, folder, read_config(name, folder))


def longest_input(model: nn.Module, tokenizer: PreTrainedTokenizerBase) -> int:
    """The most subwords that the model can read at once, special tokens counted."""
    limits = [tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", math.inf)]
    for path, module in model.named_modules():
        if path.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            first = 0 if module.padding_idx is None else module.padding_idx + 1  # RoBERTa counts from here
            limits.append(module.num_embeddings - first)
    return min(limits)


def read_config(name: str, folder: Path) -> PreTrainedConfig:
    """The configuration in a folder.

    Raises:
        ModelError: it is damaged, or of a model that is no encoder.
    """
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:
        raise ModelError(
            f"The configuration of {name!r} cannot be read ({first_line(error)}): "
            f"config.json must describe a model that transformers knows; supported: {SUPPORTED}."
        ) from error
    if config.is_encoder_decoder:
        raise _wrong_architecture(name, config, "an encoder-decoder model")
    if getattr(config, "is_decoder", False):
        raise _wrong_architecture(name, config, "set up as a decoder, which cannot see the words to come")
    if config.model_type not in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        raise _wrong_architecture(name, config, "no masked language model")
    return config


def checked_tokenizer(name: str, folder: Path, config: PreTrainedConfig) -> PreTrainedTokenizerBase:
    """The tokenizer in a folder, for an encoder with that configuration.

    Raises:
        ModelError: it is damaged, slow, or knows more subwords than the encoder.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:
        raise ModelError(
            f"The tokenizer of {name!r} cannot be read ({first_line(error)}): copy its files again."
        ) from error
    if not tokenizer.is_fast:
        raise ModelError(
            f"The model {name!r} has only a slow tokenizer ({type(tokenizer).__name__}): "
            "save a tokenizer.json beside the weights."
        )
    if max(tokenizer.get_vocab().values()) >= config.vocab_size:
        raise ModelError(
            f"The tokenizer of {name!r} has {len(tokenizer):,} subwords but the model knows only "
            f"{config.vocab_size:,}: put the tokenizer that the model was trained with beside it."
        )
    return tokenizer


def read_encoder(name: str, folder: Path, dtype: torch.dtype | str) -> tuple[nn.Module, list[str]]:
    """The encoder in a folder, checked, and the names of the weights in `NOT_NEEDED` that its checkpoint lacks.

    Args:
        dtype: of the weights; "auto" leaves them as they are.

    Raises:
        ModelError: its weights are damaged or do not fit, or it cannot be read layer by layer.
    """
    try:
        model, report = AutoModel.from_pretrained(
            folder,
            dtype=dtype,
            trust_remote_code=False,
            weights_only=True,
            ignore_mismatched_sizes=True,  # reported below, in one sentence
            output_loading_info=True,
        )
    except Exception as error:
        raise ModelError(
            f"The weights of {name!r} cannot be read ({first_line(error)}): "
            "a file in its folder is damaged or incomplete; copy or download it again."
        ) from error
    for key, found, expected in sorted(report["mismatched_keys"]):
        raise ModelError(
            f"The weights of {name!r} do not fit its config.json, which asks for {key} of shape "
            f"{tuple(expected)} and not {tuple(found)}: use the config.json that was saved with the weights."
        )
    missing = sorted(report["missing_keys"])
    lacking = [key for key in missing if key.startswith(NOT_NEEDED)]
    if missing := [key for key in missing if key not in lacking]:
        raise ModelError(
            f"The checkpoint of {name!r} lacks {len(missing)} of {len(model.state_dict())} weight arrays, "
            f"{missing[0]} first, and random ones mean nothing: use a complete checkpoint of this model."
        )
    model = model.eval().requires_grad_(False)
    _check_states(name, model)
    return model, lacking


@torch.inference_mode()
def _check_states(name: str, model: nn.Module) -> None:
    """Read three tokens beside two kinds of padding: a model that cannot be followed is refused at once."""
    blocks, states = find_blocks(model), []
    if not blocks:
        raise _wrong_architecture(name, model.config, "a model without one list of blocks")
    ids, mask = torch.tensor([[0, 1, 2, 3], [0, 1, 2, 4]]), torch.tensor([[1, 1, 1, 0]] * 2)
    try:
        visit_states(model, blocks, states.append, ids, mask)
    except Exception as error:
        raise _wrong_architecture(
            name, model.config, f"a model that cannot be read layer by layer ({first_line(error)})"
        ) from error
    if {state.shape for state in states} != {(2, 4, model.config.hidden_size)}:
        raise _wrong_architecture(name, model.config, "a model that changes its length or width between layers")
    if any(not torch.allclose(state[0, :3], state[1, :3], atol=1e-2) for state in states):
        raise _wrong_architecture(name, model.config, "a model that reads padding as text")


def _wrong_architecture(name: str, config: PreTrainedConfig, what: str) -> ModelError:
    return ModelError(f"{name!r} ({config.model_type}) is {what}: choose an encoder; supported: {SUPPORTED}.")


def first_line(error: Exception) -> str:
    """Return what an error says first, or else its name."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(". ")


@contextmanager
def quiet() -> Iterator[None]:
    """No reports and progress bars from transformers: what matters in them is raised as a `ModelError`."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
