"""The configuration of a task model, saved as its config.json."""

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, PreTrainedConfig
from transformers.configuration_utils import SubConfigSpec

from dlfa_core.models.source import ModelError


@strict
class DlfaConfig(PreTrainedConfig):
    """What a task model is made of, and what is known about it.

    Attributes:
        encoder: the configuration of the encoder.
        encoder_name: what the encoder was started from.
        encoder_fingerprint: what identified it then.
        encoder_borrowed: how many weight arrays a compact checkpoint leaves out, because that encoder has them.
        fusion: key in `FUSIONS`.
        layer: the lower state, 1 to L - 1; None for a fusion that reads none.
        reduction, norm, weight: of the fusion.
        dropout: before the classifier.
        pairs: whether it was trained on pairs of texts.
        no_answer: whether a context may have no answer to a question.
        frozen_blocks: how many lower blocks, and the embeddings with them, are not trained; 0 trains all.
        trained_on: the training data, for the model card.
        scores: measured results by name, for the model card.
    """

    model_type = "dlfa"
    sub_configs_defaults = {"encoder": SubConfigSpec(config_class=AutoConfig, model_type="bert")}  # noqa: RUF012

    encoder: PreTrainedConfig | dict | None = None
    encoder_name: str = ""
    encoder_fingerprint: str = ""
    encoder_borrowed: int = 0
    fusion: str = "dlfa"
    layer: int | None = None
    reduction: int = 4
    norm: str | None = "batch"
    weight: str = "literal"
    dropout: float = 0.1
    pairs: bool = False
    no_answer: bool = False
    frozen_blocks: int = 0
    trained_on: str = ""
    scores: dict | None = None

    @classmethod
    def from_dict(cls, config_dict: dict, **kwargs) -> "DlfaConfig":
        """Read a saved configuration; that of another kind of model is refused."""
        kind = config_dict.get("model_type")
        if kind != cls.model_type:
            raise ModelError(
                f"This is a checkpoint of a {kind} model and not of a fusion model: "
                "start a fusion model from it with from_encoder."
            )
        return super().from_dict(config_dict, **kwargs)


def without_folder(config: PreTrainedConfig) -> dict:
    """A copy of an encoder's configuration to nest in another, which would reset its kind of attention."""
    return {name: value for name, value in config.to_dict().items() if name != "_name_or_path"}


AutoConfig.register(DlfaConfig.model_type, DlfaConfig, exist_ok=True)
