"""What a fusion model makes of the hidden word, to be read like a layer of the encoder that it stands on."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlfa_core import models
from dlfa_core.experiments.lens.hidden_word import HiddenWord

OWN_LAST, FUSED = "own_last", "fused"


@dataclass(frozen=True, eq=False)
class Fused:
    """States of a fusion model at the first mask.

    Attributes:
        states: float32 (n, hidden).
        names: (n,) what each is, and the layer that it is of: the last, or the one that is fused with it.
        about: the fusion model, for a result's `meta`.
    """

    states: np.ndarray
    names: tuple[tuple[str, int], ...]
    about: dict[str, Any]


def fused_of(name: str, encoder: str, hidden: HiddenWord) -> Fused:
    """Read the sentence with a fusion model.

    Its own last state is read, too, unless its encoder was left as it was: where upper blocks were trained, the output
    for masked words knows neither of the two states, and only the one beside the other says what fusing does.

    Raises:
        ValueError: there is no such fusion model, it fuses nothing, or it stands on another encoder.
    """
    model, _ = models.load_task_model(name)
    config = model.config
    fusion = models.find_fusion(config.fusion) if hasattr(model, "reads") else None
    if fusion and len(model.reads) > 1 and not fusion.uses_lower:
        raise ValueError(
            f"{name!r} fuses all layers, so its fused state belongs beside none of them: name a fusion model with a "
            "layer that was chosen, such as 'demo-pos'."
        )
    if not (fusion and fusion.uses_lower):
        raise ValueError(f"{name!r} fuses no lower layer with its last: name a fusion model, such as 'demo-pos'.")
    if config.encoder_fingerprint != models.fingerprint(encoder):
        raise ValueError(
            f"{name!r} stands on {config.encoder_name!r} and not on {encoder!r}, whose output for masked words would "
            f"read its states: name a fusion model on {encoder!r}."
        )
    depth = config.encoder.num_hidden_layers
    found = models.fused_at(model, hidden.ids, hidden.places[0])
    about = {
        "name": name,
        "fusion": config.fusion,
        "layer": config.layer,
        "below": fusion.lower_said(config.layer, depth),
        "n_layers": depth,
        "frozen_blocks": config.frozen_blocks,
        "shares": found.shares,
        "trained_on": config.trained_on,
    }
    if found.shares:
        return Fused(found.fused[None], ((FUSED, config.layer),), about)
    return Fused(np.stack([found.last, found.fused]), ((OWN_LAST, depth), (FUSED, config.layer)), about)
