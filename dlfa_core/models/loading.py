"""Model and tokenizer from a folder, checked before the first text is read."""

import codecs
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES
from transformers.utils import logging

from dlfa_core.models.blocks import find_blocks, visit_states
from dlfa_core.models.checking import SUPPORTED, wrong_architecture
from dlfa_core.models.source import UNTRAINED_SEED, ModelError, locate_encoder, untrained_of, weight_files

READING = {  # how every checkpoint is read
    "trust_remote_code": False,
    "weights_only": True,
    "output_loading_info": True,
    "key_mapping": {r"^(?:module\.|_orig_mod\.)+": ""},  # what DataParallel and torch.compile put before all names
}
EIGHT_BITS = ("I8", "U8", "F8_E4M3", "F8_E5M2")  # as safetensors calls them
MOST_BLOCKS = 1000  # of an encoder: to make more of them before the weights are looked at takes for ever
NOT_NEEDED = ("pooler.",)  # comes after the last state; checkpoints of masked language models lack it


def load(name_or_path: str, dtype: torch.dtype) -> tuple[nn.Module, PreTrainedTokenizerBase]:
    """Load an encoder, ready to run on the processor, and its tokenizer.

    Code from the repository of a model is never run; weights come from safetensors, or from `.bin` files read
    with `weights_only`. Those of `untrained:demo` and the like are drawn as for a pre-training that is about to begin,
    always the same ones.

    Raises:
        ModelError: the model is missing, damaged or no encoder; the message says which and what to do.
    """
    name, folder = str(name_or_path), locate_encoder(name_or_path)
    with quiet():
        config = read_config(name, folder)
        tokenizer = checked_tokenizer(name, folder, config)
        if untrained_of(name) is None:
            model, _ = read_encoder(name, folder, dtype)
        else:
            model = _random_encoder(name, config, dtype)
    return model, tokenizer


def load_config(name_or_path: str) -> PreTrainedConfig:
    """The configuration of an encoder alone.

    Raises:
        ModelError: the model is missing, damaged or no encoder; the message says which and what to do.
    """
    with quiet():
        return read_config(str(name_or_path), locate_encoder(name_or_path))


def load_tokenizer(name_or_path: str) -> PreTrainedTokenizerBase:
    """The tokenizer of an encoder alone, without its weights in memory.

    Raises:
        ModelError: the model is missing, damaged or no encoder; the message says which and what to do.
    """
    name, folder = str(name_or_path), locate_encoder(name_or_path)
    with quiet():
        return checked_tokenizer(name, folder, read_config(name, folder))


def longest_input(model: nn.Module, tokenizer: PreTrainedTokenizerBase) -> int:
    """The most subwords that the model can read at once, special tokens counted.

    Raises:
        ModelError: tokenizer or configuration state something else than a number.
    """
    limits = [tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", math.inf)]
    stated = ("model_max_length of tokenizer_config.json", "max_position_embeddings of config.json")
    for limit, where in zip(limits, stated, strict=True):
        if not isinstance(limit, int | float) or math.isnan(limit):
            raise ModelError(f"How long a text may be is stated as {limit!r}, which is no number: correct {where}.")
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
    for file in folder.glob("*.json"):
        with file.open("rb") as content:
            marked = content.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        if marked:
            raise ModelError(
                f"{file.name} of {name!r} begins with a byte order mark, which JSON does not allow: save it as UTF-8 "
                "without one."
            )
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:
        raise ModelError(
            f"The configuration of {name!r} cannot be read ({first_line(error)}): "
            f"config.json must describe a model that transformers knows; supported: {SUPPORTED}."
        ) from error
    depth = getattr(config, "num_hidden_layers", 0)
    if isinstance(depth, int) and depth > MOST_BLOCKS:
        raise ModelError(
            f"The config.json of {name!r} states {depth:,} blocks, as no encoder has: use the one that was saved with "
            "the weights."
        )
    if config.is_encoder_decoder:
        raise wrong_architecture(name, config.model_type, "an encoder-decoder model")
    if getattr(config, "is_decoder", False):
        raise wrong_architecture(name, config.model_type, "set up as a decoder, which cannot see the words to come")
    if config.model_type not in MODEL_FOR_MASKED_LM_MAPPING_NAMES:
        raise wrong_architecture(name, config.model_type, "no masked language model")
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
            ignore_mismatched_sizes=True,  # reported below, in one sentence
            **READING,
        )
    except Exception as error:
        raise unreadable(name, error) from error
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
    _check_formats(name, folder)
    check_weights(name, model, report)
    model = model.eval().requires_grad_(False)
    _check_states(name, model)
    return model, lacking


def _random_encoder(name: str, config: PreTrainedConfig, dtype: torch.dtype) -> nn.Module:
    """An encoder with that configuration and the weights that `UNTRAINED_SEED` draws, checked like one that is read."""
    with torch.random.fork_rng():
        torch.manual_seed(UNTRAINED_SEED)
        model = AutoModel.from_config(config, dtype=torch.float32)  # drawn in one precision, then rounded
    model = model.to(dtype).eval().requires_grad_(False)
    _check_states(name, model)
    return model


def unreadable(name: str, error: Exception) -> ModelError:
    """The error for weights that cannot be read."""
    if _of_pickle(error) and (found := re.search(r"(?:GLOBAL|class) ([\w.]+)", str(error))):
        return ModelError(
            f"The weights of {name!r} are refused: where a checkpoint has arrays, a file of theirs has {found[1]}, and "
            "reading it could run any code. Use a checkpoint in safetensors, from a source that you trust."
        )
    return ModelError(
        f"The weights of {name!r} cannot be read ({first_line(error)}): "
        "a file in its folder is damaged or incomplete; copy or download it again."
    )


def _check_formats(name: str, folder: Path) -> None:
    """Refuse weights that were rounded to 8 bits: without the factors that go with them they are other numbers."""
    for file in weight_files(folder):
        if file.suffix == ".safetensors":
            with safe_open(file, "pt") as weights:
                formats = {key: weights.get_slice(key).get_dtype() for key in weights.keys()}  # noqa: SIM118
            for key, found in formats.items():
                if found in EIGHT_BITS:
                    raise ModelError(
                        f"The weights of {name!r} were rounded to 8 bits ({key} is {found}), which is not read here: "
                        "use the checkpoint that they were made from."
                    )


def check_weights(name: str, model: PreTrainedModel, report: Mapping[str, Any]) -> None:
    """Check the weights of a model that was read without an error.

    Args:
        name: of the model, for messages.
        model: a model of transformers.
        report: what `from_pretrained` tells with `output_loading_info`.

    Raises:
        ModelError: the checkpoint has weights for its blocks that have no place there, or a weight is not finite.
    """
    blocks = find_blocks(model.base_model)
    first = next((path for path, module in model.base_model.named_modules() if blocks and module is blocks[0]), None)
    unexpected = {key.removeprefix(f"{model.base_model_prefix}."): key for key in report["unexpected_keys"]}
    beyond = [unexpected[key] for key in sorted(unexpected) if first and key.startswith(first.removesuffix("0"))]
    if beyond:
        raise ModelError(
            f"The checkpoint of {name!r} has {len(beyond)} weight arrays that have no place in the {len(blocks)} "
            f"blocks of its config.json, {beyond[0]} first: use the config.json that was saved with the weights."
        )
    check_finite(name, model)


def check_finite(name: str, model: nn.Module) -> None:
    """Raise a ModelError if a weight of a model is NaN or infinite."""
    for key, weight in model.state_dict().items():
        if not (finite := weight.isfinite()).all():
            count, dtype = int((~finite).sum()), str(weight.dtype).removeprefix("torch.")
            raise ModelError(
                f"The weights of {name!r} are not all numbers: {count:,} of {weight.numel():,} values of {key} are NaN "
                f"or infinite in {dtype}. Use a checkpoint from before its training failed, or, of a good one, a dtype "
                "that holds larger numbers."
            )


@torch.inference_mode()
def _check_states(name: str, model: nn.Module) -> None:
    """Read three tokens beside two kinds of padding: a model that cannot be followed is refused at once."""
    blocks, states = find_blocks(model), []
    if not blocks:
        raise wrong_architecture(name, model.config.model_type, "a model without one list of blocks")
    ids, mask = torch.tensor([[0, 1, 2, 3], [0, 1, 2, 4]]), torch.tensor([[1, 1, 1, 0]] * 2)
    try:
        visit_states(model, blocks, states.append, ids, mask)
    except Exception as error:
        raise wrong_architecture(
            name, model.config.model_type, f"a model that cannot be read layer by layer ({first_line(error)})"
        ) from error
    if {state.shape for state in states} != {(2, 4, model.config.hidden_size)}:
        raise wrong_architecture(
            name, model.config.model_type, "a model that changes its length or width between layers"
        )
    if any(not torch.allclose(state[0, :3], state[1, :3], atol=1e-2) for state in states):
        raise wrong_architecture(name, model.config.model_type, "a model that reads padding as text")


def first_line(error: Exception) -> str:
    """Return what an error says first, or else its name; never torch's advice to run what a file holds."""
    if _of_pickle(error):
        return "a .bin file holds something else than the arrays that torch.save writes"
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(". ")[:500]


def _of_pickle(error: Exception) -> bool:
    """Tell whether reading a pickle failed; by name, as nothing here imports that library."""
    return type(error).__name__ == "UnpicklingError"


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
