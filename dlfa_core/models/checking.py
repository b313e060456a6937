"""Whether an encoder can be used, as far as its files on this machine tell: without torch, and without the network."""

import json

from dlfa_core.models.source import ModelError, folder_at_hand, local_folder, locate_encoder, untrained_of

SUPPORTED = (
    "BERT, DistilBERT, RoBERTa and XLM-R, DeBERTa-v2 (mDeBERTa), or another masked language model "
    "whose blocks stand in one list"
)
_GENERATORS = ("ForCausalLM", "GPT2LMHeadModel", "ForConditionalGeneration")  # how models that write text are called


def check_at_hand(name_or_path: str) -> None:
    """Look at what a folder holds before its weights are read; a hub model that is not here yet passes.

    Raises:
        ModelError: as `locate_encoder`; or its config.json cannot be read, or describes no encoder.
    """
    base = untrained_of(name_or_path) or name_or_path
    if local_folder(base) is not None:
        locate_encoder(name_or_path)
    if (folder := folder_at_hand(base)) is None:
        return
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = config["model_type"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(
            f"The configuration of {base!r} cannot be read ({type(error).__name__}: {error}): "
            f"config.json must describe a model that transformers knows; supported: {SUPPORTED}."
        ) from error
    if config.get("is_encoder_decoder"):
        raise wrong_architecture(base, kind, "an encoder-decoder model")
    if config.get("is_decoder"):
        raise wrong_architecture(base, kind, "set up as a decoder, which cannot see the words to come")
    if any(str(name).endswith(_GENERATORS) for name in config.get("architectures") or ()):
        raise wrong_architecture(base, kind, "no masked language model")


def wrong_architecture(name: str, kind: str, what: str) -> ModelError:
    """The error for a model that cannot be read layer by layer; `kind` is what transformers calls its architecture."""
    return ModelError(f"{name!r} ({kind}) is {what}: choose an encoder; supported: {SUPPORTED}.")
