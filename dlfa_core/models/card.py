"""The card of a saved task model: what it is, what it saw, how to load it."""

from huggingface_hub import ModelCardData

from dlfa_core.models.fusion.registry import find_fusion

PIPELINES = {
    "DlfaForSequenceClassification": "text-classification",
    "DlfaForTokenClassification": "token-classification",
    "DlfaForMultipleChoice": "multiple-choice",
    "DlfaForQuestionAnswering": "question-answering",
}


def model_card(class_name: str, config) -> str:
    """README.md of a task model, in Markdown behind the header that the hub reads.

    Args:
        class_name: key in `PIPELINES`.
        config: its `DlfaConfig`.
    """
    fusion = find_fusion(config.fusion)
    header = ModelCardData(
        library_name="transformers", pipeline_tag=PIPELINES[class_name], tags=["dlfa", f"fusion:{fusion.name}"]
    )
    sections = [
        f"---\n{header.to_yaml()}\n---",
        f"# {fusion.label}{_of_layer(config)} for {PIPELINES[class_name].replace('-', ' ')}",
        fusion.explains,
        "\n".join(f"- {name}: {value}" for name, value in _facts(config).items()),
        f"## Load\n\n```python\nfrom dlfa_core.models import {class_name}\n\n"
        f'model = {class_name}.from_pretrained("path/to/this/folder")\n```',
    ]
    if config.scores:
        rows = "\n".join(f"| {name} | {_shown(score)} |" for name, score in config.scores.items())
        sections.append(f"## Results\n\n| measure | score |\n| --- | --- |\n{rows}")
    return "\n\n".join(sections) + "\n"


def _facts(config) -> dict[str, str]:
    """Return what the configuration says, in the order of the card; a setting that plays no part is left out."""
    fusion, depth = find_fusion(config.fusion), config.encoder.num_hidden_layers
    facts = {"Encoder": f"{config.encoder_name or 'random weights'} ({config.encoder.model_type}, {depth} layers)"}
    facts["Fusion"] = f"{fusion.label} (`{fusion.name}`; {fusion.source})"
    if fusion.uses_lower:
        *_, between, last = fusion.needs(config.layer, depth)
        beside = f"{between} and the last, {last}" if fusion.reads == "three" else f"the last, {last}"
        facts["Layer"] = f"{config.layer}, fused with {beside} (layer 0 is the embedding output)"
    if fusion.gated:
        facts["Reduction"], facts["Norm"] = str(config.reduction), config.norm or "none"
    if fusion.weighted:
        facts["Weight"] = config.weight
    facts["Frozen"] = _frozen(config.frozen_blocks, depth)
    if config.pairs:
        facts["Reads"] = "pairs of texts"
    facts["Trained on"] = config.trained_on or "not said"
    facts["Labels"] = ", ".join(config.id2label.values())
    if config.encoder_borrowed:
        facts["Left out"] = (
            f"{config.encoder_borrowed} weight arrays that the encoder has; {config.encoder_name} is needed beside "
            f"this folder ({config.encoder_fingerprint})"
        )
    return facts


def _frozen(n_blocks: int, depth: int) -> str:
    if n_blocks == depth:
        return "the whole encoder"
    return f"embeddings and the lower {n_blocks} blocks" if n_blocks else "nothing"


def _of_layer(config) -> str:
    return f" of layer {config.layer}" if find_fusion(config.fusion).uses_lower else ""


def _shown(score: float | str) -> str:
    return f"{score:.4f}" if isinstance(score, float) else str(score)
