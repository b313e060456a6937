"""Which heads a grid of settings asks for."""

from collections.abc import Iterable, Sequence

import pandas as pd

from dlfa_core import models
from dlfa_core.experiments.training.settings import Grid


def plans_of(spec: Grid, n_layers: int, mode: str = "frozen") -> list["models.HeadSpec"]:
    """One head for every fusion, layer, weight and seed that differ, for an encoder with `n_layers` blocks.

    Controls that freeze a part of the encoder are left out where all of it is frozen.

    Raises:
        ValueError: nothing to train, an unknown fusion, a layer that the encoder lacks, or an encoder with one block
            where a lower layer is fused.
    """
    for name in ("fusions", "weights", "seeds"):
        if not getattr(spec, name):
            raise ValueError(f"{name} is empty, so there is nothing to train: name at least one.")
    fusions = [models.find_fusion(name) for name in dict.fromkeys(spec.fusions)]
    if mode == "frozen" and all(fusion.freezes for fusion in fusions):
        check_fusion(fusions[0].name, mode)
    plans = []
    for fusion in fusions:
        if fusion.freezes and mode == "frozen":
            continue
        lower: list[int | None] = [*(spec.layers or range(1, n_layers))] or [None]
        for layer in dict.fromkeys(lower if fusion.uses_lower else [None]):
            fusion.needs(layer, n_layers)
            weights = spec.weights if fusion.uses_lower and fusion.gated else [None]
            plans += [
                models.HeadSpec(fusion.name, layer, weight, seed)
                for weight in dict.fromkeys(weights)
                for seed in dict.fromkeys(spec.seeds)
            ]
    return plans


def fusion_label(name: str, weight: str) -> str:
    """Return a fusion and its weight as a reader sees them: "DLFA gate"."""
    return f"{models.find_fusion(name).label} {weight}".rstrip()


def check_fusion(name: str, mode: str) -> None:
    """Refuse a fusion that means nothing in a mode.

    Raises:
        ValueError: unknown fusion, or one that freezes a part of an encoder of which all is frozen.
    """
    if models.find_fusion(name).freezes and mode == "frozen":
        raise ValueError(
            f"{name} leaves a part of the encoder untrained, which means nothing where all of it is: "
            "use mode=finetune, or fusion last."
        )


def left_out(fusions: Iterable[str], mode: str) -> list[str]:
    """A sentence on each fusion that `plans_of` leaves out in a mode."""
    return [
        f"{models.find_fusion(name).label}: left out, because all of the encoder is frozen here; mode=finetune has it."
        for name in dict.fromkeys(fusions)
        if models.find_fusion(name).freezes and mode == "frozen"
    ]


def frame_of(plans: Sequence["models.HeadSpec"]) -> pd.DataFrame:
    """fusion, layer (missing where there is none), weight ("" where there is none), seed."""
    return pd.DataFrame(
        {
            "fusion": [plan.fusion for plan in plans],
            "layer": pd.array([plan.layer for plan in plans], dtype="Int64"),
            "weight": [plan.weight or "" for plan in plans],
            "seed": [plan.seed for plan in plans],
        }
    )
