"""Any classifier by its name: fusion models of this project, and plain checkpoints of transformers."""

from pathlib import Path

import torch
from transformers import (
    AutoConfig,
    AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from dlfa_core.models.loading import READING, check_weights, checked_tokenizer, first_line, quiet, unreadable
from dlfa_core.models.source import ModelError, has_vocabulary, locate, locate_encoder
from dlfa_core.models.task_config import DlfaConfig
from dlfa_core.models.tasks import (
    DlfaForMultipleChoice,
    DlfaForQuestionAnswering,
    DlfaForSequenceClassification,
    DlfaForTokenClassification,
)

ENDINGS = {  # of the name of the class that a checkpoint was saved from
    "ForSequenceClassification": (DlfaForSequenceClassification, AutoModelForSequenceClassification),
    "ForTokenClassification": (DlfaForTokenClassification, AutoModelForTokenClassification),
    "ForMultipleChoice": (DlfaForMultipleChoice, AutoModelForMultipleChoice),
    "ForQuestionAnswering": (DlfaForQuestionAnswering, AutoModelForQuestionAnswering),
}


def load_task_model(name_or_path: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A classifier of texts or of tokens, or what answers questions, and its tokenizer; in evaluation mode, in float32
    on the processor.

    Args:
        name_or_path: `demo-sentiment`, `demo-pos`, a folder, or a hub id, of a fusion model or of any sequence or
            token classification model that transformers knows.

    Raises:
        ModelError: the model is missing, damaged, or has no classification head; or it is compact and its encoder is
            missing or another one now.
    """
    name, folder = str(name_or_path), locate(name_or_path, vocabulary=False)
    with quiet():
        config = _config(name, folder)
        fusion_class, plain_class = _classes(name, config)
        if isinstance(config, DlfaConfig):
            model = fusion_class.from_pretrained(folder)
        else:
            model = _plain(name, folder, plain_class)
        tokenizer = _tokenizer(name, folder, config)
    return model.eval(), tokenizer


def _config(name: str, folder: Path) -> PreTrainedConfig:
    try:
        return AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:
        raise ModelError(
            f"The configuration of {name!r} cannot be read ({first_line(error)}): config.json must describe a model "
            "that transformers knows."
        ) from error


def _classes(name: str, config: PreTrainedConfig) -> tuple[type, type]:
    saved_as = str((config.architectures or ["an unknown class"])[0])
    for ending, classes in ENDINGS.items():
        if saved_as.endswith(ending):
            return classes
    raise ModelError(
        f"{name!r} has no classification head (it was saved as {saved_as}): choose a model that was trained to "
        f"classify texts or tokens, such as one of `python -m dlfa_core train`."
    )


def _plain(name: str, folder: Path, plain_class: type) -> PreTrainedModel:
    try:
        model, report = plain_class.from_pretrained(folder, dtype=torch.float32, **READING)
    except Exception as error:
        raise unreadable(name, error) from error
    if missing := sorted(report["missing_keys"]):
        raise ModelError(
            f"The checkpoint of {name!r} lacks {len(missing)} weight arrays, {missing[0]} first, and random ones mean "
            "nothing: use a checkpoint that was saved after training."
        )
    check_weights(name, model, report)
    return model


def _tokenizer(name: str, folder: Path, config: PreTrainedConfig) -> PreTrainedTokenizerBase:
    """The one beside the weights; of a compact model without one, that of its encoder."""
    encoder = config.encoder if isinstance(config, DlfaConfig) else config
    if not has_vocabulary(folder) and isinstance(config, DlfaConfig) and config.encoder_borrowed:
        name, folder = config.encoder_name, locate_encoder(config.encoder_name)
    elif not has_vocabulary(folder):
        locate(name)  # says what is missing
    return checked_tokenizer(name, folder, encoder)
