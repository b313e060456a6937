"""A masked language model to go on training with, and its tokenizer."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, BertForMaskedLM, PreTrainedModel, PreTrainedTokenizerBase

from dlfa_core.models.loading import READING, check_weights, checked_tokenizer, first_line, quiet, unreadable
from dlfa_core.models.source import ModelError, locate

WITH_HEAD = ("demo", "bert-base-multilingual-cased", "xlm-roberta-base")  # models that have one
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def continue_from(name_or_path: str) -> tuple[BertForMaskedLM, PreTrainedTokenizerBase]:
    """Load a BERT with its masked-language-model output, in float32, to go on training it.

    Without dropout: its noise would not be a function of the step, and two runs that differ in one switch would
    differ in their noise, too.

    Raises:
        ModelError: the model is missing, damaged, no BERT, or lacks what training needs; the message says which.
    """
    name, folder = str(name_or_path), locate(name_or_path)
    with quiet():
        try:
            config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        except Exception as error:
            raise ModelError(f"The configuration of {name!r} cannot be read ({first_line(error)}).") from error
        if config.model_type != "bert":
            raise ModelError(
                f"Pre-training goes on from a BERT, but {name!r} is of the type {config.model_type}: choose 'demo', "
                f"bert-base-multilingual-cased, or a folder that `pretrain` wrote."
            )
        tokenizer = checked_tokenizer(name, folder, config)
        model = with_masked_head(BertForMaskedLM, name, folder, **NO_DROPOUT)
    check_mask(name, tokenizer)
    return model, tokenizer


def with_masked_head(kind: Any, name: str, folder: Path, **options: Any) -> PreTrainedModel:
    """Read a masked language model with its output for masked words, in float32.

    Args:
        kind: a class of transformers that has such an output, or an `Auto` class of them.
        name: of the model, for messages.
        folder: its files.
        options: as for transformers.

    Raises:
        ModelError: its weights are damaged, or the output for masked words is not among them.
    """
    try:
        model, report = kind.from_pretrained(folder, dtype=torch.float32, **READING, **options)
    except Exception as error:
        raise unreadable(name, error) from error
    if missing := sorted(report["missing_keys"]):
        raise ModelError(
            f"The checkpoint of {name!r} lacks {missing[0]}, which masked words are predicted with: choose one "
            f"that was saved with its masked language model head, such as {', '.join(WITH_HEAD)}."
        )
    check_weights(name, model, report)
    return model


def check_mask(name: str, tokenizer: PreTrainedTokenizerBase) -> None:
    """Raise a ModelError if a tokenizer has nothing to hide a word with."""
    if tokenizer.mask_token_id is None:
        raise ModelError(f"The tokenizer of {name!r} has no token that hides a word: choose a model with [MASK].")
